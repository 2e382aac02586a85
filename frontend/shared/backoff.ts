import { CLOSE_GOING_AWAY } from "./protocol";

const SHORTEST = 500;
const LONGEST = 30_000;
// A restarting server lets go of everybody at once: the return is spread over this long.
const RESTART_SPREAD = 10_000;

/** Milliseconds to wait before attempt `failures + 1`: full jitter within 0.5 to 30 s. */
export function backoff(failures: number, random: () => number, closeCode?: number): number {
  const ceiling =
    closeCode === CLOSE_GOING_AWAY && failures <= 1 ? RESTART_SPREAD : Math.min(LONGEST, SHORTEST * 2 ** failures);
  return SHORTEST + random() * (Math.max(ceiling, SHORTEST * 2) - SHORTEST);
}
