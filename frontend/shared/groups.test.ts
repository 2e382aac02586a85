import { describe, expect, it } from "vitest";
import { type Group, groupsOf } from "./groups";
import type { Entry, Person } from "./protocol";
import type { Pending } from "./timeline";

const alice: Person = { ref: "agent:1", name: "Alice" };
const carol: Person = { ref: "customer:1", name: "Carol" };
const NOON = new Date(2026, 2, 12, 12).getTime();

function entry(seq: number, author: Person, seconds: number, kind: Entry["kind"] = "text"): Entry {
  return { seq, kind, author, body: `text ${seq}`, data: {}, client_id: `id-${seq}`, at: NOON + seconds * 1000 };
}

function pending(id: string, seconds: number, kind: Pending["kind"] = "text"): Pending {
  return { client_id: id, room: "1", kind, body: id, at: NOON + seconds * 1000, state: "queued" };
}

const bodies = (groups: Group[]) => groups.map((group) => group.items.map((item) => item.client_id));

describe("groups", () => {
  it("hold what one person said within two minutes", () => {
    const entries = [entry(1, carol, 0), entry(2, carol, 100), entry(3, carol, 300), entry(4, alice, 301)];
    expect(bodies(groupsOf(entries, [], alice))).toEqual([["id-1", "id-2"], ["id-3"], ["id-4"]]);
  });

  it("keep notes apart from replies, and every system entry apart", () => {
    const entries = [
      entry(1, alice, 0),
      entry(2, alice, 1, "note"),
      entry(3, alice, 2, "assignment"),
      entry(4, alice, 3, "assignment"),
    ];
    expect(bodies(groupsOf(entries, [], alice))).toEqual([["id-1"], ["id-2"], ["id-3"], ["id-4"]]);
  });

  it("take in what is pending, and keep their key when it is stored", () => {
    const sent = groupsOf([entry(1, alice, 0)], [pending("id-2", 5)], alice);
    const stored = groupsOf([entry(1, alice, 0), entry(2, alice, 5)], [], alice);
    expect(bodies(sent)).toEqual([["id-1", "id-2"]]);
    expect(stored[0]?.key).toBe(sent[0]?.key);
  });

  it("break where a line is to be drawn and at midnight", () => {
    const entries = [entry(1, carol, 0), entry(2, carol, 1)];
    expect(bodies(groupsOf(entries, [], alice, { splitAt: 2 }))).toEqual([["id-1"], ["id-2"]]);
    const night = [entry(1, carol, 12 * 3600 - 30), entry(2, carol, 12 * 3600 + 30)];
    expect(bodies(groupsOf(night, [], alice))).toEqual([["id-1"], ["id-2"]]);
  });

  it("are the same objects while nothing in them changes", () => {
    const entries = [entry(1, carol, 0), entry(2, alice, 1)];
    const before = groupsOf(entries, [], alice);
    const after = groupsOf([...entries, entry(3, alice, 2)], [], alice, { before });
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
  });
});
