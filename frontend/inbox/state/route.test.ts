import { describe, expect, it } from "vitest";
import { addressOf, HOME, parseRoute } from "./route";

describe("route", () => {
  it("survives the way into the address and back", () => {
    for (const route of [
      { view: "mine", room: null },
      { view: "all", room: "12" },
    ] as const) {
      expect(parseRoute(addressOf(route))).toEqual(route);
    }
  });

  it("goes home for what it does not know", () => {
    for (const hash of ["", "#", "#/nowhere", "#/mine/", "#/mine/../x", "#/mine/abc", "#/mine/1/2"]) {
      expect(parseRoute(hash)).toEqual(HOME);
    }
  });
});
