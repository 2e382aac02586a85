import { beforeEach, expect, test } from "vitest";
import { OwnMarks } from "./ownMarks";
import { TestClock } from "./testing/clock";

let clock: TestClock;
let sent: Record<string, number>[];
let online: boolean;
let seen: number[];
let own: OwnMarks;

beforeEach(() => {
  clock = new TestClock();
  sent = [];
  online = true;
  seen = [];
  own = new OwnMarks((frame) => {
    if (online && frame.type === "delivered") sent.push(frame.marks);
    if (online && frame.type === "seen") seen.push(frame.seq);
    return online;
  }, clock);
});

test("what arrives together is told together, at most once a second", async () => {
  own.arrived("a", 1);
  own.arrived("b", 4);
  await clock.pass(0);
  expect(sent).toEqual([{ a: 1, b: 4 }]);
  own.arrived("a", 2);
  own.arrived("a", 3);
  await clock.pass(999);
  expect(sent).toHaveLength(1);
  await clock.pass(1);
  expect(sent[1]).toEqual({ a: 3 });
});

test("what did not move is not told", async () => {
  own.arrived("a", 3);
  await clock.pass(0);
  own.arrived("a", 3);
  own.arrived("a", 2);
  own.arrived("b", 0);
  await clock.pass(5_000);
  expect(sent).toEqual([{ a: 3 }]);
});

test("a new connection hears all of it, as the one before may have lost it", async () => {
  own.arrived("a", 1);
  await clock.pass(2_000);
  online = false;
  own.arrived("b", 1);
  await clock.pass(2_000);
  online = true;
  own.connected();
  await clock.pass(0);
  expect(sent).toEqual([{ a: 1 }, { a: 1, b: 1 }]);
});

test("more rooms than one frame may name are told one after the other", async () => {
  for (let room = 0; room < 150; room++) own.arrived(String(room), 1);
  await clock.pass(0);
  expect(Object.keys(sent[0] ?? {})).toHaveLength(100);
  await clock.pass(1_000);
  expect(Object.keys(sent[1] ?? {})).toHaveLength(50);
});

test("a server that does not know the frame hears no more of it until the next connection", async () => {
  own.arrived("a", 1);
  await clock.pass(0);
  own.notUnderstood();
  own.arrived("a", 2);
  await clock.pass(5_000);
  expect(sent).toHaveLength(1);
  own.connected();
  await clock.pass(0);
  expect(sent[1]).toEqual({ a: 2 });
});

test("of a room that began again, its new numbers are told", async () => {
  for (const room of ["a", "b"]) own.arrived(room, 10);
  own.seen("a", 10);
  own.forget("a");
  own.arrived("a", 5);
  await clock.pass(0);
  expect(sent).toEqual([{ a: 5, b: 10 }]);
  expect(own.seen("a", 6)).toBe(true);
  own.connected();
  expect(seen).toEqual([10, 6, 6]);
});

test("what was seen is told once, and again to a new connection", () => {
  expect(own.seen("a", 2)).toBe(true);
  expect(own.seen("a", 2)).toBe(false);
  expect(own.seen("a", 1)).toBe(false);
  own.connected();
  expect(seen).toEqual([2, 2]);
  online = false;
  expect(own.seen("a", 3)).toBe(false);
  online = true;
  expect(own.seen("a", 3)).toBe(true);
});
