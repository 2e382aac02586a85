import { useComputed } from "@preact/signals";
import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import { type Group, groupsOf, isPending } from "../../shared/groups";
import type { Person } from "../../shared/protocol";
import { dayName, sameDay } from "../../shared/time";
import { hasOlder, type Timeline } from "../../shared/timeline";
import { nameOf } from "../state/names";
import { strings } from "../strings";
import { useInbox } from "./context";
import { GroupView } from "./GroupView";
import { Icon } from "./Icon";
import { useNews } from "./useNews";
import { useScroll } from "./useScroll";

const SYSTEM: ReadonlySet<Group["kind"]> = new Set(["assignment", "status"]);

/** The entries of a conversation, newest at the bottom; follows the end unless scrolled away from it. */
export function Log({ timeline, customer }: { timeline: Timeline; customer: Person }) {
  const inbox = useInbox();
  const me = inbox.people.me.value;
  const news = useNews(timeline, me.ref);
  const scroll = useScroll(timeline);
  const groups = useRef<Group[]>([]);
  const { room } = timeline;
  // A signal of its own: what was seen meanwhile draws its ticks anew, and not the whole log.
  const receipt = useComputed(() => inbox.rooms.get(room)?.value.receipt ?? timeline.receipt);
  const kept = useRef(new WeakMap<Group, VNode>());
  groups.current = groupsOf(timeline.entries, timeline.pending, me, { splitAt: news, before: groups.current });

  const viewOf = (group: Group): VNode => {
    const view = kept.current.get(group) ?? <GroupView key={group.key} group={group} me={me.ref} receipt={receipt} />;
    kept.current.set(group, view);
    return view;
  };

  return (
    <div class="log-frame">
      <section
        class="log-scroll"
        ref={scroll.ref}
        onScroll={scroll.onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
        tabIndex={0}
        aria-label={strings.log(nameOf(customer))}
      >
        <div class="log" role="log" aria-live="off">
          <p class="log-top quiet">{hasOlder(timeline) ? strings.older : strings.beginning}</p>
          <ol>
            {groups.current.flatMap((group, at) => [
              <Day key={`day ${group.key}`} group={group} before={groups.current[at - 1]} />,
              isFirstNews(group, news) && (
                <li key="news" class="news">
                  <span>{strings.news}</span>
                </li>
              ),
              viewOf(group),
            ])}
          </ol>
        </div>
      </section>
      {scroll.isAway && <Latest since={scroll.since} timeline={timeline} me={me.ref} onClick={scroll.toLatest} />}
    </div>
  );
}

function Day({ group, before }: { group: Group; before: Group | undefined }) {
  const now = useInbox().time.shown.value;
  const at = group.items[0]?.at ?? 0;
  const previous = before?.items.at(-1)?.at;
  if (previous !== undefined && sameDay(previous, at)) return null;
  return (
    <li class="day">
      <time dateTime={new Date(at).toISOString().slice(0, 10)}>{dayName(at, now)}</time>
    </li>
  );
}

function Latest(props: { since: number; timeline: Timeline; me: string; onClick: () => void }) {
  const { since, timeline, me, onClick } = props;
  const count = timeline.entries.filter(
    ({ seq, kind, author }) => seq > since && !SYSTEM.has(kind) && author.ref !== me,
  ).length;
  return (
    <button type="button" class="latest" onClick={onClick}>
      <Icon name="down" />
      {count > 0 ? strings.latestNews(count) : strings.latest}
    </button>
  );
}

function isFirstNews(group: Group, news: number): boolean {
  const first = group.items[0];
  return news > 0 && first !== undefined && !isPending(first) && first.seq === news;
}
