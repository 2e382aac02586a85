import type { Timeline } from "../../shared/timeline";
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
  const me = useInbox().people.myRef.value;
  const typists = timeline?.typing.filter(({ who }) => who.ref !== me) ?? [];
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
  const { socket, writing } = useInbox();
  const words = () => {
    if (socket.state.value === "offline") return strings.writingOffline;
    if (!timeline?.loaded || writing.mode.value === "note") return "";
    if (timeline.status === "resolved") return strings.resolvedReply;
    return timeline.owner === null ? strings.unownedReply : "";
  };
  const hint = words();
  return hint === "" ? null : (
    <p class="hint" title={hint}>
      {hint}
    </p>
  );
}
