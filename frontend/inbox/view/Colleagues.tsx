import { Lamp } from "../../shared/Lamp";
import type { Colleague } from "../../shared/protocol";
import { strings } from "../strings";
import { useInbox } from "./context";
import { Name } from "./Name";

const STATE: Record<Colleague["state"], string> = {
  online: strings.online,
  away: strings.away,
  offline: strings.offline,
};

/** The other agents, each with a lamp. */
export function Colleagues() {
  const { people } = useInbox();
  const colleagues = people.colleagues.value;
  const isKnown = people.known.value;
  if (colleagues.length === 0) return null;
  return (
    <div class="colleagues">
      <h2>{strings.colleagues}</h2>
      <ul>
        {colleagues.map((each) => (
          <li key={each.ref} data-state={isKnown ? each.state : "offline"}>
            <Lamp lit={isKnown && each.state === "online"} label={isKnown ? STATE[each.state] : strings.notConnected} />
            <Name of={each} />
            {isKnown && each.state === "away" && <span class="quiet">{STATE.away}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}
