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
  const colleagues = useInbox().people.colleagues.value;
  if (colleagues.length === 0) return null;
  return (
    <div class="colleagues">
      <h2>{strings.colleagues}</h2>
      <ul>
        {colleagues.map((each) => (
          <li key={each.ref} data-state={each.state}>
            <Lamp lit={each.state === "online"} label={STATE[each.state]} />
            <Name of={each} />
            {each.state === "away" && <span class="quiet">{STATE.away}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}
