import { beforeEach, describe, expect, it } from "vitest";
import { OwnTyping } from "./ownTyping";
import { TestClock } from "./testing/clock";

let clock: TestClock;
let said: string[];
let typing: OwnTyping;

beforeEach(() => {
  clock = new TestClock();
  said = [];
  typing = new OwnTyping(({ room, on }) => said.push(`${room} ${on ? "on" : "off"}`), clock);
});

describe("typing", () => {
  it("is said at the first key and again while it goes on, not at every key", async () => {
    for (let second = 0; second < 7; second++) {
      typing.typed("1");
      await clock.pass(1_000);
    }
    expect(said).toEqual(["1 on", "1 on"]);
  });

  it("is over after a pause", async () => {
    typing.typed("1");
    await clock.pass(6_000);
    expect(said).toEqual(["1 on", "1 off"]);
  });

  it("is over when the composer is emptied, once", async () => {
    typing.typed("1");
    typing.stopped();
    await clock.pass(10_000);
    expect(said).toEqual(["1 on", "1 off"]);
  });

  it("needs no word when the text was sent", async () => {
    typing.typed("1");
    typing.sent();
    await clock.pass(10_000);
    expect(said).toEqual(["1 on"]);
  });

  it("moves with the writer to another room", () => {
    typing.typed("1");
    typing.typed("2");
    expect(said).toEqual(["1 on", "1 off", "2 on"]);
  });
});
