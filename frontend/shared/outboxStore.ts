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

  /** Stores it at the end and gives its place; where it is stored already, that place. */
  async add(stored: Omit<Stored, "order">): Promise<number> {
    try {
      return await this.#database.run("outbox", "readwrite", (transaction) => {
        const request = transaction.objectStore("outbox").add(stored) as IDBRequest<number>;
        // At once, for a page that is being closed.
        transaction.commit?.();
        return request;
      });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const order = await this.#database.run("outbox", "readonly", (transaction) =>
        transaction.objectStore("outbox").index("client_id").getKey(stored.client_id),
      );
      if (typeof order !== "number") throw error;
      await this.put({ ...stored, order });
      return order;
    }
  }

  async put(stored: Stored): Promise<void> {
    await this.#database.run("outbox", "readwrite", (transaction) => transaction.objectStore("outbox").put(stored));
  }

  /** Takes it from its place and stores it at the end. */
  move(order: number, stored: Omit<Stored, "order">): Promise<number> {
    return this.#database.run("outbox", "readwrite", (transaction) => {
      transaction.objectStore("outbox").delete(order);
      return transaction.objectStore("outbox").add(stored) as IDBRequest<number>;
    });
  }

  async remove(clientId: string): Promise<void> {
    await this.#each("client_id", clientId, (cursor) => cursor.delete());
  }

  /** What `from` wrote is `to`'s: the same person, before it was known who they are. */
  async adopt(from: string, to: string): Promise<void> {
    await this.#each("owner", from, (cursor, stored) => cursor.update({ ...stored, owner: to }));
  }

  /** Forgets what nobody came back for. */
  async prune(before: number, except: string): Promise<void> {
    await this.#each("owner", null, (cursor, { at, owner }) => at < before && owner !== except && cursor.delete());
  }

  #each(index: string, key: string | null, visit: (cursor: IDBCursorWithValue, stored: Stored) => unknown) {
    return this.#database.run("outbox", "readwrite", (transaction) => {
      const request = transaction.objectStore("outbox").index(index).openCursor(key);
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
