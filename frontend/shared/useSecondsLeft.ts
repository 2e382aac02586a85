import { useEffect, useState } from "preact/hooks";

const TICK_MS = 500;

/** How many seconds are left until a moment, coarsely: a number that changes all the time is hard to read. */
export function useSecondsLeft(until: number | null): number {
  const [now, setNow] = useState(Date.now());
  const isRunning = until !== null;
  useEffect(() => {
    if (!isRunning) return;
    setNow(Date.now());
    const ticking = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(ticking);
  }, [isRunning]);
  return coarse(((until ?? now) - now) / 1000);
}

/** 1, 2, then fives: rounded up, so that what was promised comes sooner and not later. */
export function coarse(seconds: number): number {
  if (seconds <= 1) return 1;
  return seconds <= 2 ? 2 : Math.ceil(seconds / 5) * 5;
}
