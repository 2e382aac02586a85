import { expect, test } from "vitest";
import type { ServerToAgent, ServerToCustomer } from "./protocol";
import { apply, emptyTimeline, type Timeline, type TimelineEvent } from "./timeline";

type ServerFrame = ServerToCustomer | ServerToAgent;

// The server's tests write these; both sides read them.
const golden = import.meta.glob<ServerFrame[]>("../../tests/frames/server_to_*.json", {
  eager: true,
  import: "default",
});

const TIMELINE = [
  "ack",
  "error",
  "entry",
  "entries",
  "history",
  "snapshot",
  "seen",
  "receipt",
  "typing",
  "room.presence",
];

test("golden frames are there for both audiences", () => {
  expect(Object.keys(golden)).toHaveLength(2);
});

test.each(Object.entries(golden))(
  "every frame of %s leaves a room whole, also when it comes twice",
  (_path, frames) => {
    for (const event of frames.flatMap(eventsOf)) {
      const timeline = apply(emptyTimeline("a", true), event, 1_000);
      expectWhole(timeline);
      expectWhole(apply(timeline, event, 1_000));
    }
  },
);

function eventsOf(frame: ServerFrame): TimelineEvent[] {
  if (frame.type === "welcome") {
    return "rooms" in frame ? frame.rooms.map((snapshot) => ({ type: "snapshot", snapshot })) : [];
  }
  return TIMELINE.includes(frame.type) ? [frame as TimelineEvent] : [];
}

function expectWhole(timeline: Timeline): void {
  const seqs = timeline.entries.map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
  if (seqs.length > 0) expect(timeline.head).toBe(seqs.at(-1));
  expect(["open", "resolved"]).toContain(timeline.status);
}
