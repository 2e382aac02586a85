import { type Signal, signal } from "@preact/signals";

export type StoreName = "outbox" | "drafts";

// Some browsers never answer: private windows, a broken profile, another tab that blocks.
const PATIENCE_MS = 3_000;
// After a failure nothing is tried for this long: a full disk may have space again, a forbidden one never has.
const AGAIN_MS = 30_000;

/**
 * What outlives the page, in IndexedDB, shared by all tabs. Nothing here hangs: what cannot be done rejects, and
 * callers go on in memory. One failure is forgiven, because storage may be cleared while the page is open.
 */
export class Database {
  /** False from the first failure until something works again. */
  readonly works: Signal<boolean> = signal(true);
  /** Called when what was stored may be gone. */
  onLost: () => void = () => {};
  readonly #factory: IDBFactory;
  #opening: Promise<IDBDatabase> | null = null;
  #closedUntil = 0;

  constructor(factory: IDBFactory) {
    this.#factory = factory;
  }

  /** Runs one transaction over `store`. Rejects when the browser could not keep its promise. */
  async run<T = void>(
    store: StoreName,
    mode: IDBTransactionMode,
    work: (transaction: IDBTransaction) => IDBRequest<T> | null,
  ): Promise<T> {
    if (Date.now() < this.#closedUntil) throw new Error("closed");
    try {
      return await this.#attempt(store, mode, work);
    } catch (error) {
      // A refused record is an answer.
      if (isRefusal(error)) throw error;
      this.#close();
      // Who did not answer in time will not the second time.
      if (!(error instanceof DOMException)) return this.#fail(error);
      return await this.#attempt(store, mode, work).catch((again) => this.#fail(again));
    }
  }

  async #attempt<T>(
    store: StoreName,
    mode: IDBTransactionMode,
    work: (transaction: IDBTransaction) => IDBRequest<T> | null,
  ): Promise<T> {
    this.#opening ??= this.#open();
    const database = await this.#opening;
    const result = await inTime<T>((resolve, reject) => {
      const transaction = database.transaction(store, mode);
      const request = work(transaction);
      transaction.oncomplete = () => resolve(request?.result as T);
      transaction.onabort = () => reject(transaction.error ?? new DOMException("aborted", "AbortError"));
    });
    this.works.value = true;
    return result;
  }

  #open(): Promise<IDBDatabase> {
    return inTime<IDBDatabase>((resolve, reject) => {
      const request = this.#factory.open("porchlight", 1);
      request.onupgradeneeded = () => {
        const database = request.result;
        const outbox = database.createObjectStore("outbox", { keyPath: "order", autoIncrement: true });
        outbox.createIndex("owner", "owner");
        outbox.createIndex("client_id", "client_id", { unique: true });
        database.createObjectStore("drafts", { keyPath: "key" }).createIndex("owner", "owner");
      };
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const database = request.result;
        // Cleared by the person, or wanted by a newer version in another tab: the next transaction opens anew.
        database.onclose = database.onversionchange = () => {
          this.#close();
          this.onLost();
        };
        resolve(database);
      };
    });
  }

  #close(): void {
    const opening = this.#opening;
    this.#opening = null;
    opening?.then(
      (database) => database.close(),
      () => undefined,
    );
  }

  #fail(error: unknown): never {
    this.#close();
    this.#closedUntil = Date.now() + AGAIN_MS;
    this.works.value = false;
    throw error;
  }
}

/** Whether a record was refused because one like it is there. */
export function isRefusal(error: unknown): boolean {
  return error instanceof DOMException && error.name === "ConstraintError";
}

/** The browser's database, or null where there is none or it may not be touched. */
export function browserDatabase(): Database | null {
  try {
    return globalThis.indexedDB ? new Database(indexedDB) : null;
  } catch {
    return null;
  }
}

function inTime<T>(start: (resolve: (value: T) => void, reject: (reason: unknown) => void) => void): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no answer")), PATIENCE_MS);
    const settled =
      <V>(settle: (value: V) => void) =>
      (value: V) => {
        clearTimeout(timer);
        settle(value);
      };
    try {
      start(settled(resolve), settled(reject));
    } catch (error) {
      settled(reject)(error);
    }
  });
}
