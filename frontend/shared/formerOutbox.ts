import type { Storage } from "./storage";
import type { Pending } from "./timeline";

/** What older versions kept in localStorage, to be taken over once. */
export interface FormerOutbox {
  /** Everything that is still there, oldest first. Broken records are dropped. */
  load(): Pending[];
  remove(clientId: string): void;
}

export function formerOutbox(storage: Storage, prefix: string): FormerOutbox {
  const read = (key: string): Pending[] => {
    try {
      const pending = JSON.parse(storage.get(key) ?? "") as Pending;
      // Throws where one of them is no text.
      if ([pending.client_id, pending.room, pending.body].every((each) => each.trim())) return [pending];
    } catch {
      // Not written here.
    }
    storage.remove(key);
    return [];
  };
  return {
    load: () =>
      storage
        .keys(prefix)
        .flatMap(read)
        .sort((a, b) => a.at - b.at),
    remove: (clientId) => storage.remove(prefix + clientId),
  };
}
