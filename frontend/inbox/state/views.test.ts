import { describe, expect, it } from "vitest";
import { alice, bob, line, room } from "../testing/cast";
import { belongs, byUrgency, VIEWS } from "./views";

const viewsOf = (overrides: Parameters<typeof room>[1]) =>
  VIEWS.filter((view) => belongs(room("1", overrides), view, alice.ref));

describe("belongs", () => {
  it("puts an open conversation nobody took under unassigned and all", () => {
    expect(viewsOf({ owner: null })).toEqual(["unassigned", "all"]);
  });

  it("puts Alice's own under mine and all", () => {
    expect(viewsOf({ owner: alice })).toEqual(["mine", "all"]);
  });

  it("puts Bob's under all only", () => {
    expect(viewsOf({ owner: bob })).toEqual(["all"]);
  });

  it("puts a resolved one under resolved only, whoever owns it", () => {
    expect(viewsOf({ status: "resolved", owner: alice })).toEqual(["resolved"]);
    expect(viewsOf({ status: "resolved", owner: null })).toEqual(["resolved"]);
  });
});

describe("byUrgency", () => {
  const order = (...rooms: ReturnType<typeof room>[]) => rooms.sort(byUrgency).map((each) => each.room);

  it("lists who waits longest first", () => {
    expect(order(room("1", { waiting_since: 300 }), room("2", { waiting_since: 100 }))).toEqual(["2", "1"]);
  });

  it("lists everybody who waits before those who do not, however recent", () => {
    expect(order(room("1", { last: line({ at: 9_000 }) }), room("2", { waiting_since: 5_000 }))).toEqual(["2", "1"]);
  });

  it("lists those who do not wait by last activity, newest first", () => {
    const rooms = [
      room("1", { last: line({ at: 100 }) }),
      room("2", { last: line({ at: 300 }) }),
      room("3", { last: null, created_at: 200 }),
    ];
    expect(order(...rooms)).toEqual(["2", "3", "1"]);
  });

  it("settles ties by number, newest first, so that rows never swap places", () => {
    expect(order(room("9", { waiting_since: 1 }), room("10", { waiting_since: 1 }))).toEqual(["10", "9"]);
  });
});
