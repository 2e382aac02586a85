import { beforeEach, expect, test } from "vitest";
import { Arrivals } from "./arrivals";
import { TestClock } from "./testing/clock";

let clock: TestClock;
let sent: Record<string, number>[];
let online: boolean;
let arrivals: Arrivals;

beforeEach(() => {
  clock = new TestClock();
  sent = [];
  online = true;
  arrivals = new Arrivals(({ marks }) => {
    if (online) sent.push(marks);
    return online;
  }, clock);
});

test("what arrives together is told together, at most once a second", async () => {
  arrivals.note("a", 1);
  arrivals.note("b", 4);
  await clock.pass(0);
  expect(sent).toEqual([{ a: 1, b: 4 }]);
  arrivals.note("a", 2);
  arrivals.note("a", 3);
  await clock.pass(999);
  expect(sent).toHaveLength(1);
  await clock.pass(1);
  expect(sent[1]).toEqual({ a: 3 });
});

test("what did not move is not told", async () => {
  arrivals.note("a", 3);
  await clock.pass(0);
  arrivals.note("a", 3);
  arrivals.note("a", 2);
  arrivals.note("b", 0);
  await clock.pass(5_000);
  expect(sent).toEqual([{ a: 3 }]);
});

test("a new connection hears all of it, as the one before may have lost it", async () => {
  arrivals.note("a", 1);
  await clock.pass(2_000);
  online = false;
  arrivals.note("b", 1);
  await clock.pass(2_000);
  online = true;
  arrivals.connected();
  await clock.pass(0);
  expect(sent).toEqual([{ a: 1 }, { a: 1, b: 1 }]);
});

test("more rooms than one frame may name are told one after the other", async () => {
  for (let room = 0; room < 150; room++) arrivals.note(String(room), 1);
  await clock.pass(0);
  expect(Object.keys(sent[0] ?? {})).toHaveLength(100);
  await clock.pass(1_000);
  expect(Object.keys(sent[1] ?? {})).toHaveLength(50);
});

test("a server that does not know the frame hears no more of it until the next connection", async () => {
  arrivals.note("a", 1);
  await clock.pass(0);
  arrivals.notUnderstood();
  arrivals.note("a", 2);
  await clock.pass(5_000);
  expect(sent).toHaveLength(1);
  arrivals.connected();
  await clock.pass(0);
  expect(sent[1]).toEqual({ a: 2 });
});
