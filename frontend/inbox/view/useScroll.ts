import type { RefObject } from "preact";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { hasOlder, type Timeline } from "../../shared/timeline";
import { useInbox } from "./context";

const AT_END = 24;
const NEAR_TOP = 600;

interface Scroll {
  readonly ref: RefObject<HTMLElement | null>;
  readonly onScroll: () => void;
  readonly toLatest: () => void;
  readonly isAway: boolean;
  /** The newest entry when the end was last on screen. */
  readonly since: number;
}

/**
 * The scroller of a conversation lies in a column-reverse box: 0 is the end and stays the end when things grow,
 * whatever is loaded above. It asks for older pages, and reports what was on screen in a focused window.
 */
export function useScroll(timeline: Timeline): Scroll {
  const inbox = useInbox();
  const ref = useRef<HTMLElement | null>(null);
  const [isAway, setAway] = useState(false);
  const since = useRef(timeline.head);
  const { room, head } = timeline;
  const first = timeline.entries[0]?.seq ?? 0;
  const pending = timeline.pending.length;

  const look = useCallback(() => {
    const box = ref.current;
    if (box === null) return;
    // Right-to-left pages scroll sideways negatively, never up and down: this is negative or 0 everywhere.
    const fromEnd = Math.abs(box.scrollTop);
    const atEnd = fromEnd <= AT_END;
    setAway(!atEnd);
    if (atEnd) since.current = head;
    if (atEnd && document.hasFocus() && document.visibilityState === "visible") inbox.seen(room, head);
    if (box.scrollHeight - box.clientHeight - fromEnd < NEAR_TOP && first > 1) inbox.history.ask(room);
  }, [inbox, room, head, first]);

  const isOnline = inbox.socket.state.value === "online";
  useLayoutEffect(look, [look, isOnline]);

  useEffect(() => {
    addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      removeEventListener("focus", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, [look]);

  const toLatest = useCallback(() => ref.current?.scrollTo({ top: 0 }), []);
  const sent = useRef(pending);
  useLayoutEffect(() => {
    // Who sends wants to see it.
    if (pending > sent.current) toLatest();
    sent.current = pending;
  }, [pending, toLatest]);

  return {
    ref,
    onScroll: look,
    toLatest,
    isAway: isAway && (hasOlder(timeline) || timeline.entries.length > 0),
    since: since.current,
  };
}
