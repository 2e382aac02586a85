import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Timeline } from "../../shared/timeline";

/**
 * The seq of the first message that was new when this agent came, or came back to the window; 0 when there was none.
 * What arrives before their eyes needs no line.
 */
export function useNews(timeline: Timeline, me: string): number {
  const [news, setNews] = useState(0);
  /** The newest entry when the window lost the focus; null while it has it. */
  const left = useRef<number | null>(null);
  const head = useRef(timeline.head);
  head.current = timeline.head;

  useLayoutEffect(() => setNews(firstAfter(timeline, timeline.seen, me)), []);

  useEffect(() => {
    const leave = () => {
      left.current = head.current;
    };
    const comeBack = () => {
      left.current = null;
    };
    addEventListener("blur", leave);
    addEventListener("focus", comeBack);
    return () => {
      removeEventListener("blur", leave);
      removeEventListener("focus", comeBack);
    };
  }, []);

  useLayoutEffect(() => {
    const first = left.current === null ? 0 : firstAfter(timeline, left.current, me);
    if (first > 0) setNews(first);
  }, [timeline.head]);

  // Who answers has read them.
  const isAnswered =
    news > 0 &&
    (timeline.pending.some(({ state }) => state !== "failed") ||
      timeline.entries.some(({ seq, kind, author }) => seq > news && kind === "text" && author.ref === me));
  useLayoutEffect(() => {
    if (isAnswered) setNews(0);
  }, [isAnswered]);

  return isAnswered ? 0 : news;
}

function firstAfter(timeline: Timeline, seen: number, me: string): number {
  const first = timeline.entries.find(({ seq, kind, author }) => seq > seen && kind === "text" && author.ref !== me);
  return first?.seq ?? 0;
}
