import { IDBFactory } from "fake-indexeddb";
import type { Channel } from "../channel";
import { Database } from "../database";
import { uuid } from "../uuid";

/** One browser for a test: a database that outlives its tabs, and a channel between them that can be cut. */
export class TestBrowser {
  factory = new IDBFactory();
  cut = false;
  readonly #tabs = new Map<string, (message: Record<string, unknown>) => void>();

  /** What a new tab opens; each has a connection of its own. */
  database(): Database {
    return new Database(this.factory);
  }

  channel(): Channel {
    const tab = uuid();
    return {
      tab,
      post: (message) => {
        const others = this.cut || !this.#tabs.has(tab) ? [] : [...this.#tabs].filter(([other]) => other !== tab);
        for (const [, hear] of others) queueMicrotask(() => hear({ ...message, tab }));
      },
      listen: (listener) => {
        this.#tabs.set(tab, listener);
        return () => this.#tabs.delete(tab);
      },
      close: () => void this.#tabs.delete(tab),
    };
  }
}
