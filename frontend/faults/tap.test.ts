import { expect, test } from "vitest";
import { Tap } from "./tap";

function tapped(frame: object): Tap {
  const tap = new Tap(
    () => {},
    () => 7,
  );
  tap.received(frame as Parameters<Tap["received"]>[0]);
  return tap;
}

test.each([
  { type: "typing", room: "9" },
  { type: "snapshot", snapshot: { room: "9", entries: [] } },
  { type: "summary", summary: { room: "9" } },
  { type: "rooms", rooms: [{ room: "9" }] },
  { type: "rooms", rooms: [], seen_texts: { 9: 1 } },
  { type: "heartbeat", heads: { 9: 1 }, receipts: {}, marks: {} },
  { type: "heartbeat", heads: {}, receipts: { 9: { delivered: 1, seen: 1 } }, marks: {} },
  { type: "heartbeat", heads: {}, receipts: {}, marks: { 9: { seq: 1, texts: 1 } } },
  { type: "welcome", rooms: [{ room: "9", entries: [] }] },
])("a room is heard of, wherever $type has it", (frame) => {
  expect(tapped(frame).heard).toEqual({ 9: [1, 7] });
});

test.each([
  { type: "entry", entry: { seq: 1, kind: "note" } },
  { type: "entries", entries: [{ seq: 1, kind: "note" }] },
  { type: "snapshot", snapshot: { entries: [{ seq: 1, kind: "note" }] } },
  { type: "welcome", rooms: [{ entries: [{ seq: 1, kind: "note" }] }] },
])("a note is noticed, wherever $type has it", (frame) => {
  expect(tapped(frame).kinds["entry:note"]).toBe(1);
});

test.each([
  { type: "rooms", present: ["customer:x"] },
  { type: "welcome", customers_online: ["customer:x"] },
  { type: "entry", entry: { seq: 1, kind: "text", author: { ref: "customer:x", name: "" } } },
])("a person is heard of, wherever $type has them", (frame) => {
  expect(tapped(frame).people).toEqual({ "customer:x": [1, 7] });
});

test("what somebody typed names nobody", () => {
  expect(tapped({ type: "entry", entry: { body: "customer:x" } }).people).toEqual({});
});
