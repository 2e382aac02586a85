import { beforeEach, expect, test } from "vitest";
import type { Entry, RoomSnapshot } from "./protocol";
import { Rooms } from "./rooms";
import { TestClock } from "./testing/clock";

let clock: TestClock;
let sent: object[];
let rooms: Rooms;

beforeEach(() => {
  clock = new TestClock();
  sent = [];
  rooms = new Rooms({ send: (frame) => sent.push(frame), clock });
  rooms.follow("a", true);
});

function come(seq: number): void {
  const author = { ref: "agent:1", name: "Alice" };
  const entry: Entry = { seq, kind: "text", author, body: "", data: {}, client_id: `${seq}`, at: 0 };
  rooms.apply("a", { type: "entry", room: "a", entry });
}

test("entries that only overtook each other are not asked for", async () => {
  come(2);
  await clock.pass(199);
  come(1);
  await clock.pass(1_000);
  expect(sent).toEqual([]);
  expect(rooms.heads()).toEqual({ a: 2 });
});

test("a gap that stays for 200 ms is asked for once, and again after five seconds without an answer", async () => {
  come(1);
  come(3);
  await clock.pass(200);
  come(5);
  expect(sent).toEqual([{ type: "sync", room: "a", after: 1 }]);
  await clock.pass(4_999);
  expect(sent).toHaveLength(1);
  await clock.pass(1);
  expect(sent).toHaveLength(2);
});

test("a heartbeat's head that is ahead is asked for", async () => {
  come(1);
  rooms.applyHeartbeat({ type: "heartbeat", at: 0, heads: { a: 4, unknown: 9 }, receipts: {}, marks: {} });
  await clock.pass(200);
  expect(sent).toEqual([{ type: "sync", room: "a", after: 1 }]);
});

test("a room that is forgotten is not asked for and not in the heads", async () => {
  come(3);
  rooms.forget("a");
  await clock.pass(10_000);
  expect(sent).toEqual([]);
  expect(rooms.heads()).toEqual({});
});

test("typing ends by itself after eight seconds", async () => {
  const timeline = rooms.follow("a");
  rooms.apply("a", { type: "typing", room: "a", who: { ref: "agent:1", name: "Alice" }, on: true });
  await clock.pass(7_999);
  expect(timeline.value.typing).toHaveLength(1);
  await clock.pass(1);
  expect(timeline.value.typing).toEqual([]);
});

test("what was not understood is asked for at once, then at most every ten seconds, of rooms with anything in them", async () => {
  come(1);
  rooms.follow("new", true);
  for (let frame = 0; frame < 5; frame++) rooms.catchUp();
  await clock.pass(0);
  expect(sent).toEqual([{ type: "sync", room: "a", after: 1 }]);
  rooms.catchUp();
  await clock.pass(9_999);
  expect(sent).toHaveLength(1);
  await clock.pass(1);
  expect(sent).toHaveLength(2);
});

test("a heartbeat repairs marks, also one of an older server", () => {
  come(1);
  const heartbeat = { type: "heartbeat" as const, at: 0, heads: {} };
  const receipts = { a: { delivered: 1, seen: 1 }, unknown: { delivered: 1, seen: 1 } };
  rooms.applyHeartbeat({ ...heartbeat, receipts, marks: { a: { seq: 1, texts: 1 } } });
  expect(rooms.follow("a").value).toMatchObject({ receipt: { delivered: 1, seen: 1 }, seen: 1 });
  rooms.applyHeartbeat(heartbeat as never);
  expect(rooms.follow("a").value.receipt.seen).toBe(1);
});

test("a server that has less than before has gone back: what is not there any more goes", async () => {
  come(1);
  come(2);
  come(3);
  rooms.disconnected();
  const { room, head, ...rest } = rooms.follow("a").peek();
  const snapshot = { ...rest, room, head: 2, entries: rest.entries.slice(0, 2), last_seen: null };
  rooms.apply("a", { type: "snapshot", snapshot: snapshot as unknown as RoomSnapshot });
  expect(rooms.heads()).toEqual({ a: 2 });
  expect(rooms.follow("a").peek().entries).toHaveLength(2);
});

test("and whoever has told of it hears so before anything is told of it again", () => {
  const heard: string[] = [];
  rooms = new Rooms({
    send: () => {},
    onGrown: ({ head }) => heard.push(`grown to ${head}`),
    onStartedOver: (room) => heard.push(`${room} started over`),
    clock,
  });
  rooms.follow("a", true);
  for (const seq of [1, 2, 3]) come(seq);
  rooms.disconnected();
  const { room, head, ...rest } = rooms.follow("a").peek();
  const snapshot = { ...rest, room, head: 2, entries: rest.entries.slice(0, 2), last_seen: null };
  rooms.apply("a", { type: "snapshot", snapshot: snapshot as unknown as RoomSnapshot });
  expect(heard.slice(3)).toEqual(["a started over", "grown to 2"]);
});

test("but frames of this connection may overtake its snapshot", async () => {
  come(1);
  rooms.disconnected();
  come(2);
  const { room, head, ...rest } = rooms.follow("a").peek();
  const snapshot = { ...rest, room, head: 1, entries: rest.entries.slice(0, 1), last_seen: null };
  rooms.apply("a", { type: "snapshot", snapshot: snapshot as unknown as RoomSnapshot });
  expect(rooms.heads()).toEqual({ a: 2 });
});

test("a head that went back is asked about", async () => {
  come(1);
  come(2);
  rooms.disconnected();
  rooms.applyHeartbeat({ type: "heartbeat", at: 0, heads: { a: 1 }, receipts: {}, marks: {} });
  expect(sent).toEqual([{ type: "sync", room: "a", after: 2 }]);
});
