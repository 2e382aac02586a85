import { signal } from "@preact/signals";
import { beforeEach, describe, expect, it } from "vitest";
import { alice, bob, line, room } from "../testing/cast";
import { gains, RoomBook, unreadOf } from "./roomBook";

let book: RoomBook;

beforeEach(() => {
  book = new RoomBook(signal(alice.ref));
});

const unread = (name: string) => {
  const known = book.line(name);
  if (known === undefined) throw new Error(`nothing known of ${name}`);
  return unreadOf(known);
};

describe("summaries", () => {
  it("takes a newer head and ignores an older one", () => {
    book.learn(room("1", { head: 5, owner: bob }));
    expect(book.learn(room("1", { head: 4, owner: null }))).toBeNull();
    expect(book.line("1")?.summary.owner).toEqual(bob);
    book.learn(room("1", { head: 6, owner: alice }));
    expect(book.line("1")?.summary.owner).toEqual(alice);
  });

  it("ignores a page's row that is older than what the feed said", () => {
    book.learn(room("1", { head: 5, status: "resolved" }));
    book.learnPage({ rooms: [room("1", { head: 4 })], seen_texts: {} });
    expect(book.line("1")?.summary.status).toBe("resolved");
  });

  it("takes a page's row that is older than what an earlier connection said: the server has gone back", () => {
    book.learnPage({ rooms: [room("1", { head: 10, customer_texts: 9 })], seen_texts: { "1": 9 } });
    book.learn(room("2", { head: 10 }));
    book.connected();
    book.learn(room("2", { head: 11, status: "resolved" }));
    book.learnPage({
      rooms: [room("1", { head: 5, customer_texts: 5 }), room("2", { head: 10 })],
      seen_texts: { "1": 3 },
    });
    expect(book.line("1")?.summary.head).toBe(5);
    expect(unread("1")).toBe(2);
    expect(book.line("2")?.summary.head).toBe(11);
  });

  it("moves a row between views and keeps each sorted", () => {
    book.learnPage({ rooms: [room("1", { waiting_since: 10 }), room("2", { waiting_since: 5 })], seen_texts: {} });
    expect(book.rows.unassigned.value).toEqual(["2", "1"]);
    book.learn(room("2", { head: 2, owner: alice, waiting_since: 5 }));
    expect(book.rows.unassigned.value).toEqual(["1"]);
    expect(book.rows.mine.value).toEqual(["2"]);
    expect(book.rows.all.value).toEqual(["2", "1"]);
    book.learn(room("2", { head: 3, owner: alice, status: "resolved" }));
    expect(book.rows.mine.value).toEqual([]);
    expect(book.rows.resolved.value).toEqual(["2"]);
  });

  it("tells what each view gains by a move", () => {
    const known = book.learn(room("2", { head: 7 }));
    expect(known && gains(known, alice.ref)).toEqual({ mine: 0, unassigned: 0, all: 0, resolved: 0 });
    const made = book.learn(room("1"));
    expect(made && gains(made, alice.ref)).toEqual({ mine: 0, unassigned: 1, all: 1, resolved: 0 });
    const claimed = book.learn(room("1", { head: 2, owner: alice }));
    expect(claimed && gains(claimed, alice.ref)).toEqual({ mine: 1, unassigned: -1, all: 0, resolved: 0 });
  });
});

describe("unread", () => {
  it("is what the customer wrote less what this agent saw", () => {
    book.learnPage({ rooms: [room("1", { customer_texts: 7 })], seen_texts: { "1": 4 } });
    expect(unread("1")).toBe(3);
  });

  it("counts everything in a conversation that was never opened", () => {
    book.learnPage({ rooms: [room("1", { customer_texts: 7 })], seen_texts: {} });
    expect(unread("1")).toBe(7);
  });

  it("is never negative", () => {
    book.learnPage({ rooms: [room("1", { customer_texts: 2 })], seen_texts: { "1": 3 } });
    expect(unread("1")).toBe(0);
  });

  it("falls when a mark moves, and never rises because an older page comes late", () => {
    book.learnPage({ rooms: [room("1", { customer_texts: 7 })], seen_texts: { "1": 4 } });
    book.markSeen("1", 7);
    expect(unread("1")).toBe(0);
    book.learnPage({ rooms: [room("1", { customer_texts: 7 })], seen_texts: { "1": 4 } });
    expect(unread("1")).toBe(0);
  });

  it("counts only the news of a conversation heard of by the feed, until a page knows better", () => {
    book.learn(room("1", { customer_texts: 37, last: line() }));
    expect(unread("1")).toBe(1);
    book.learn(room("1", { head: 2, customer_texts: 38, last: line() }));
    expect(unread("1")).toBe(2);
    book.learnPage({ rooms: [room("1", { head: 2, customer_texts: 38 })], seen_texts: { "1": 30 } });
    expect(unread("1")).toBe(8);
  });

  it("is nothing new when a colleague wrote the last line", () => {
    book.learn(room("1", { customer_texts: 3, last: line({ author: bob }) }));
    expect(unread("1")).toBe(0);
  });

  it("counts conversations in the title: this agent's and nobody's, not a colleague's, not resolved ones", () => {
    const rooms = [
      room("1", { customer_texts: 5, owner: alice }),
      room("2", { customer_texts: 1 }),
      room("3", { customer_texts: 1, owner: bob }),
      room("4", { customer_texts: 1, owner: alice, status: "resolved" }),
      room("5", { owner: alice }),
    ];
    book.learnPage({ rooms, seen_texts: {} });
    expect(book.unreadRooms.value).toBe(2);
  });
});

describe("sweep", () => {
  it("takes out what a whole walk of the view did not name", () => {
    book.learnPage({ rooms: [room("1"), room("2"), room("3", { owner: bob })], seen_texts: {} });
    const since = book.now();
    book.learnPage({ rooms: [room("2")], seen_texts: {} });
    book.sweep("unassigned", since);
    expect(book.rows.unassigned.value).toEqual(["2"]);
    expect(book.rows.all.value).toContain("3");
  });

  it("says nothing of what comes after the pages that were asked for", () => {
    const rooms = [room("1", { waiting_since: 10 }), room("2", { waiting_since: 90 }), room("3"), room("4")];
    book.learnPage({ rooms, seen_texts: {} });
    book.sweep("unassigned", book.now(), room("9", { waiting_since: 50 }));
    expect(book.rows.unassigned.value).toEqual(["2", "4", "3"]);
    book.sweep("unassigned", book.now(), room("4"));
    expect(book.rows.unassigned.value).toEqual(["3"]);
  });

  it("keeps what the feed said during the walk, and what an open tab needs to name its customer", () => {
    book.learnPage({ rooms: [room("1")], seen_texts: {} });
    const since = book.now();
    book.learn(room("9"));
    book.sweep("unassigned", since);
    expect(book.rows.unassigned.value).toEqual(["9"]);
    expect(book.line("1")?.summary.customer.name).toBe("Carol");
    book.learn(room("1", { head: 2 }));
    expect(book.rows.unassigned.value).toEqual(["9", "1"]);
  });
});
