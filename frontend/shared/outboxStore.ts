import type { Storage } from "./storage";
import type { Pending } from "./timeline";

/** Where an outbox keeps what is not yet acknowledged. One record per text, so that tabs do not overwrite each other. */
export interface OutboxStore {
  /** Everything stored, oldest first. */
  load(): Pending[];
  put(pending: Pending): void;
  remove(clientId: string): void;
}

/** Keeps the outbox under keys that begin with `prefix`. Broken records are dropped. */
export function outboxStore(storage: Storage, prefix: string): OutboxStore {
  const read = (key: string): Pending[] => {
    try {
      return [JSON.parse(storage.get(key) ?? "") as Pending];
    } catch {
      storage.remove(key);
      return [];
    }
  };
  return {
    load: () =>
      storage
        .keys(prefix)
        .flatMap(read)
        .sort((a, b) => a.at - b.at),
    put: (pending) => storage.set(prefix + pending.client_id, JSON.stringify(pending)),
    remove: (clientId) => storage.remove(prefix + clientId),
  };
}
