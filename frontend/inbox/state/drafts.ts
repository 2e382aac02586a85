/** What is being written: a reply the customer will see, or a note for staff. */
export type Mode = "reply" | "note";

// Oldest drafts go first when there are more: nobody comes back to the hundredth.
const KEPT = 100;

/** Unsent words, by room and mode, kept over reloads; per agent, as browsers are shared. */
export class Drafts {
  readonly #key: string;
  readonly #storage: Storage | null;
  #texts: Map<string, string>;

  constructor(agent: string, storage: Storage | null = usableStorage()) {
    this.#key = `porchlight.drafts.${agent}`;
    this.#storage = storage;
    this.#texts = this.#read();
  }

  get(room: string, mode: Mode): string {
    return this.#texts.get(`${mode}:${room}`) ?? "";
  }

  set(room: string, mode: Mode, text: string): void {
    // Another tab may have written since: its drafts must survive this one's.
    this.#texts = this.#read();
    const name = `${mode}:${room}`;
    this.#texts.delete(name);
    if (text !== "") this.#texts.set(name, text);
    for (const oldest of this.#texts.keys()) {
      if (this.#texts.size <= KEPT) break;
      this.#texts.delete(oldest);
    }
    this.#write();
  }

  #read(): Map<string, string> {
    if (this.#storage === null) return this.#texts ?? new Map();
    try {
      const kept: unknown = JSON.parse(this.#storage.getItem(this.#key) ?? "[]");
      return new Map(Array.isArray(kept) ? kept.filter(isDraft) : []);
    } catch {
      return new Map();
    }
  }

  #write(): void {
    try {
      this.#storage?.setItem(this.#key, JSON.stringify([...this.#texts]));
    } catch {
      // A full storage costs the draft its survival of a reload, nothing else.
    }
  }
}

function isDraft(value: unknown): value is [string, string] {
  return Array.isArray(value) && typeof value[0] === "string" && typeof value[1] === "string";
}

function usableStorage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
