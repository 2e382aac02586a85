import { signal } from "@preact/signals";
import type { Channel } from "./channel";
import { type Clock, systemClock } from "./clock";
import type { Database } from "./database";

interface Draft {
  text: string;
  at: number;
}

type Stored = Draft & { key: string; owner: string };

const PAUSE_MS = 300;
// What could not be stored is tried again this often.
const AGAIN_MS = 5_000;
// Oldest drafts go first when there are more: nobody comes back to the hundredth.
const KEPT = 100;

/** Unsent words, one text for each place where somebody writes, kept over pages; each owner's apart. */
export class Drafts {
  readonly #database: Database | null;
  readonly #channel: Channel;
  readonly #clock: Clock;
  readonly #version = signal(0);
  readonly #unwritten = new Set<string>();
  readonly #running = new AbortController();
  #drafts = new Map<string, Draft>();
  #owner = "";
  /** Where something was written or sent since reading began, so that what is read there is older; null once all is here. */
  #touched: Set<string> | null = new Set();
  #cancel: (() => void) | null = null;

  constructor(database: Database | null, channel: Channel, clock: Clock = systemClock) {
    this.#database = database;
    this.#channel = channel;
    this.#clock = clock;
    const { signal } = this.#running;
    addEventListener("pagehide", () => this.write(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden && this.write(), { signal });
    signal.addEventListener(
      "abort",
      channel.listen(({ type, owner, place, sent }) => {
        if (type === "draft" && owner === this.#owner) this.#sentElsewhere(String(place), String(sent));
      }),
    );
  }

  /** From now on these are the drafts of `owner`, with those that `before` wrote. Settles when they are here. */
  async own(owner: string, before = owner): Promise<void> {
    if (this.#owner === owner) return;
    this.write();
    if (this.#owner !== before) this.#drafts = new Map();
    this.#writeLater(this.#drafts.keys());
    this.#owner = owner;
    const touched = new Set<string>();
    this.#touched = touched;
    this.#version.value++;
    for (const each of new Set([owner, before])) {
      const stored = await this.#all(each);
      if (this.#owner !== owner) return;
      for (const { key, text, at } of stored) {
        const place = key.slice(each.length + 1);
        if (this.#drafts.has(place) || touched.has(place)) continue;
        this.#drafts.set(place, { text, at });
        if (each !== owner) this.#unwritten.add(place);
      }
      if (each !== owner) void this.#forget(stored.map(({ key }) => key));
    }
    this.#touched = null;
    this.#prune();
    this.#version.value++;
    this.write();
  }

  /** What is written there. Reading it inside a component subscribes. */
  get(place: string): string {
    this.#version.value;
    return this.#drafts.get(place)?.text ?? "";
  }

  set(place: string, text: string, at = this.#clock.now()): void {
    if (text === "") this.#drafts.delete(place);
    else this.#drafts.set(place, { text, at });
    this.#version.value++;
    this.#touched?.add(place);
    this.#writeLater([place]);
  }

  /** The words were sent: they are no draft any more, in no tab. */
  sent(place: string): void {
    const text = this.#drafts.get(place)?.text ?? "";
    if (text === "" && !this.#touched) return;
    this.set(place, "");
    this.write();
    this.#channel.post({ type: "draft", owner: this.#owner, place, sent: text });
  }

  /** Words that were begun in one place go on in another. */
  move(from: string, to: string): void {
    const draft = this.#drafts.get(from);
    if (!draft || this.#drafts.has(to)) return;
    this.set(to, draft.text, draft.at);
    this.set(from, "");
  }

  /** Stores what was typed since the last pause; also for a page that is about to go. */
  write(): void {
    this.#cancel?.();
    this.#cancel = null;
    const places = [...this.#unwritten];
    this.#unwritten.clear();
    if (!this.#database || places.length === 0 || this.#owner === "") return;
    const owner = this.#owner;
    const drafts = places.map((place) => ({ key: `${owner} ${place}`, draft: this.#drafts.get(place) }));
    this.#database
      .run("drafts", "readwrite", (transaction) => {
        const store = transaction.objectStore("drafts");
        for (const { key, draft } of drafts) {
          if (draft) store.put({ key, owner, ...draft } satisfies Stored);
          else store.delete(key);
        }
        transaction.commit?.();
        return null;
      })
      .catch(() => owner === this.#owner && this.#writeLater(places, AGAIN_MS));
  }

  close(): void {
    this.write();
    this.#owner = "";
    this.#running.abort();
  }

  #writeLater(places: Iterable<string>, ms = PAUSE_MS): void {
    for (const place of places) this.#unwritten.add(place);
    this.#cancel ??= this.#clock.after(ms, () => this.write());
  }

  #sentElsewhere(place: string, text: string): void {
    if (this.#drafts.get(place)?.text !== text) return;
    this.#drafts.delete(place);
    this.#unwritten.delete(place);
    this.#version.value++;
  }

  #prune(): void {
    const byAge = [...this.#drafts].sort(([, a], [, b]) => b.at - a.at);
    for (const [place] of byAge.slice(KEPT)) {
      this.#drafts.delete(place);
      this.#unwritten.add(place);
    }
  }

  async #all(owner: string): Promise<Stored[]> {
    const read = this.#database?.run<Stored[]>("drafts", "readonly", (transaction) =>
      transaction.objectStore("drafts").index("owner").getAll(owner),
    );
    return (await read?.catch(() => [])) ?? [];
  }

  async #forget(keys: string[]): Promise<void> {
    const forgotten = this.#database?.run("drafts", "readwrite", (transaction) => {
      for (const key of keys) transaction.objectStore("drafts").delete(key);
      return null;
    });
    await forgotten?.catch(() => undefined);
  }
}
