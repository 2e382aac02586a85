// What the client's code finds in a browser. Imported first: each global is that of the tab whose script is running.
import "fake-indexeddb/auto";
import { tab } from "./browser";
import { TabChannel } from "./tabChannel";

const plainFetch = globalThis.fetch;

give("document", () => tab().document);
give("location", () => tab().location);
give("localStorage", () => webStorage(tab().browser.local, tellOtherTabs));
give("sessionStorage", () => webStorage(tab().session, () => {}));
give("indexedDB", () => tab().browser.indexedDB);
give("navigator", () => ({ onLine: true, locks: tab().browser.locks }));
give("BroadcastChannel", () => TabChannel);
give("addEventListener", () => tab().addEventListener.bind(tab()));
give("removeEventListener", () => tab().removeEventListener.bind(tab()));
give("dispatchEvent", () => tab().dispatchEvent.bind(tab()));
give("fetch", () => browserFetch);
skewClock(Number(process.env.CLOCK_SKEW_SECONDS ?? 0) * 1000);

function give(name: string, get: () => unknown): void {
  Object.defineProperty(globalThis, name, { get, configurable: true });
}

/** As a browser does: says from which page the request comes, and keeps cookies to their own origin. */
function browserFetch(address: string, init: RequestInit = {}): Promise<Response> {
  const { browser, location } = tab();
  const headers = new Headers(init.headers);
  const url = new URL(address, location.href);
  headers.set("Origin", browser.origin);
  if (url.host === location.host && browser.cookie) headers.set("Cookie", browser.cookie);
  return plainFetch(url, { ...init, headers });
}

function tellOtherTabs(key: string, newValue: string | null): void {
  const here = tab();
  for (const other of here.browser.tabs) {
    if (other === here) continue;
    setTimeout(() => other.run(() => other.dispatchEvent(Object.assign(new Event("storage"), { key, newValue }))));
  }
}

function webStorage(values: Map<string, string>, onChange: (key: string, value: string | null) => void): object {
  const methods = {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => {
      if (values.get(key) === value) return;
      values.set(key, value);
      onChange(key, value);
    },
    removeItem: (key: string) => {
      if (values.delete(key)) onChange(key, null);
    },
    clear: () => values.clear(),
    key: (index: number) => [...values.keys()][index] ?? null,
    get length() {
      return values.size;
    },
  };
  // `Object.keys(localStorage)` lists what is stored.
  return new Proxy(methods, {
    ownKeys: () => [...values.keys()],
    getOwnPropertyDescriptor: (_, key) =>
      typeof key === "string" && values.has(key)
        ? { value: values.get(key), enumerable: true, configurable: true, writable: true }
        : undefined,
  });
}

// A computer whose clock is wrong; the driver's own log is in monotonic time.
function skewClock(ms: number): void {
  if (ms === 0) return;
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...parts: [] | [number | string]) {
      super(...((parts.length === 0 ? [RealDate.now() + ms] : parts) as [number]));
    }

    static override now(): number {
      return RealDate.now() + ms;
    }
  } as DateConstructor;
}
