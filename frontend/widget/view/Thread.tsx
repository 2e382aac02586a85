import { Fragment } from "preact";
import { useRef } from "preact/hooks";
import { type Group, groupsOf } from "../../shared/groups";
import type { Entry } from "../../shared/protocol";
import { dayName, sameDay } from "../../shared/time";
import { hasOlder, type Timeline } from "../../shared/timeline";
import type { Chat } from "../chat";
import { panel as words } from "../strings";
import { GroupView, nameOf } from "./GroupView";
import { Icon } from "./Icon";
import { Opening } from "./Opening";
import { useLatest } from "./useLatest";

/** The conversation: oldest above, newest below, staying where the reader is. */
export function Thread({ chat, visible }: { chat: Chat; visible: boolean }) {
  const timeline = chat.timeline.value;
  const scroller = useRef<HTMLDivElement>(null);
  const latest = useLatest(scroller, timeline, visible, chat);
  const empty = !timeline || (timeline.entries.length === 0 && timeline.pending.length === 0);
  return (
    <div class="thread">
      <div
        class="scroller"
        ref={scroller}
        onScroll={latest.onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={words.messages}
      >
        {empty ? <Opening chat={chat} /> : <Log chat={chat} timeline={timeline} />}
        <TypingLine timeline={timeline} me={chat.you.value.ref} />
        {timeline?.status === "resolved" && !timeline.pending.length && (
          <p class="ended">
            <strong>{words.ended}</strong> {words.endedHint}
          </p>
        )}
      </div>
      {latest.away.value && (
        <button type="button" class="jump" aria-label={words.latest} onClick={latest.jump}>
          {latest.below.value > 0 && <span>{words.newMessages(latest.below.value)}</span>}
          <Icon name="down" />
        </button>
      )}
    </div>
  );
}

function Log({ chat, timeline }: { chat: Chat; timeline: Timeline }) {
  const before = useRef<Group[]>([]);
  const me = chat.you.value;
  const groups = groupsOf(withoutLastEnd(timeline), timeline.pending, me, { before: before.current });
  before.current = groups;
  return (
    <ol class="log">
      {hasOlder(timeline) && <li class="system older">{chat.loadingOlder.value ? words.older : ""}</li>}
      {groups.map((group, index) => (
        <Fragment key={group.key}>
          <Day at={firstAt(group)} previous={firstAt(groups[index - 1])} />
          <GroupView group={group} own={group.author.ref === me.ref} chat={chat} />
        </Fragment>
      ))}
    </ol>
  );
}

// While the conversation is over, the words below the log say so.
function withoutLastEnd({ entries, status, pending }: Timeline): readonly Entry[] {
  const isOver = status === "resolved" && pending.length === 0 && entries.at(-1)?.kind === "status";
  return isOver ? entries.slice(0, -1) : entries;
}

function Day({ at, previous }: { at: number; previous: number }) {
  if (sameDay(at, previous)) return null;
  return <li class="day">{dayName(at, Date.now())}</li>;
}

function firstAt(group: Group | undefined): number {
  return group?.items[0]?.at ?? 0;
}

function TypingLine({ timeline, me }: { timeline: Timeline | null; me: string }) {
  const typist = timeline?.typing.find(({ who }) => who.ref !== me);
  return (
    <p class="typing">
      {typist && (
        <>
          <span class="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <bdi>{words.typing(nameOf(typist.who))}</bdi>
        </>
      )}
    </p>
  );
}
