import { afterEach, beforeEach, expect, test } from "vitest";
import { OutboxStore, type Stored } from "./outboxStore";
import { Queue } from "./queue";
import { TestBrowser } from "./testing/browser";
import { TestClock } from "./testing/clock";
import type { Pending, TimelineEvent } from "./timeline";

const DAY = 24 * 3_600_000;

/** The real store, whose readings can be kept back on their way. */
class SlowStore extends OutboxStore {
  answering = Promise.resolve();
  forgetful = false;

  override async all(owner: string): Promise<Stored[]> {
    const records = await super.all(owner);
    await this.answering;
    return records;
  }

  override async add(stored: Omit<Stored, "order">): Promise<Stored[]> {
    const records = await super.add(stored);
    await this.answering;
    return records;
  }

  override async remove(clientId: string): Promise<void> {
    if (this.forgetful) throw new Error("no");
    await super.remove(clientId);
  }
}

let browser: TestBrowser;
let clock: TestClock;
let store: SlowStore;
let queue: Queue;
let events: TimelineEvent[];
let stored: (() => void)[];

beforeEach(async () => {
  browser = new TestBrowser();
  clock = new TestClock();
  store = new SlowStore(browser.database());
  queue = open(store);
  await queue.own("carol", "carol");
});

afterEach(() => {
  stored = [];
});

function open(from: OutboxStore): Queue {
  events = [];
  stored = [];
  return new Queue({
    store: from,
    channel: browser.channel(),
    clock,
    onChange: (_room, event) => events.push(event),
    onMoved: () => stored.splice(0).map((resolve) => resolve()),
  });
}

async function add(client_id: string, at = clock.now()): Promise<Pending> {
  const pending: Pending = { client_id, room: "r", kind: "text", body: client_id, at, state: "queued" };
  const moved = new Promise<void>((resolve) => stored.push(resolve));
  queue.add(pending);
  await moved;
  return pending;
}

function holdBack(): () => void {
  let release = () => {};
  store.answering = new Promise((resolve) => {
    release = resolve;
  });
  return release;
}

test("a reading that began before a text failed does not make it wait again", async () => {
  await add("one");
  const release = holdBack();
  const reading = queue.refresh();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const [item] = queue.items;
  if (item) queue.change(item, { state: "failed", code: "not_allowed" });
  release();
  await reading;
  expect(queue.items).toMatchObject([{ state: "failed", code: "not_allowed" }]);
  expect(events.filter(({ type }) => type === "pending").at(-1)).toMatchObject({ pending: { state: "failed" } });
});

test("nor does a storing that began before", async () => {
  await add("one");
  const release = holdBack();
  const adding = add("two");
  await new Promise((resolve) => setTimeout(resolve, 20));
  const [item] = queue.items;
  if (item) queue.change(item, { state: "failed", code: "not_allowed" });
  release();
  await adding;
  expect(queue.items).toMatchObject([
    { client_id: "one", state: "failed" },
    { client_id: "two", state: "queued", keeping: "kept" },
  ]);
});

test("what is acknowledged does not come back when the store cannot forget it", async () => {
  store.forgetful = true;
  await add("one");
  queue.settle("one");
  await queue.refresh();
  expect(queue.items).toEqual([]);
});

test("what is stored twice keeps its first place", async () => {
  const one = await add("one");
  await add("two");
  const queued = await store.add({ ...one, owner: "carol", tab: "another" });
  expect(queued.map(({ client_id }) => client_id)).toEqual(["one", "two"]);
});

test("what nobody came back for is forgotten after three months, but one's own never", async () => {
  await queue.own("mallory", "mallory");
  await add("old", clock.now() - 100 * DAY);
  await add("young", clock.now() - 80 * DAY);
  const later = open(new OutboxStore(browser.database()));
  await later.own("carol", "carol");
  expect((await store.all("mallory")).map(({ client_id }) => client_id)).toEqual(["young"]);
  const back = open(new OutboxStore(browser.database()));
  clock.pass(100 * DAY);
  await back.own("mallory", "mallory");
  expect(back.items.map(({ client_id }) => client_id)).toEqual(["young"]);
});
