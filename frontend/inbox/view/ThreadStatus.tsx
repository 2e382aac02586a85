import type { Timeline } from "../../shared/timeline";
import { useSecondsLeft } from "../../shared/useSecondsLeft";
import { nameOf } from "../state/names";
import { strings } from "../strings";
import { useInbox } from "./context";

/** The line above the composer: who is typing, and what to know before sending. Its place is kept while it is empty. */
export function ThreadStatus({ timeline }: { timeline: Timeline | undefined }) {
  return (
    <div class="thread-status quiet">
      <Typing timeline={timeline} />
      <Hint timeline={timeline} />
    </div>
  );
}

function Typing({ timeline }: { timeline: Timeline | undefined }) {
  const { people } = useInbox();
  const me = people.myRef.value;
  const typists = people.known.value ? (timeline?.typing.filter(({ who }) => who.ref !== me) ?? []) : [];
  const [first] = typists;
  if (first === undefined) return null;
  return (
    <p class="typing">
      <span class="typing-dots" aria-hidden="true">
        <span />
        <span />
        <span />
      </span>
      {typists.length === 1 ? strings.typing(nameOf(first.who)) : strings.typingMany}
    </p>
  );
}

function Hint({ timeline }: { timeline: Timeline | undefined }) {
  const { cutOff, people, writing } = useInbox();
  const slowUntil = writing.slowUntil.value;
  const seconds = useSecondsLeft(slowUntil);
  const words = () => {
    const unkept = writing.unkept.value;
    const offline = navigator.onLine === false;
    if (cutOff.value && unkept) return offline ? strings.offlineUnkept : strings.unreachableUnkept;
    if (cutOff.value) return offline ? strings.writingOffline : strings.writingUnreachable;
    if (unkept) return strings.unkept;
    if (slowUntil !== null) return strings.tooFast(seconds);
    if (!timeline?.loaded || writing.mode.value === "note") return "";
    if (timeline.status === "resolved") return strings.resolvedReply;
    if (timeline.owner === null) return strings.unownedReply;
    return timeline.owner.ref === people.myRef.value ? "" : strings.ownedReply(nameOf(timeline.owner));
  };
  const hint = words();
  return hint === "" ? null : (
    <p class="hint" title={hint}>
      {hint}
    </p>
  );
}
