import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Channel } from "./channel";
import type { Clock } from "./clock";
import type { FormerOutbox } from "./formerOutbox";
import type { OutboxStore, Stored } from "./outboxStore";
import type { Pending, TimelineEvent } from "./timeline";

/** A text on its way, as this tab knows it. */
export interface Item extends Pending {
  order: number;
  tab: string;
  /** `storing` until the store has answered; `unkept` when only this page has it. */
  keeping: "storing" | "kept" | "unkept";
}

export interface QueueOptions {
  /** Null where nothing outlives the page. */
  store: OutboxStore | null;
  channel: Channel;
  clock: Clock;
  onChange(room: string, event: TimelineEvent): void;
  /** A text has its place now; `fresh` when this list is what the store has. */
  onMoved(fresh: boolean): void;
}

// Not stored yet: behind everything that is.
const LAST = Number.MAX_SAFE_INTEGER;
// Online, a text is acknowledged long before; only what stays is worth a word.
const UNKEPT_MS = 1_000;
// Nobody comes back for another customer's words after three months.
const FORGOTTEN_MS = 90 * 24 * 3_600_000;

/**
 * One owner's texts on their way, the same list in every tab of the browser, in the order they were stored. The
 * store has the truth; this copy is read again before each send, and what the store lost is stored again: a text that
 * goes twice is harmless, one that goes never is not.
 */
export class Queue {
  readonly #options: QueueOptions;
  readonly #unkept: Signal<boolean> = signal(false);
  /** What is over: a reading that began before must not bring it back. */
  readonly #settled = new Set<string>();
  #owner = "";
  #former: FormerOutbox | undefined;
  #items: Item[] = [];
  #changes = 0;
  #cancelUnkept: (() => void) | null = null;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  get items(): readonly Item[] {
    return this.#items;
  }

  get owner(): string {
    return this.#owner;
  }

  /** Whether other tabs can have a part in this. */
  get shared(): boolean {
    return this.#options.store !== null;
  }

  /** True while only this page has a text that waits. */
  get unkept(): ReadonlySignal<boolean> {
    return this.#unkept;
  }

  /** From now on the queue of `owner`; what `before` wrote is theirs too, anybody else's stays where it is. */
  async own(owner: string, before: string, former?: FormerOutbox): Promise<void> {
    const was = this.#owner;
    this.#owner = owner;
    if (was !== owner && was !== before) {
      for (const item of this.#items) this.#options.onChange(item.room, { type: "discard", client_id: item.client_id });
      this.#items = [];
      this.#settled.clear();
    }
    this.#changes++;
    this.#former = former;
    for (const pending of former?.load() ?? []) {
      if (!this.#items.some(({ client_id }) => client_id === pending.client_id)) this.add(pending);
    }
    const { store, clock } = this.#options;
    if (!store) return;
    if (owner !== before) await store.adopt(before, owner).catch(() => undefined);
    if (was === "") await store.prune(clock.now() - FORGOTTEN_MS, owner).catch(() => undefined);
    await this.refresh();
  }

  /** Shows it at once as the last, and stores it. */
  add(pending: Pending): void {
    const item: Item = { ...pending, order: LAST, tab: this.#options.channel.tab, keeping: "storing" };
    this.#items.push(item);
    this.#show(item);
    this.#keepBy(item, this.#options.store?.add(this.#record(item)));
  }

  /** Replaces what is known of it, in its place. */
  change(item: Item, state: Partial<Pending>): void {
    const changed = this.#put(item, { ...plain(item), ...state });
    if (changed.keeping === "kept") {
      void this.#options.store?.put(this.#record(changed, changed.order)).catch(() => undefined);
    }
  }

  /** Puts what failed behind everything that waits. */
  requeue(item: Item): void {
    const at = Math.max(this.#options.clock.now(), ...this.#items.map((other) => other.at + 1));
    const { tab } = this.#options.channel;
    this.#storeLast(item, item.keeping === "kept" ? item.order : null, { ...plain(item), state: "queued", at, tab });
  }

  /** It is acknowledged or given up; `elsewhere` when another tab takes it out of the store. */
  settle(clientId: string, elsewhere = false): void {
    this.#settled.add(clientId);
    this.#changes++;
    const item = this.#items.find(({ client_id }) => client_id === clientId);
    this.#items = this.#items.filter((other) => other !== item);
    this.#noticeUnkept();
    this.#former?.remove(clientId);
    if (!elsewhere) void this.#options.store?.remove(clientId).catch(() => undefined);
  }

  /** Reads what the store has. Never fails: without it, what is known here counts. */
  async refresh(): Promise<void> {
    const { store } = this.#options;
    if (!store || this.#owner === "") return;
    let before: number;
    let records: Stored[];
    do {
      before = this.#changes;
      const read = await store.all(this.#owner).catch(() => null);
      if (!read) return;
      records = read;
    } while (before !== this.#changes);
    this.#merge(records);
  }

  #merge(records: Stored[]): void {
    const byId = new Map(records.map((record) => [record.client_id, record]));
    const lost: Item[] = [];
    for (const item of this.#items) {
      const record = byId.get(item.client_id);
      byId.delete(item.client_id);
      if (item.keeping === "storing") continue;
      if (record) this.#take(item, record);
      else lost.push(item);
    }
    for (const record of byId.values()) {
      if (this.#settled.has(record.client_id)) continue;
      const item: Item = { ...plain(record), order: record.order, tab: record.tab, keeping: "kept" };
      this.#items.push(item);
      this.#show(item);
    }
    this.#sort();
    if (lost.length > 0) this.#storeAgain(lost);
    this.#noticeUnkept();
  }

  // Cleared under us, or the news that they are over was lost: they go again under the same client_id. What was written
  // after them has its place behind them.
  #storeAgain(lost: readonly Item[]): void {
    const since = Math.min(...lost.map(({ at }) => at));
    const later = this.#items.filter(({ state, at }) => state === "queued" && at > since);
    for (const item of [...new Set([...lost, ...later])].sort((a, b) => a.at - b.at)) {
      const isStored = item.keeping === "kept" && !lost.includes(item);
      if (item.keeping !== "storing") this.#storeLast(item, isStored ? item.order : null, {});
    }
  }

  #take(item: Item, record: Stored): void {
    const isSame = item.order === record.order && item.state === record.state && item.tab === record.tab;
    if (!isSame) this.#put(item, { ...plain(record), order: record.order, tab: record.tab, keeping: "kept" });
    else item.keeping = "kept";
  }

  // From its place, when it has one, to the end.
  #storeLast(item: Item, from: number | null, news: Partial<Item>): void {
    const { store } = this.#options;
    const changed = this.#put(item, { ...plain(item), ...news, order: LAST, keeping: "storing" });
    const record = this.#record(changed);
    this.#keepBy(changed, from === null ? store?.add(record) : store?.move(from, record));
  }

  // Without a store this is over before it returns: what is typed goes out at once.
  #keepBy(item: Item, kept: Promise<Stored[]> | undefined): void {
    if (!kept) this.#kept(item, null, true);
    const before = this.#changes;
    kept?.then(
      (records) => this.#kept(item, records, before === this.#changes),
      () => this.#kept(item, null, false),
    );
  }

  #kept({ client_id }: Item, records: Stored[] | null, isFresh: boolean): void {
    const item = this.#items.find((other) => other.client_id === client_id);
    if (!item) {
      // Acknowledged before it was stored.
      if (this.#settled.has(client_id)) void this.#options.store?.remove(client_id).catch(() => undefined);
      return;
    }
    const record = records?.find((other) => other.client_id === client_id);
    if (record) this.#former?.remove(client_id);
    const known = this.#items.map(({ order }) => order).filter((order) => order < LAST);
    const order = record?.order ?? Math.max(0, ...known) + 1;
    this.#put(item, { ...item, order, keeping: record ? "kept" : "unkept" });
    if (records && isFresh) this.#merge(records);
    this.#noticeUnkept();
    this.#options.onMoved(isFresh);
  }

  #put(before: Item, after: Partial<Item> & Pending): Item {
    const changed: Item = { order: before.order, tab: before.tab, keeping: before.keeping, ...after };
    this.#items = this.#items.map((item) => (item === before ? changed : item));
    this.#sort();
    this.#show(changed);
    return changed;
  }

  #show(item: Item): void {
    this.#changes++;
    this.#options.onChange(item.room, { type: "pending", pending: { ...plain(item), order: item.order } });
  }

  #sort(): void {
    this.#items = [...this.#items].sort((a, b) => a.order - b.order || a.at - b.at);
  }

  #record(item: Item): Omit<Stored, "order">;
  #record(item: Item, order: number): Stored;
  #record(item: Item, order?: number): Omit<Stored, "order"> {
    const record = { ...plain(item), owner: this.#owner, tab: item.tab };
    return order === undefined ? record : Object.assign(record, { order });
  }

  #noticeUnkept(): void {
    const waits = this.#items.some(({ keeping }) => keeping === "unkept");
    if (!waits) {
      this.#cancelUnkept?.();
      this.#cancelUnkept = null;
      this.#unkept.value = false;
    } else {
      this.#cancelUnkept ??= this.#options.clock.after(UNKEPT_MS, () => {
        this.#unkept.value = true;
      });
    }
  }
}

/** What a text is, without what this tab knows of its keeping. */
function plain({ client_id, room, kind, body, at, state, code, detail }: Pending): Pending {
  const why = state === "failed" ? { ...(code && { code }), ...(detail && { detail }) } : {};
  return { client_id, room, kind, body, at, state, ...why };
}
