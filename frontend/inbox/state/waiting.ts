// Most people have left a chat that did not answer within some five minutes.
const TOO_LONG_MS = 5 * 60_000;
const NEAR_MS = 3 * 60_000;

export type Urgency = "calm" | "near" | "past";

/** How close a wait is to being too long. */
export function urgencyOf(since: number, now: number): Urgency {
  if (now - since >= TOO_LONG_MS) return "past";
  return now - since >= NEAR_MS ? "near" : "calm";
}
