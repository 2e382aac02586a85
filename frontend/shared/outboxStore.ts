import { type Database, isRefusal } from "./database";
import type { Pending } from "./timeline";

/** A text as it is stored. `order` is the place in the queue, given by the transaction that stored it. */
export interface Stored extends Pending {
  order: number;
  owner: string;
  /** The tab that wrote it. */
  tab: string;
}

/** One queue per owner for all tabs: keys are given in the order of commit, so every tab reads the same order. */
export class OutboxStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Everything queued or failed, in order. */
  all(owner: string): Promise<Stored[]> {
    return this.#database.run("outbox", "readonly", (transaction) =>
      transaction.objectStore("outbox").index("owner").getAll(owner),
    );
  }

  /** Stores it at the end, unless it is stored already, and gives what is queued then. */
  async add(stored: Omit<Stored, "order">): Promise<Stored[]> {
    try {
      return await this.#write(stored, (outbox) => outbox.add(stored));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const order = await this.#database.run("outbox", "readonly", (transaction) =>
        transaction.objectStore("outbox").index("client_id").getKey(stored.client_id),
      );
      if (typeof order !== "number") throw error;
      return await this.put({ ...stored, order });
    }
  }

  put(stored: Stored): Promise<Stored[]> {
    return this.#write(stored, (outbox) => outbox.put(stored));
  }

  /** Takes it from its place and stores it at the end. */
  move(order: number, stored: Omit<Stored, "order">): Promise<Stored[]> {
    return this.#write(stored, (outbox) => {
      outbox.delete(order);
      outbox.add(stored);
    });
  }

  async remove(clientId: string): Promise<void> {
    await this.#database.run("outbox", "readwrite", (transaction) => {
      const outbox = transaction.objectStore("outbox");
      const request = outbox.index("client_id").getKey(clientId);
      request.onsuccess = () => request.result !== undefined && outbox.delete(request.result);
      return null;
    });
  }

  /** What `from` wrote is `to`'s: the same person, before it was known who they are. */
  async adopt(from: string, to: string): Promise<void> {
    await this.#each(from, (cursor, stored) => cursor.update({ ...stored, owner: to }));
  }

  /** Forgets what nobody came back for. */
  async prune(before: number, except: string): Promise<void> {
    await this.#each(null, (cursor, { at, owner }) => at < before && owner !== except && cursor.delete());
  }

  // Together with what comes of it: a text is often sent right after, and needs no reading of its own.
  #write({ owner }: Omit<Stored, "order">, write: (outbox: IDBObjectStore) => void): Promise<Stored[]> {
    return this.#database.run("outbox", "readwrite", (transaction) => {
      const outbox = transaction.objectStore("outbox");
      write(outbox);
      const request = outbox.index("owner").getAll(owner) as IDBRequest<Stored[]>;
      // At once, for a page that is being closed.
      transaction.commit?.();
      return request;
    });
  }

  #each(key: string | null, visit: (cursor: IDBCursorWithValue, stored: Stored) => unknown) {
    return this.#database.run("outbox", "readwrite", (transaction) => {
      const request = transaction.objectStore("outbox").index("owner").openCursor(key);
      request.onsuccess = () => {
        const cursor = request.result;
        if (!cursor) return;
        visit(cursor, cursor.value as Stored);
        cursor.continue();
      };
      return null;
    });
  }
}
