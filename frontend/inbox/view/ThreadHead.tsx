import { Lamp } from "../../shared/Lamp";
import type { Person } from "../../shared/protocol";
import { duration, sameDay, timeAgo } from "../../shared/time";
import type { Timeline } from "../../shared/timeline";
import type { Inbox } from "../state/inbox";
import { nameOf } from "../state/names";
import { addressOf } from "../state/route";
import type { Verb } from "../state/verbs";
import { strings } from "../strings";
import { useInbox } from "./context";
import { Icon } from "./Icon";
import { Name } from "./Name";
import { presenceOf } from "./RoomRow";

const MINUTE_MS = 60_000;

interface Props {
  room: string;
  timeline: Timeline | undefined;
  customer: Person;
}

/** Who this is, who answers, and what can be done. */
export function ThreadHead({ room, timeline, customer }: Props) {
  const inbox = useInbox();
  const isKnown = inbox.people.known.value;
  const isPresent = timeline?.loaded && timeline.present.some(({ ref }) => ref === customer.ref);
  const isHere = timeline?.loaded ? isKnown && isPresent === true : inbox.people.isHere(customer.ref);
  const name = nameOf(customer);
  return (
    <header class="thread-head">
      <a
        class="back"
        href={addressOf({ view: inbox.route.value.view, room: null })}
        aria-label={strings.backToList}
        title={strings.backToList}
      >
        <Icon name="back" />
      </a>
      <Lamp lit={isHere} label={presenceOf(name, isKnown, isHere)} />
      <div class="thread-who">
        <h2 id="thread-name">{customer.ref === "" ? strings.conversation(room) : <Name of={customer} />}</h2>
        <Facts room={room} timeline={timeline} customer={customer} isHere={isHere} />
      </div>
      {timeline?.loaded && <Verbs room={room} timeline={timeline} />}
    </header>
  );
}

function Facts({ room, timeline, customer, isHere }: Props & { isHere: boolean }) {
  const inbox = useInbox();
  if (!timeline?.loaded) return <p class="quiet">&nbsp;</p>;
  const me = inbox.people.myRef.value;
  const sites = inbox.people.sites.value;
  const site = sites.length < 2 ? undefined : sites.find(({ key }) => key === inbox.book.line(room)?.summary.site);
  const isKnown = inbox.people.known.value;
  const { owner } = timeline;
  const others = timeline.present.filter(
    ({ ref }) => isKnown && !ref.startsWith("customer:") && ref !== me && ref !== owner?.ref,
  );
  const facts = [
    !isKnown
      ? strings.notConnected
      : isHere
        ? strings.here
        : absenceOf(lastHere(inbox, timeline, customer), inbox.time.shown.value),
    timeline.status === "resolved" ? strings.resolved : null,
    owner === null ? strings.unowned : owner.ref === me ? strings.yours : strings.ownedBy(nameOf(owner)),
    site?.name ?? null,
    others.length > 0 ? strings.alsoHere(others.map(nameOf).join(", ")) : null,
  ];
  return <p class="facts quiet">{facts.map((fact) => fact !== null && <span key={fact}>{fact}</span>)}</p>;
}

// What this page saw itself is newer than what the server knew when the conversation was opened.
function lastHere({ people }: Inbox, { lastSeen }: Timeline, { ref }: Person): number | null {
  const left = people.leftAt(ref);
  return left === null ? lastSeen : Math.max(left, lastSeen ?? 0);
}

function absenceOf(at: number | null, now: number): string {
  if (at === null) return strings.gone;
  if (now - at < MINUTE_MS) return strings.justGone;
  return sameDay(at, now) ? strings.lastHereAgo(duration(now - at)) : strings.lastHere(timeAgo(at, now));
}

/** At most one of them is the primary action; while a reply is the thing to do, none is. */
function Verbs({ room, timeline }: { room: string; timeline: Timeline }) {
  const verbs: Verb[] =
    timeline.status === "resolved" ? ["reopen"] : timeline.owner === null ? ["resolve", "claim"] : ["resolve"];
  return (
    <div class="verbs">
      {verbs.map((verb) => (
        <VerbButton key={verb} room={room} verb={verb} timeline={timeline} />
      ))}
    </div>
  );
}

function VerbButton({ room, verb, timeline }: { room: string; verb: Verb; timeline: Timeline }) {
  const { verbs, socket } = useInbox();
  const deed = verbs.deeds.value.get(room);
  // An acknowledged change shows when its entry is here: until then the button stays as it was pressed.
  const isBusy = deed?.state === "asked" || (deed?.state === "done" && deed.seq > timeline.head);
  const keys = strings.keys[verb === "claim" ? "claim" : "resolve"].join(" ");
  return (
    <button
      type="button"
      class={verb === "claim" ? "button button-primary" : "button"}
      disabled={isBusy || socket.state.value !== "online"}
      aria-busy={isBusy && deed?.verb === verb}
      title={keys}
      onClick={() => verbs.ask(room, verb)}
    >
      {strings.verb[verb]}
    </button>
  );
}
