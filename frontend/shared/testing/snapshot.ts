import type { Entry, RoomSnapshot } from "../protocol";

/** An open room of nobody's, as a server would send it, but for what is said otherwise. */
export function roomSnapshot(room: string, entries: Entry[], over: Partial<RoomSnapshot> = {}): RoomSnapshot {
  return {
    room,
    head: entries.at(-1)?.seq ?? 0,
    status: "open",
    owner: null,
    entries,
    seen: 0,
    receipt: { delivered: 0, seen: 0 },
    last_seen: null,
    present: [],
    ...over,
  };
}
