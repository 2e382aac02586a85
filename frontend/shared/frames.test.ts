import { describe, expect, test } from "vitest";
import type { ServerToAgent, ServerToCustomer } from "./protocol";
import { apply, emptyTimeline, type Timeline, type TimelineEvent } from "./timeline";

type ServerFrame = ServerToCustomer | ServerToAgent;

// The server's tests write these; both sides read them.
const golden = import.meta.glob<unknown>("../../tests/frames/*.json", { eager: true, import: "default" });

const TIMELINE = ["ack", "error", "entry", "entries", "history", "snapshot", "seen", "typing", "room.presence"];

describe.skipIf(Object.keys(golden).length === 0)("golden frames", () => {
  test.each(Object.entries(golden))("%s is taken by the reducer without breaking a room", (_path, content) => {
    for (const frame of framesIn(content)) {
      expect(typeof frame.type).toBe("string");
      if (!TIMELINE.includes(frame.type)) continue;
      const timeline = apply(emptyTimeline("a", true), frame as TimelineEvent, 1_000);
      expectWhole(timeline);
      expectWhole(apply(timeline, frame as TimelineEvent, 1_000));
    }
  });
});

// A file holds one frame, a list of them, or a map of named ones.
function framesIn(content: unknown): ServerFrame[] {
  if (content === null || typeof content !== "object") return [];
  if ("type" in content && typeof content.type === "string") return [content as ServerFrame];
  return Object.values(content).flatMap(framesIn);
}

function expectWhole(timeline: Timeline): void {
  const seqs = timeline.entries.map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
  if (seqs.length > 0) expect(timeline.head).toBe(seqs.at(-1));
  expect(["open", "resolved"]).toContain(timeline.status);
}
