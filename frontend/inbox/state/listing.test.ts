import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AgentFrame, Counts, RoomsPage } from "../../shared/protocol";
import { alice, bob, room } from "../testing/cast";
import { Listing } from "./listing";
import { RoomBook } from "./roomBook";
import type { View } from "./views";

const COUNTS: Counts = { mine: 1, unassigned: 2, all: 3, resolved: 4 };

let sent: AgentFrame[];
let book: RoomBook;
let listing: Listing;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  const me = signal(alice.ref);
  book = new RoomBook(me);
  listing = new Listing(book, me, (frame) => sent.push(frame));
});

afterEach(() => {
  listing.disconnected();
  vi.useRealTimers();
});

const page = (view: View, names: string[], next = ""): RoomsPage => ({
  type: "rooms",
  view,
  rooms: names.map((name) => room(name)),
  seen_texts: {},
  present: [],
  counts: COUNTS,
  next,
});

const asked = () => sent.map((frame) => frame.type === "rooms.list" && `${frame.view} ${frame.cursor}`.trim());

/** Connects and lets the first pages of all that is asked for arrive. */
function connect(first: RoomsPage): void {
  listing.connected();
  listing.answered(first);
  listing.answered(page("mine", []));
  sent = [];
}

describe("listing", () => {
  it("asks for the visible view first, then for what the title counts, one at a time", () => {
    listing.connected();
    expect(asked()).toEqual(["unassigned"]);
    listing.answered(page("unassigned", ["1"]));
    expect(asked()).toEqual(["unassigned", "mine"]);
    expect(listing.ready("unassigned")).toBe(true);
    expect(listing.counts.value).toEqual(COUNTS);
  });

  it("asks for more by the cursor, once", () => {
    connect(page("unassigned", ["1"], "next"));
    listing.more();
    listing.more();
    expect(asked()).toEqual(["unassigned next"]);
    listing.answered(page("unassigned", ["2"], ""));
    expect(listing.hasMore("unassigned")).toBe(false);
    expect(book.rows.unassigned.value).toEqual(["2", "1"]);
  });

  it("walks as far as it was scrolled after a reconnect, then drops what is gone", () => {
    connect(page("unassigned", ["1"], "next"));
    listing.more();
    listing.answered(page("unassigned", ["2", "3"], "end"));
    listing.disconnected();
    sent = [];
    listing.connected();
    listing.answered(page("unassigned", ["1"], "next"));
    expect(book.rows.unassigned.value).toHaveLength(3);
    listing.answered(page("unassigned", ["3"], ""));
    expect(asked().slice(0, 2)).toEqual(["unassigned", "unassigned next"]);
    expect(book.rows.unassigned.value).toEqual(["3", "1"]);
    expect(listing.hasMore("unassigned")).toBe(false);
  });

  it("shifts the counts at once when a known conversation moves, and asks for the truth soon", () => {
    connect(page("unassigned", ["1"]));
    const move = book.learn(room("1", { head: 2, owner: bob }));
    if (move) listing.moved(move);
    expect(listing.counts.value).toEqual({ ...COUNTS, unassigned: 1 });
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(300);
    expect(asked()).toEqual(["unassigned"]);
  });

  it("asks for counts no more often than every two seconds, however much moves", () => {
    connect(page("unassigned", []));
    for (let name = 1; name <= 50; name++) {
      const move = book.learn(room(String(name)));
      if (move) listing.moved(move);
    }
    vi.advanceTimersByTime(300);
    expect(asked()).toEqual(["unassigned"]);
    listing.answered(page("unassigned", []));
    const next = book.learn(room("51", { head: 5 }));
    if (next) listing.moved(next);
    vi.advanceTimersByTime(1_700);
    expect(asked()).toEqual(["unassigned"]);
    vi.advanceTimersByTime(300);
    expect(asked()).toEqual(["unassigned", "unassigned"]);
  });

  it("asks for nothing when a conversation stays where it is", () => {
    connect(page("unassigned", ["1"]));
    const move = book.learn(room("1", { head: 2, customer_texts: 3 }));
    if (move) listing.moved(move);
    vi.advanceTimersByTime(5_000);
    expect(sent).toEqual([]);
  });

  it("repairs the list every thirty seconds", () => {
    connect(page("unassigned", ["1", "2"]));
    vi.advanceTimersByTime(30_000);
    expect(asked()).toEqual(["unassigned"]);
    listing.answered(page("unassigned", ["2"]));
    expect(book.rows.unassigned.value).toEqual(["2"]);
  });

  it("goes on when an answer never comes", () => {
    listing.connected();
    vi.advanceTimersByTime(10_000);
    expect(asked()).toEqual(["unassigned", "mine"]);
  });

  it("shows those who wait only as far as the pages reach, so that the list has no holes", () => {
    const waiting = (name: string, since: number) => room(name, { waiting_since: since });
    connect({ ...page("unassigned", []), rooms: [waiting("1", 10), waiting("2", 20)], next: "next" });
    for (const known of [waiting("3", 15), waiting("4", 90), room("5")]) book.learn(known);
    expect(book.rows.unassigned.value).toEqual(["1", "3", "2"]);
    listing.more();
    listing.answered({ ...page("unassigned", []), rooms: [waiting("6", 50), waiting("4", 90)] });
    expect(book.rows.unassigned.value).toEqual(["1", "3", "2", "6", "4", "5"]);
  });

  it("keeps what is known of a view while it is asked for again", () => {
    connect(page("unassigned", ["1"]));
    listing.show("all");
    expect(asked()).toEqual(["all"]);
    expect(listing.ready("all")).toBe(false);
    expect(book.rows.all.value).toEqual(["1"]);
  });
});
