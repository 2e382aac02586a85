import { IDBObjectStore } from "fake-indexeddb";
import { describe, expect, test, vi } from "vitest";
import { Database, type StoreName } from "./database";
import { browser, clock, eventually, log, quiet, setBrowser, stored, Tab } from "./testing/tabs";

setBrowser();

/** The real database, whose writing can be kept back. */
class SlowDatabase extends Database {
  writing = Promise.resolve();

  override async run<T = void>(
    store: StoreName,
    mode: IDBTransactionMode,
    work: (transaction: IDBTransaction) => IDBRequest<T> | null,
  ): Promise<T> {
    if (mode === "readwrite") await this.writing;
    return await super.run(store, mode, work);
  }
}

describe("what was written", () => {
  test("waits in the store until another day, and goes once", async () => {
    const yesterday = new Tab();
    for (const body of ["one", "two", "three"]) yesterday.outbox.add("r", body);
    await quiet();
    yesterday.close();
    const today = new Tab();
    await eventually(() => expect(today.bodies()).toEqual(["one", "two", "three"]));
    today.outbox.resume();
    await quiet();
    expect(log).toEqual([]);
    await clock.pass(2_000);
    await eventually(() => expect(stored()).toEqual(["one", "two", "three"]));
    const next = new Tab();
    next.outbox.resume();
    await quiet();
    expect(next.outbox.items).toEqual([]);
  });

  test("is shown at once and goes only when it is stored", async () => {
    const database = new SlowDatabase(browser.factory);
    const tab = new Tab("carol", "carol", database);
    tab.outbox.resume();
    await quiet();
    let write = () => {};
    database.writing = new Promise((resolve) => {
      write = resolve;
    });
    tab.outbox.add("r", "one");
    expect(tab.events[0]).toMatchObject({ type: "pending", pending: { body: "one" } });
    tab.outbox.look();
    await quiet();
    expect(tab.sent).toEqual([]);
    write();
    await eventually(() => expect(stored()).toEqual(["one"]));
    expect(tab.outbox.unkept.value).toBe(false);
  });

  test("and refused stays with its reason over pages, and goes on retry behind the others", async () => {
    const before = new Tab();
    before.answers = false;
    before.outbox.resume();
    before.outbox.add("r", "bad");
    await eventually(() => expect(before.sent).toHaveLength(1));
    before.refuse("not_allowed");
    await quiet();
    before.close();
    const after = new Tab();
    after.outbox.add("r", "good");
    await eventually(() => expect(after.outbox.items).toHaveLength(2));
    expect(after.outbox.items[0]).toMatchObject({ body: "bad", state: "failed", code: "not_allowed" });
    after.outbox.retry(after.outbox.items[0]?.client_id ?? "");
    after.outbox.resume();
    await eventually(() => expect(stored()).toEqual(["good", "bad"]));
  });
});

describe("one person's texts", () => {
  test("are never another's", async () => {
    const tab = new Tab("carol", "nobody");
    tab.outbox.add("r", "of Carol");
    await quiet();
    tab.outbox.own("mallory", "nobody");
    tab.outbox.resume();
    await quiet();
    await clock.pass(5_000);
    await quiet();
    expect(tab.sent).toEqual([]);
    expect(tab.events.at(-1)).toMatchObject({ type: "discard" });
    const back = new Tab("carol", "nobody");
    back.outbox.resume();
    await quiet();
    await clock.pass(2_000);
    await eventually(() => expect(stored()).toEqual(["of Carol"]));
  });

  test("written before it is known who writes are theirs, also on the next page", async () => {
    const early = new Tab("nobody");
    early.outbox.add("r", "early");
    await quiet();
    early.close();
    const tab = new Tab("nobody");
    tab.outbox.add("r", "now");
    tab.outbox.own("carol", "nobody");
    tab.outbox.resume();
    await quiet();
    await clock.pass(2_000);
    await eventually(() => expect(stored()).toEqual(["early", "now"]));
    const mallory = new Tab("mallory", "nobody");
    await quiet();
    expect(mallory.bodies()).toEqual([]);
  });
});

describe("a store", () => {
  test("that was cleared under the page loses nothing, whoever wrote it, and no order", async () => {
    const closed = new Tab();
    closed.outbox.add("r", "one");
    await quiet();
    closed.close();
    const tab = new Tab();
    await eventually(() => expect(tab.bodies()).toEqual(["one"]));
    tab.outbox.add("r", "two");
    await quiet();
    await new Promise((resolve) => {
      browser.factory.deleteDatabase("porchlight").onsuccess = resolve;
    });
    tab.outbox.add("r", "three");
    await quiet();
    expect(tab.bodies()).toEqual(["one", "two", "three"]);
    tab.close();
    const next = new Tab();
    next.outbox.resume();
    await quiet();
    // Two tabs were closed, and each has its two seconds.
    await clock.pass(2_000);
    await eventually(() => expect(stored()).toEqual(["one"]));
    await quiet();
    await clock.pass(2_000);
    await eventually(() => expect(stored()).toEqual(["one", "two", "three"]));
  });

  test("that was cleared is filled again before anything else happens", async () => {
    const tab = new Tab();
    tab.outbox.add("r", "one");
    await quiet();
    await new Promise((resolve) => {
      browser.factory.deleteDatabase("porchlight").onsuccess = resolve;
    });
    await quiet();
    tab.close();
    const next = new Tab();
    await eventually(() => expect(next.bodies()).toEqual(["one"]));
  });

  test("that was cleared under two pages at once ends with one queue", async () => {
    const tabs = [new Tab(), new Tab()];
    for (let turn = 0; turn < 4; turn++) {
      tabs[turn % 2]?.outbox.add("r", String(turn));
      await quiet();
    }
    await new Promise((resolve) => {
      browser.factory.deleteDatabase("porchlight").onsuccess = resolve;
    });
    await quiet();
    for (const { outbox } of tabs) outbox.resume();
    await quiet();
    await clock.pass(2_000);
    await eventually(() => expect(stored()).toEqual(["0", "1", "2", "3"]));
  });

  test("that is full lets texts go from memory, and says so meanwhile", async () => {
    vi.spyOn(IDBObjectStore.prototype, "add").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    const tab = new Tab();
    tab.outbox.add("r", "one");
    tab.outbox.add("r", "two");
    await quiet();
    await clock.pass(1_000);
    expect(tab.outbox.unkept.value).toBe(true);
    tab.outbox.resume();
    await eventually(() => expect(stored()).toEqual(["one", "two"]));
    await eventually(() => expect(tab.outbox.unkept.value).toBe(false));
  });

  test("that never answers keeps nobody waiting for long", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    vi.spyOn(browser.factory, "open").mockImplementation(() => ({}) as IDBOpenDBRequest);
    const tab = new Tab();
    tab.outbox.resume();
    tab.outbox.add("r", "one");
    await vi.advanceTimersByTimeAsync(2_900);
    expect(tab.sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(stored()).toEqual(["one"]);
    vi.useRealTimers();
  });
});
