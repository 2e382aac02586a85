import type { RoomSummary, RoomsList } from "../../shared/protocol";

export type View = RoomsList["view"];

export const VIEWS: readonly View[] = ["mine", "unassigned", "all", "resolved"];

/** Whether a conversation belongs to a view, for the agent `me`. */
export function belongs(room: RoomSummary, view: View, me: string): boolean {
  if (view === "resolved") return room.status === "resolved";
  if (room.status !== "open") return false;
  if (view === "mine") return room.owner?.ref === me;
  if (view === "unassigned") return room.owner === null;
  return true;
}

/** Who waits longest comes first; those who do not wait follow, newest activity first. */
export function byUrgency(a: RoomSummary, b: RoomSummary): number {
  if (a.waiting_since !== null && b.waiting_since !== null) {
    return a.waiting_since - b.waiting_since || newestFirst(a, b);
  }
  if (a.waiting_since !== null) return -1;
  if (b.waiting_since !== null) return 1;
  return lastActivity(b) - lastActivity(a) || newestFirst(a, b);
}

/** Whether the server lists `room` after `last`: who does not wait comes by number there, newest first. */
export function isListedAfter(room: RoomSummary, last: RoomSummary): boolean {
  if (room.waiting_since === null) return last.waiting_since !== null || newestFirst(last, room) < 0;
  if (last.waiting_since === null) return false;
  return (
    room.waiting_since > last.waiting_since ||
    (room.waiting_since === last.waiting_since && newestFirst(last, room) < 0)
  );
}

function lastActivity(room: RoomSummary): number {
  return room.last?.at ?? room.created_at;
}

function newestFirst(a: RoomSummary, b: RoomSummary): number {
  return Number(b.room) - Number(a.room);
}
