import { describe, expect, test } from "vitest";
import type { Entry, Person, RoomSnapshot } from "./protocol";
import { roomSnapshot } from "./testing/snapshot";
import {
  apply,
  emptyTimeline,
  gapOf,
  hasOlder,
  type Pending,
  type Timeline,
  type TimelineEvent,
  unreadOf,
  withoutStaleTyping,
} from "./timeline";

const NOT_YET = { delivered: 0, seen: 0 };

const ROOM = "11111111-1111-4111-8111-111111111111";
const ALICE: Person = { ref: "agent:1", name: "Alice" };
const BOB: Person = { ref: "agent:2", name: "Bob" };
const CAROL: Person = { ref: "customer:c", name: "" };

function text(seq: number, over: Partial<Entry> = {}): Entry {
  return {
    seq,
    kind: "text",
    author: CAROL,
    body: `text ${seq}`,
    data: {},
    client_id: `id-${seq}`,
    at: seq * 1000,
    ...over,
  };
}

function texts(from: number, to: number): Entry[] {
  return Array.from({ length: to - from + 1 }, (_, index) => text(from + index));
}

function snapshot(from: number, head: number, over: Partial<RoomSnapshot> = {}): TimelineEvent {
  const entries = head >= from ? texts(from, head) : [];
  return { type: "snapshot", snapshot: roomSnapshot(ROOM, entries, { head, ...over }) };
}

function added(seq: number, over: Partial<Entry> = {}): TimelineEvent {
  return { type: "entry", room: ROOM, entry: text(seq, over) };
}

function given(...events: TimelineEvent[]): Timeline {
  return events.reduce((timeline, event) => apply(timeline, event), emptyTimeline(ROOM, true));
}

function seqs(timeline: Timeline): number[] {
  return timeline.entries.map(({ seq }) => seq);
}

function pending(clientId: string, over: Partial<Pending> = {}): TimelineEvent {
  return {
    type: "pending",
    pending: { client_id: clientId, room: ROOM, kind: "text", body: clientId, at: 0, state: "queued", ...over },
  };
}

function error(clientId: string | null, code: "too_fast" | "bad_text"): TimelineEvent {
  return { type: "error", code, detail: "said", client_id: clientId, retry_after: null, limit: null };
}

describe("entries", () => {
  test("in order extend the log", () => {
    expect(seqs(given(added(1), added(2), added(3)))).toEqual([1, 2, 3]);
  });

  test("that come again change nothing", () => {
    const before = given(added(1), added(2));
    expect(apply(before, added(2))).toBe(before);
    expect(apply(before, { type: "entries", room: ROOM, entries: texts(1, 2), head: 2, more: false })).toBe(before);
  });

  test("out of order are held until their turn and show a gap meanwhile", () => {
    const early = given(added(1), added(3));
    expect(seqs(early)).toEqual([1]);
    expect(gapOf(early)).toBe(1);
    const healed = apply(early, added(2));
    expect(seqs(healed)).toEqual([1, 2, 3]);
    expect(gapOf(healed)).toBeNull();
  });

  test("in any order and any number give the same log", () => {
    const events = texts(1, 9).map((entry): TimelineEvent => ({ type: "entry", room: ROOM, entry }));
    const straight = given(...events);
    for (let seed = 1; seed <= 50; seed++) {
      const shuffled = [...events, ...events.slice(0, seed % 9)]
        .map((event, index) => ({ event, rank: (Math.imul(seed * 7919 + index * 104_729, 2_654_435_761) >>> 0) % 997 }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ event }) => event);
      expect(given(...shuffled)).toEqual(straight);
    }
  });

  test("of a sync close a gap, and a page that is not the last leaves one", () => {
    const behind = given(added(1), { type: "head", head: 5 });
    expect(gapOf(behind)).toBe(1);
    const half = apply(behind, { type: "entries", room: ROOM, entries: texts(2, 3), head: 5, more: true });
    expect(gapOf(half)).toBe(3);
    const whole = apply(half, { type: "entries", room: ROOM, entries: texts(4, 5), head: 5, more: false });
    expect(gapOf(whole)).toBeNull();
    expect(seqs(whole)).toEqual([1, 2, 3, 4, 5]);
  });

  test("change owner and status in their turn, not before", () => {
    const claimed = { kind: "assignment" as const, data: { owner: ALICE } };
    const resolved = { kind: "status" as const, data: { status: "resolved" } };
    const early = given(added(1), added(3, resolved));
    expect(early.status).toBe("open");
    const settled = apply(early, added(2, claimed));
    expect(settled).toMatchObject({ owner: ALICE, status: "resolved" });
    expect(apply(settled, added(4, { kind: "assignment", data: { owner: null } })).owner).toBeNull();
  });
});

describe("snapshots", () => {
  test("replace what is behind them and keep older entries that touch them", () => {
    expect(seqs(given(snapshot(1, 5), snapshot(4, 8)))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(seqs(given(snapshot(1, 5), snapshot(7, 9)))).toEqual([7, 8, 9]);
  });

  test("that were overtaken by frames do not take back what came", () => {
    const ahead = given(snapshot(1, 3), added(4, { kind: "status", data: { status: "resolved" } }));
    const late = apply(ahead, snapshot(1, 3, { present: [BOB], seen: 2 }));
    expect(seqs(late)).toEqual([1, 2, 3, 4]);
    expect(late).toMatchObject({ status: "resolved", present: [BOB], seen: 2 });
  });

  test("are continued by entries that came before them", () => {
    const early = apply(emptyTimeline(ROOM), added(9));
    expect(gapOf(early)).toBeNull();
    const opened = apply(early, snapshot(5, 8));
    expect(seqs(opened)).toEqual([5, 6, 7, 8, 9]);
  });

  test("and the frames after them equal a later snapshot", () => {
    const replayed = given(
      snapshot(1, 2),
      added(3, { kind: "assignment", data: { owner: ALICE } }),
      { type: "seen", room: ROOM, seq: 3, texts: 2 },
      added(4, { kind: "status", data: { status: "resolved" } }),
    );
    const { head, status, owner, entries, seen } = replayed;
    const later = given({
      type: "snapshot",
      snapshot: {
        room: ROOM,
        head,
        status,
        owner,
        entries: [...entries],
        seen,
        receipt: NOT_YET,
        last_seen: null,
        present: [],
      },
    });
    expect(later).toEqual(replayed);
  });
});

describe("history", () => {
  test("goes in front, without repeating what is there", () => {
    const recent = given(snapshot(6, 8));
    expect(hasOlder(recent)).toBe(true);
    const all = apply(recent, { type: "history", room: ROOM, entries: texts(1, 6) });
    expect(seqs(all)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(hasOlder(all)).toBe(false);
  });

  test("that does not touch what is there is ignored", () => {
    const moved = given(snapshot(20, 22));
    expect(apply(moved, { type: "history", room: ROOM, entries: texts(1, 5) })).toBe(moved);
  });

  test("does not change owner or status", () => {
    const page = [...texts(1, 4), text(5, { kind: "status", data: { status: "resolved" } })];
    expect(apply(given(snapshot(6, 8)), { type: "history", room: ROOM, entries: page }).status).toBe("open");
  });
});

describe("pending texts", () => {
  test("are saved by their ack and replaced by their entry", () => {
    const queued = given(pending("mine"));
    const saved = apply(queued, { type: "ack", client_id: "mine", room: ROOM, seq: 1, at: 5 });
    expect(saved.pending).toMatchObject([{ state: "saved", seq: 1 }]);
    expect(gapOf(saved)).toBe(0);
    const stored = apply(saved, added(1, { client_id: "mine" }));
    expect(stored.pending).toEqual([]);
    expect(seqs(stored)).toEqual([1]);
  });

  test("whose entry came before the ack are not shown twice", () => {
    const stored = given(pending("mine"), added(1, { client_id: "mine" }));
    expect(stored.pending).toEqual([]);
    expect(apply(stored, { type: "ack", client_id: "mine", room: ROOM, seq: 1, at: 5 }).pending).toEqual([]);
    expect(apply(stored, pending("mine")).pending).toEqual([]);
  });

  test("saved below a snapshot's page are gone with it", () => {
    const saved = given(pending("mine"), { type: "ack", client_id: "mine", room: ROOM, seq: 3, at: 5 });
    expect(apply(saved, snapshot(50, 90)).pending).toEqual([]);
  });

  test("fail with their reason unless a retry can succeed", () => {
    expect(given(pending("a"), error("a", "bad_text")).pending).toMatchObject([
      { state: "failed", code: "bad_text", detail: "said" },
    ]);
    expect(given(pending("a"), error("a", "too_fast")).pending).toMatchObject([{ state: "queued" }]);
    expect(given(pending("a"), error(null, "bad_text")).pending).toMatchObject([{ state: "queued" }]);
  });

  test("tried again stand last", () => {
    const timeline = given(pending("a"), pending("b"), error("a", "bad_text"), pending("a"));
    expect(timeline.pending.map(({ client_id }) => client_id)).toEqual(["b", "a"]);
  });

  test("that are discarded disappear", () => {
    expect(given(pending("a"), { type: "discard", client_id: "a" }).pending).toEqual([]);
  });
});

describe("who is there", () => {
  test("comes and goes once", () => {
    const join: TimelineEvent = { type: "room.presence", room: ROOM, who: ALICE, present: true };
    expect(given(join, join).present).toEqual([ALICE]);
    expect(given(join, { ...join, present: false }).present).toEqual([]);
  });

  test("stops typing when told, with an entry, and after eight seconds", () => {
    const types: TimelineEvent = { type: "typing", room: ROOM, who: ALICE, on: true };
    const typing = apply(emptyTimeline(ROOM, true), types, 1_000);
    expect(typing.typing).toEqual([{ who: ALICE, until: 9_000 }]);
    expect(apply(typing, { ...types, on: false }).typing).toEqual([]);
    expect(apply(typing, added(1, { author: ALICE })).typing).toEqual([]);
    expect(apply(typing, added(1, { author: BOB })).typing).toHaveLength(1);
    expect(withoutStaleTyping(typing, 8_999)).toBe(typing);
    expect(withoutStaleTyping(typing, 9_000).typing).toEqual([]);
  });
});

describe("the reader's mark", () => {
  test("only moves forward", () => {
    const seen = given(snapshot(1, 5), { type: "seen", room: ROOM, seq: 4, texts: 4 });
    expect(apply(seen, { type: "seen", room: ROOM, seq: 2, texts: 2 }).seen).toBe(4);
  });

  test("counts other people's texts above it as unread", () => {
    const timeline = given(
      added(1, { author: ALICE }),
      added(2, { author: CAROL }),
      added(3, { author: ALICE, kind: "status", data: { status: "resolved" } }),
      added(4, { author: BOB }),
    );
    expect(unreadOf(timeline, CAROL.ref)).toBe(2);
    expect(unreadOf({ ...timeline, seen: 1 }, CAROL.ref)).toBe(1);
  });
});

test("what waits stands in the order in which it will be sent, whatever was heard of first", () => {
  const waiting = (client_id: string, order: number): TimelineEvent => ({
    type: "pending",
    pending: { client_id, room: ROOM, kind: "text", body: client_id, at: 0, state: "queued", order },
  });
  const events = [waiting("b", 2), waiting("c", 9), waiting("a", 1), waiting("b", 3)];
  const timeline = events.reduce((before, event) => apply(before, event), emptyTimeline(ROOM, true));
  expect(timeline.pending.map(({ client_id }) => client_id)).toEqual(["a", "b", "c"]);
});
