import { IDBDatabase } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Drafts } from "./drafts";
import { TestBrowser } from "./testing/browser";
import { TestClock } from "./testing/clock";

let browser: TestBrowser;
let clock: TestClock;
let opened: Drafts[];

beforeEach(() => {
  browser = new TestBrowser();
  clock = new TestClock();
  opened = [];
});

afterEach(() => {
  for (const drafts of opened) drafts.close();
  vi.restoreAllMocks();
});

async function open(owner: string, before = owner): Promise<Drafts> {
  const drafts = new Drafts(browser.database(), browser.channel(), clock);
  opened.push(drafts);
  await drafts.own(owner, before);
  return drafts;
}

// The next transaction is after the one that was begun.
async function onTheNextPage(owner: string, place: string): Promise<string> {
  return (await open(owner)).get(place);
}

describe("a draft", () => {
  test("is stored after a pause, and at once when the page goes", async () => {
    const drafts = await open("alice");
    drafts.set("reply.1", "Half");
    await clock.pass(299);
    expect(await onTheNextPage("alice", "reply.1")).toBe("");
    await clock.pass(1);
    expect(await onTheNextPage("alice", "reply.1")).toBe("Half");
    drafts.set("reply.1", "Half a sen");
    dispatchEvent(new Event("pagehide"));
    expect(await onTheNextPage("alice", "reply.1")).toBe("Half a sen");
  });

  test("belongs to its owner and place", async () => {
    const drafts = await open("alice");
    drafts.set("reply.1", "for Carol");
    drafts.write();
    expect(await onTheNextPage("bob", "reply.1")).toBe("");
    expect(await onTheNextPage("alice", "note.1")).toBe("");
    await drafts.own("bob");
    expect(drafts.get("reply.1")).toBe("");
  });

  test("that was sent is gone in every tab, unless other words are being written there", async () => {
    const [one, two, three] = [await open("alice"), await open("alice"), await open("alice")];
    for (const drafts of [one, two]) drafts.set("reply.1", "Same");
    three.set("reply.1", "Other");
    one.sent("reply.1");
    await clock.pass(0);
    expect([one, two, three].map((drafts) => drafts.get("reply.1"))).toEqual(["", "", "Other"]);
    three.set("reply.1", "");
    await clock.pass(300);
    expect(await onTheNextPage("alice", "reply.1")).toBe("");
  });

  test("typed before the stored one is read is newer than that", async () => {
    const before = await open("alice");
    before.set("reply.1", "Old");
    before.write();
    const drafts = new Drafts(browser.database(), browser.channel(), clock);
    opened.push(drafts);
    const reading = drafts.own("alice");
    drafts.set("reply.1", "New");
    await reading;
    expect(drafts.get("reply.1")).toBe("New");
  });

  test("sent before the stored one is read takes that one with it", async () => {
    const before = await open("alice");
    before.set("reply.1", "Old");
    before.write();
    expect(await onTheNextPage("alice", "reply.1")).toBe("Old");
    const drafts = new Drafts(browser.database(), browser.channel(), clock);
    opened.push(drafts);
    const reading = drafts.own("alice");
    drafts.set("reply.1", "Hello");
    drafts.sent("reply.1");
    await reading;
    expect(drafts.get("reply.1")).toBe("");
    expect(await onTheNextPage("alice", "reply.1")).toBe("");
  });

  test("that could not be stored is stored when that works again", async () => {
    const drafts = await open("alice");
    drafts.set("reply.2", "To be sent");
    drafts.write();
    expect(await onTheNextPage("alice", "reply.2")).toBe("To be sent");
    const failing = vi.spyOn(IDBDatabase.prototype, "transaction").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    drafts.set("reply.1", "Half");
    drafts.sent("reply.2");
    await vi.waitFor(() => expect(failing).toHaveBeenCalled());
    failing.mockRestore();
    const later = Date.now() + 31_000;
    vi.spyOn(Date, "now").mockImplementation(() => later);
    await vi.waitFor(async () => {
      await clock.pass(5_000);
      expect(await onTheNextPage("alice", "reply.1")).toBe("Half");
    });
    expect(await onTheNextPage("alice", "reply.2")).toBe("");
  });

  test("begun by somebody not yet known is theirs when they are", async () => {
    const early = await open("nobody");
    early.set("", "Hel");
    early.write();
    await open("carol", "nobody");
    expect(await onTheNextPage("carol", "")).toBe("Hel");
    expect(await onTheNextPage("nobody", "")).toBe("");
  });

  test("one too many takes the place of the oldest", async () => {
    const drafts = await open("alice");
    for (let room = 0; room < 101; room++) drafts.set(`reply.${room}`, "x", room + 1);
    drafts.write();
    const next = await open("alice");
    expect([next.get("reply.0"), next.get("reply.1")]).toEqual(["", "x"]);
  });
});
