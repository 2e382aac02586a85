// Reads JSON lines {"snapshot", "frames"} and prints what the reducer makes of each: for the server's property
// test that snapshot(n) and the frames n+1..m give snapshot(m).
import { createInterface } from "node:readline";
import type { RoomSnapshot } from "./protocol";
import { apply, emptyTimeline, type TimelineEvent } from "./timeline";

interface Case {
  snapshot: RoomSnapshot;
  frames: TimelineEvent[];
}

for await (const line of createInterface({ input: process.stdin })) {
  const { snapshot, frames } = JSON.parse(line) as Case;
  const opened = apply(emptyTimeline(snapshot.room), { type: "snapshot", snapshot });
  const { head, status, owner, entries, seen } = frames.reduce((timeline, frame) => apply(timeline, frame), opened);
  process.stdout.write(`${JSON.stringify({ head, status, owner, entries, seen })}\n`);
}
