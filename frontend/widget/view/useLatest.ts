import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Timeline } from "../../shared/timeline";
import type { Chat } from "../chat";

// Closer to an end than this counts as there.
const NEAR = 48;
const NEAR_TOP = 160;

interface Latest {
  /** Whether the newest entry is out of sight. */
  away: Signal<boolean>;
  /** Texts of others that came since. */
  below: Signal<number>;
  onScroll(): void;
  jump(): void;
}

/**
 * Keeps the newest in sight for a reader who is at the end, and the place for one who is not; asks for older
 * entries near the top; marks as seen what is on screen in a focused window.
 */
export function useLatest(
  scroller: RefObject<HTMLDivElement | null>,
  timeline: Timeline | null,
  visible: boolean,
  chat: Chat,
): Latest {
  const away = useSignal(false);
  const below = useSignal(0);
  const last = useRef({ height: 0, first: 0, head: 0, pending: 0 });

  const look = () => {
    if (visible && !away.peek() && !document.hidden && document.hasFocus()) chat.markSeen();
  };
  const jump = () => {
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
    away.value = false;
    below.value = 0;
    look();
  };
  const onScroll = () => {
    const element = scroller.current;
    if (!element || element.clientHeight === 0) return;
    away.value = element.scrollHeight - element.scrollTop - element.clientHeight > NEAR;
    if (!away.peek()) {
      below.value = 0;
      look();
    }
    if (element.scrollTop < NEAR_TOP) chat.loadOlder();
  };

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const before = last.current;
    const first = timeline?.entries[0]?.seq ?? 0;
    const head = timeline?.head ?? 0;
    const pending = timeline?.pending.length ?? 0;
    if (first < before.first) element.scrollTop += element.scrollHeight - before.height;
    else if (!away.peek() || pending > before.pending) jump();
    else below.value += newTexts(timeline, before.head, chat.you.peek().ref);
    last.current = { height: element.scrollHeight, first, head, pending };
  }, [timeline, visible]);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    // The composer grows, the keyboard comes: who was at the end stays there.
    const observer = new ResizeObserver(() => away.peek() || jump());
    observer.observe(element);
    addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      observer.disconnect();
      removeEventListener("focus", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, [visible]);

  return { away, below, onScroll, jump };
}

function newTexts(timeline: Timeline | null, head: number, me: string): number {
  const entries = timeline?.entries ?? [];
  return entries.filter(({ seq, kind, author }) => seq > head && kind === "text" && author.ref !== me).length;
}
