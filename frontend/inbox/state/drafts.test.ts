import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { memoryStore } from "../../shared/storage";
import { Drafts } from "./drafts";

beforeEach(() => localStorage.clear());
afterEach(() => vi.useRealTimers());

describe("drafts", () => {
  it("survive a reload, by room and mode", () => {
    const drafts = new Drafts("agent:1");
    drafts.set("1", "reply", "Good mor");
    drafts.set("1", "note", "Ask Bob");
    drafts.set("2", "reply", "Sorry");
    const reloaded = new Drafts("agent:1");
    expect(reloaded.get("1", "reply")).toBe("Good mor");
    expect(reloaded.get("1", "note")).toBe("Ask Bob");
    expect(reloaded.get("2", "reply")).toBe("Sorry");
    expect(reloaded.get("2", "note")).toBe("");
  });

  it("are each agent's own", () => {
    new Drafts("agent:1").set("1", "reply", "mine");
    expect(new Drafts("agent:2").get("1", "reply")).toBe("");
  });

  it("of two tabs do not overwrite each other", () => {
    const one = new Drafts("agent:1");
    const two = new Drafts("agent:1");
    one.set("1", "reply", "first tab");
    two.set("2", "reply", "second tab");
    expect(new Drafts("agent:1").get("1", "reply")).toBe("first tab");
  });

  it("leave nothing behind when emptied", () => {
    const drafts = new Drafts("agent:1");
    drafts.set("1", "reply", "x");
    drafts.set("1", "reply", "");
    expect(drafts.get("1", "reply")).toBe("");
    expect(localStorage.length).toBe(0);
  });

  it("that are broken read as empty", () => {
    localStorage.setItem("porchlight.draft.agent:1.reply.1", "{broken");
    expect(new Drafts("agent:1").get("1", "reply")).toBe("");
  });

  it("let the oldest go when there are too many", () => {
    vi.useFakeTimers();
    const drafts = new Drafts("agent:1", memoryStore());
    for (let room = 0; room <= 100; room++) {
      vi.setSystemTime(1_000 + room);
      drafts.set(String(room), "reply", "x");
    }
    expect(drafts.get("0", "reply")).toBe("");
    expect(drafts.get("1", "reply")).toBe("x");
    expect(drafts.get("100", "reply")).toBe("x");
  });
});
