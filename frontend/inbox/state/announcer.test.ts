import { describe, expect, it } from "vitest";
import { TestClock } from "../../shared/testing/clock";
import { Announcer } from "./announcer";

describe("announcements", () => {
  it("are made at once, and the same words can be news again", async () => {
    const clock = new TestClock();
    const announcer = new Announcer(clock);
    announcer.say("Carol: Hello");
    expect(announcer.text.value).toBe("Carol: Hello");
    await clock.pass(3_000);
    expect(announcer.text.value).toBe("");
    announcer.say("Carol: Hello");
    expect(announcer.text.value).toBe("Carol: Hello");
  });

  it("do not interrupt each other: a burst is summed up", async () => {
    const clock = new TestClock();
    const announcer = new Announcer(clock);
    for (const text of ["one", "two", "three"]) announcer.say(text);
    expect(announcer.text.value).toBe("one");
    await clock.pass(3_000);
    expect(announcer.text.value).toBe("2 new messages");
  });
});
