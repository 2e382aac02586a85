import { Lamp } from "../../shared/Lamp";
import type { RoomSummary } from "../../shared/protocol";
import { initialsOf } from "../../shared/text";
import { duration, exactTime, timeAgo } from "../../shared/time";
import { nameOf } from "../state/names";
import { unreadOf } from "../state/roomBook";
import { addressOf } from "../state/route";
import type { View } from "../state/views";
import { urgencyOf } from "../state/waiting";
import { strings } from "../strings";
import { useInbox } from "./context";
import { Name } from "./Name";

const MINUTE_MS = 60_000;

/** One conversation in the list. */
export function RoomRow({ room, view, isCurrent }: { room: string; view: View; isCurrent: boolean }) {
  const { book, people } = useInbox();
  const line = book.line(room);
  if (line === undefined) return null;
  const { summary } = line;
  const { customer, owner } = summary;
  const isHere = people.isHere(customer.ref);
  const unread = unreadOf(line);
  const name = nameOf(customer);
  const sites = people.sites.value;
  return (
    <li class="row" data-unread={unread > 0 ? "" : undefined}>
      <a href={addressOf({ view, room })} aria-current={isCurrent ? "true" : undefined}>
        <Lamp lit={isHere} label={presenceOf(name, people.known.value, isHere)} />
        <span class="row-top">
          <span class="row-name">
            <Name of={customer} />
          </span>
          <RowTime summary={summary} />
        </span>
        <span class="row-bottom">
          <LastLine summary={summary} />
          {unread > 0 && (
            <span class="unread">
              <span dir="ltr">{unread > 99 ? "99+" : unread}</span>
              <span class="hidden"> {strings.unread(unread)}</span>
            </span>
          )}
          {owner !== null && view !== "mine" && (
            <span class="initials" title={strings.ownedBy(nameOf(owner))}>
              <span aria-hidden="true">{initialsOf(nameOf(owner))}</span>
              <span class="hidden">{strings.ownedBy(nameOf(owner))}</span>
            </span>
          )}
        </span>
        {sites.length > 1 && (
          <span class="row-site quiet">
            <bdi>{sites.find(({ key }) => key === summary.site)?.name}</bdi>
          </span>
        )}
      </a>
    </li>
  );
}

export function presenceOf(name: string, isKnown: boolean, isHere: boolean): string {
  if (!isKnown) return strings.notConnected;
  return isHere ? strings.nameIsHere(name) : strings.nameIsGone(name);
}

function LastLine({ summary: { last } }: { summary: RoomSummary }) {
  const { people } = useInbox();
  if (last === null) return <span class="row-line quiet">{strings.noLine}</span>;
  const { ref } = last.author;
  const author =
    ref === people.myRef.value
      ? strings.yourLine
      : ref.startsWith("customer:")
        ? ""
        : strings.lineOf(nameOf(last.author));
  return (
    <span class="row-line" dir="auto">
      {author !== "" && <span class="row-author">{author} </span>}
      <bdi>{last.text}</bdi>
    </span>
  );
}

/** How long the customer has waited for an answer; when nobody waits, when something was last said. */
function RowTime({ summary }: { summary: RoomSummary }) {
  const now = useInbox().time.shown.value;
  const { waiting_since: since, status, last, created_at } = summary;
  if (since === null || status !== "open") {
    const at = last?.at ?? created_at;
    return (
      <time class="row-time" dir="auto" dateTime={new Date(at).toISOString()} title={exactTime(at)}>
        {timeAgo(at, now)}
      </time>
    );
  }
  const urgency = urgencyOf(since, now);
  const words = { calm: strings.waiting, near: strings.waitingNear, past: strings.waitingPast }[urgency];
  return (
    <time
      class={`row-time row-time-${urgency}`}
      dir="auto"
      dateTime={new Date(since).toISOString()}
      title={strings.waitingSince(exactTime(since))}
    >
      {now - since < MINUTE_MS ? strings.waitingNew : words(duration(now - since))}
    </time>
  );
}
