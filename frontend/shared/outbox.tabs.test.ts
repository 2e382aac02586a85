import { IDBObjectStore } from "fake-indexeddb";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { Database, type StoreName } from "./database";
import { formerOutbox } from "./formerOutbox";
import { Outbox } from "./outbox";
import { memoryStore } from "./storage";
import { TestBrowser } from "./testing/browser";
import { TestClock } from "./testing/clock";
import type { TimelineEvent } from "./timeline";

/** A tab with an outbox; its server is the test, and everybody's server has one log. */
class Tab {
  readonly channel = browser.channel();
  readonly events: TimelineEvent[] = [];
  readonly sent: { client_id: string; body: string }[] = [];
  answers = true;
  online = true;
  outbox: Outbox;

  constructor(owner = "carol", before = owner, database = browser.database()) {
    this.outbox = new Outbox({
      database,
      channel: this.channel,
      transmit: (frame) => this.#transmit(frame),
      onChange: (_room, event) => this.events.push(event),
      clock,
      random: () => 0.5,
    });
    this.outbox.own(owner, before);
    tabs.push(this);
  }

  #transmit(frame: { client_id: string; body: string }): boolean {
    if (!this.online) return false;
    this.sent.push(frame);
    if (this.answers) this.acknowledge(frame);
    return true;
  }

  acknowledge({ client_id, body }: { client_id: string; body: string }): void {
    if (!log.some((entry) => entry.client_id === client_id)) log.push({ client_id, body });
    const seq = 1 + log.findIndex((entry) => entry.client_id === client_id);
    setTimeout(() => this.outbox.answer({ type: "ack", client_id, room: "r", seq, at: 0 }));
  }

  refuse(code: "not_allowed" | "too_fast", retry_after: number | null = null): void {
    const client_id = this.sent.at(-1)?.client_id ?? null;
    this.outbox.answer({ type: "error", code, detail: "", client_id, retry_after, limit: null });
  }

  bodies(): string[] {
    return this.outbox.items.map(({ body }) => body);
  }

  close(): void {
    this.outbox.close();
    this.channel.close();
  }
}

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

let browser: TestBrowser;
let clock: TestClock;
let tabs: Tab[];
let log: { client_id: string; body: string }[];

beforeEach(() => {
  for (const tab of tabs ?? []) tab.close();
  browser = new TestBrowser();
  clock = new TestClock();
  tabs = [];
  log = [];
});

const stored = () => log.map(({ body }) => body);
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 2_000, interval: 5 });
// Long enough for a handful of transactions; used only where nothing is to happen.
const quiet = () => new Promise((resolve) => setTimeout(resolve, 60));

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

describe("two tabs", () => {
  test("keep the order in which was written, each sending its own", async () => {
    const [one, two] = [new Tab(), new Tab()];
    for (let turn = 0; turn < 3; turn++) {
      one.outbox.add("r", `one ${turn}`);
      await quiet();
      two.outbox.add("r", `two ${turn}`);
      await quiet();
    }
    one.outbox.resume();
    two.outbox.resume();
    const written = ["one 0", "two 0", "one 1", "two 1", "one 2", "two 2"];
    await eventually(() => expect(stored()).toEqual(written));
    expect(one.sent.map(({ body }) => body)).toEqual(["one 0", "one 1", "one 2"]);
    expect(two.sent.map(({ body }) => body)).toEqual(["two 0", "two 1", "two 2"]);
    await eventually(() => expect([...one.bodies(), ...two.bodies()]).toEqual([]));
  });

  test("show each other's texts as waiting, then as saved", async () => {
    const [one, two] = [new Tab(), new Tab()];
    await quiet();
    one.outbox.add("r", "hello");
    await eventually(() => expect(two.bodies()).toEqual(["hello"]));
    one.outbox.resume();
    await eventually(() => expect(two.events.at(-1)).toMatchObject({ type: "ack", seq: 1 }));
    expect(two.bodies()).toEqual([]);
  });

  test("do not pass a text that the server lets wait", async () => {
    const [one, two] = [new Tab(), new Tab()];
    one.answers = false;
    one.outbox.resume();
    two.outbox.resume();
    one.outbox.add("r", "first");
    await eventually(() => expect(one.sent).toHaveLength(1));
    one.refuse("too_fast", 5);
    two.outbox.add("r", "second");
    await quiet();
    await clock.pass(4_000);
    await quiet();
    expect(two.sent).toEqual([]);
    one.answers = true;
    await clock.pass(1_000);
    await eventually(() => expect(stored()).toEqual(["first", "second"]));
  });

  test("one sends for the other that was closed, after two quiet seconds", async () => {
    const [gone, here] = [new Tab(), new Tab()];
    gone.answers = false;
    gone.outbox.resume();
    gone.outbox.add("r", "left");
    gone.outbox.add("r", "behind");
    await quiet();
    gone.channel.close();
    gone.outbox.close();
    here.outbox.resume();
    here.outbox.add("r", "mine");
    await quiet();
    await clock.pass(1_999);
    await quiet();
    expect(log).toEqual([]);
    await clock.pass(1);
    await eventually(() => expect(stored()).toEqual(["left", "behind", "mine"]));
  });

  test("one sends at once for the other that says it is cut off", async () => {
    const [cutOff, here] = [new Tab(), new Tab()];
    here.outbox.resume();
    cutOff.outbox.add("r", "hello");
    await eventually(() => expect(stored()).toEqual(["hello"]));
    expect(here.sent).toHaveLength(1);
  });

  test("that send the same text harm nobody", async () => {
    const [frozen, here] = [new Tab(), new Tab()];
    frozen.answers = false;
    frozen.outbox.resume();
    here.outbox.resume();
    frozen.outbox.add("r", "hello");
    await eventually(() => expect(frozen.sent).toHaveLength(1));
    await quiet();
    await clock.pass(2_000);
    await eventually(() => expect(here.sent).toHaveLength(1));
    frozen.acknowledge(frozen.sent[0] ?? { client_id: "", body: "" });
    frozen.answers = true;
    frozen.outbox.add("r", "next");
    await eventually(() => expect(stored()).toEqual(["hello", "next"]));
  });

  test("that hear nothing of each other come to the same end", async () => {
    browser.cut = true;
    const [one, two] = [new Tab(), new Tab()];
    one.outbox.resume();
    two.outbox.resume();
    for (let turn = 0; turn < 3; turn++) {
      one.outbox.add("r", `one ${turn}`);
      two.outbox.add("r", `two ${turn}`);
    }
    for (let turn = 0; turn < 6; turn++) {
      await quiet();
      await clock.pass(2_000);
    }
    await eventually(() => expect(stored()).toHaveLength(6));
    for (const name of ["one", "two"]) {
      expect(stored().filter((body) => body.startsWith(name))).toEqual([`${name} 0`, `${name} 1`, `${name} 2`]);
    }
    one.outbox.look();
    two.outbox.look();
    await eventually(() => expect([...one.bodies(), ...two.bodies()]).toEqual([]));
  });

  test("take over once what an older version left", async () => {
    const storage = memoryStore();
    const left = { client_id: "x", room: "r", kind: "text", body: "left", at: 1, state: "queued" };
    storage.set("outbox:x", JSON.stringify(left));
    const [one, two] = [new Tab(""), new Tab("")];
    for (const { outbox } of [one, two]) outbox.own("carol", "carol", formerOutbox(storage, "outbox:"));
    await eventually(() => expect(storage.keys("outbox:")).toEqual([]));
    one.outbox.resume();
    await quiet();
    await clock.pass(2_000);
    await eventually(() => expect(stored()).toEqual(["left"]));
    await eventually(() => expect(two.bodies()).toEqual([]));
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
    tab.outbox.look();
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

  test("that was cleared under two pages at once ends with one queue", async () => {
    const tabs = [new Tab(), new Tab()];
    for (let turn = 0; turn < 4; turn++) {
      tabs[turn % 2]?.outbox.add("r", String(turn));
      await quiet();
    }
    await new Promise((resolve) => {
      browser.factory.deleteDatabase("porchlight").onsuccess = resolve;
    });
    for (const { outbox } of tabs) outbox.look();
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
