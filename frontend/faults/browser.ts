import { AsyncLocalStorage } from "node:async_hooks";
import { IDBFactory } from "fake-indexeddb";
import { Channels } from "./channels";
import { Locks } from "./locks";

/** One person's browser: what its tabs share. */
export class Browser {
  readonly local = new Map<string, string>();
  readonly tabs = new Set<Tab>();
  readonly indexedDB = new IDBFactory();
  readonly locks = new Locks();
  readonly channels = new Channels();

  constructor(
    /** The origin of the page that is shown. */
    readonly origin: string,
    /** The cookies it has for the server, as a header. */
    readonly cookie: string,
  ) {}
}

/** One tab: what a page calls `window`. */
export class Tab extends EventTarget {
  readonly session = new Map<string, string>();
  readonly document = Object.assign(new EventTarget(), { hidden: false, title: "", hasFocus: () => true });
  readonly location: TabLocation;
  readonly abort = new AbortController();

  constructor(
    readonly browser: Browser,
    address: string,
  ) {
    super();
    browser.tabs.add(this);
    this.abort.signal.addEventListener("abort", () => browser.tabs.delete(this));
    this.location = new TabLocation(address, () => this.dispatchEvent(new Event("hashchange")));
  }

  /** Runs as this page's script: its globals are this tab's, also in what the script starts. */
  run<T>(task: () => T): T {
    return current.run(this, task);
  }
}

class TabLocation {
  readonly #url: URL;
  readonly #onHash: () => void;

  constructor(address: string, onHash: () => void) {
    this.#url = new URL(address);
    this.#onHash = onHash;
  }

  get protocol(): string {
    return this.#url.protocol;
  }

  get host(): string {
    return this.#url.host;
  }

  get pathname(): string {
    return this.#url.pathname;
  }

  get href(): string {
    return this.#url.href;
  }

  get hash(): string {
    return this.#url.hash;
  }

  set hash(hash: string) {
    if (hash === this.#url.hash) return;
    this.#url.hash = hash;
    setTimeout(this.#onHash);
  }

  reload(): void {
    throw new Error("the page wanted to be loaded again");
  }
}

const current = new AsyncLocalStorage<Tab>();

/** The tab whose script is running. */
export function tab(): Tab {
  const found = current.getStore();
  if (!found) throw new Error("this runs in no tab");
  return found;
}
