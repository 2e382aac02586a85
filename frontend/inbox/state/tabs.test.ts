import { describe, expect, it } from "vitest";
import { closed, NO_TABS, opened, type Tabs } from "./tabs";

const openAll = (rooms: string[], most = 20): Tabs =>
  rooms.reduce((tabs, room) => opened(tabs, room, most).tabs, NO_TABS);

describe("tabs", () => {
  it("keep their places when they are looked at again", () => {
    expect(openAll(["1", "2", "3", "1"]).order).toEqual(["1", "2", "3"]);
  });

  it("drop the one not looked at for longest, not the oldest", () => {
    const full = openAll(["1", "2", "3", "1"], 3);
    const { tabs, dropped } = opened(full, "4", 3);
    expect(dropped).toEqual(["2"]);
    expect(tabs.order).toEqual(["1", "3", "4"]);
  });

  it("never drop the one being opened", () => {
    expect(opened(openAll(["1"], 1), "2", 1)).toEqual({ tabs: { order: ["2"], used: ["2"] }, dropped: ["1"] });
  });

  it("close without touching the others", () => {
    expect(closed(openAll(["1", "2", "3"]), "2")).toEqual({ order: ["1", "3"], used: ["1", "3"] });
  });
});
