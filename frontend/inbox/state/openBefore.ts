import { OPEN_ROOMS } from "../../shared/limits";
import { type Storage, tabStore } from "../../shared/storage";
import type { Tabs } from "./tabs";

/** Which conversations are open in this browser tab, kept over reloads; per agent, as browsers are shared. */
export class OpenBefore {
  readonly #key: string;
  readonly #storage: Storage;

  constructor(agent: string, storage: Storage = tabStore()) {
    this.#key = `porchlight.open.${agent}`;
    this.#storage = storage;
  }

  load(): Tabs {
    try {
      const { order, used } = JSON.parse(this.#storage.get(this.#key) ?? "{}") as Partial<Tabs>;
      const rooms = numbers(order).slice(-OPEN_ROOMS);
      const known = numbers(used).filter((room) => rooms.includes(room));
      return { order: rooms, used: [...rooms.filter((room) => !known.includes(room)), ...known] };
    } catch {
      return { order: [], used: [] };
    }
  }

  keep({ order, used }: Tabs): void {
    if (order.length === 0) this.#storage.remove(this.#key);
    else this.#storage.set(this.#key, JSON.stringify({ order, used }));
  }
}

// Whatever else is stored there was not written here.
function numbers(value: unknown): string[] {
  return Array.isArray(value) ? [...new Set(value)].filter((each) => /^\d{1,18}$/.test(String(each))).map(String) : [];
}
