import type { Timeline } from "../../shared/timeline";
import type { Mode } from "../state/drafts";
import { strings } from "../strings";
import { useInbox } from "./context";

/** What to know before sending. */
export function ComposerHint({
  timeline,
  mode,
  hasText,
}: {
  timeline: Timeline | undefined;
  mode: Mode;
  hasText: boolean;
}) {
  const inbox = useInbox();
  const words = () => {
    if (inbox.socket.state.value === "offline") return strings.writingOffline;
    if (!timeline?.loaded || mode === "note" || !hasText) return "";
    if (timeline.status === "resolved") return strings.resolvedReply;
    return timeline.owner === null ? strings.unownedReply : "";
  };
  const hint = words();
  return hint === "" ? null : <p class="composer-hint quiet">{hint}</p>;
}
