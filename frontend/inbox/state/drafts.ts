import { localStore, type Storage } from "../../shared/storage";

/** What is being written: a reply the customer will see, or a note for staff. */
export type Mode = "reply" | "note";

// Oldest drafts go first when there are more: nobody comes back to the hundredth.
const KEPT = 100;

/** Unsent words, by room and mode, kept over reloads; per agent, as browsers are shared. */
export class Drafts {
  readonly #prefix: string;
  readonly #storage: Storage;

  constructor(agent: string, storage: Storage = localStore()) {
    this.#prefix = `porchlight.draft.${agent}.`;
    this.#storage = storage;
  }

  get(room: string, mode: Mode): string {
    return this.#read(this.#key(room, mode)).text;
  }

  set(room: string, mode: Mode, text: string): void {
    const key = this.#key(room, mode);
    if (text === "") {
      this.#storage.remove(key);
      return;
    }
    const isNew = this.#storage.get(key) === null;
    this.#storage.set(key, JSON.stringify({ at: Date.now(), text }));
    if (isNew) this.#prune();
  }

  #prune(): void {
    const keys = this.#storage.keys(this.#prefix);
    if (keys.length <= KEPT) return;
    const byAge = keys.map((key) => ({ key, at: this.#read(key).at })).sort((a, b) => a.at - b.at);
    for (const { key } of byAge.slice(0, keys.length - KEPT)) this.#storage.remove(key);
  }

  #read(key: string): { at: number; text: string } {
    try {
      const { at, text } = JSON.parse(this.#storage.get(key) ?? "{}") as { at?: unknown; text?: unknown };
      return { at: Number(at) || 0, text: typeof text === "string" ? text : "" };
    } catch {
      return { at: 0, text: "" };
    }
  }

  #key(room: string, mode: Mode): string {
    return `${this.#prefix}${mode}.${room}`;
  }
}
