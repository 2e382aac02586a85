import { IDBDatabase, IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { browserDatabase, Database } from "./database";

let database: Database;

beforeEach(() => {
  database = new Database(new IDBFactory());
});

afterEach(() => vi.useRealTimers());

const count = () => database.run("drafts", "readonly", (transaction) => transaction.objectStore("drafts").count());

test("one failure is forgiven: storage may have been cleared while the page is open", async () => {
  await count();
  vi.spyOn(IDBDatabase.prototype, "transaction").mockImplementationOnce(() => {
    throw new DOMException("closed", "InvalidStateError");
  });
  expect(await count()).toBe(0);
  expect(database.works.value).toBe(true);
});

test("what fails twice is left alone for half a minute, then tried again", async () => {
  await count();
  vi.useFakeTimers({ toFake: ["Date"] });
  const failing = vi.spyOn(IDBDatabase.prototype, "transaction").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  await expect(count()).rejects.toThrow("full");
  expect(database.works.value).toBe(false);
  const tries = failing.mock.calls.length;
  await expect(count()).rejects.toThrow("closed");
  expect(failing.mock.calls.length).toBe(tries);
  failing.mockRestore();
  vi.advanceTimersByTime(30_000);
  expect(await count()).toBe(0);
  expect(database.works.value).toBe(true);
});

test("a browser that forbids it has none", () => {
  vi.stubGlobal("indexedDB", undefined);
  expect(browserDatabase()).toBeNull();
  Object.defineProperty(globalThis, "indexedDB", {
    configurable: true,
    get: () => {
      throw new DOMException("no", "SecurityError");
    },
  });
  expect(browserDatabase()).toBeNull();
  Reflect.deleteProperty(globalThis, "indexedDB");
});
