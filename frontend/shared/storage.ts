/** A small map of strings that outlives the page where the browser allows it. */
export interface Storage {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
  /** The keys that begin with `prefix`. */
  keys(prefix: string): string[];
}

/** localStorage; each key falls back to memory where storage is forbidden or full. Never throws. */
export function localStore(): Storage {
  return webStore(() => localStorage);
}

/** The same for sessionStorage, which is one tab's own and survives its reloads. */
export function tabStore(): Storage {
  return webStore(() => sessionStorage);
}

function webStore(area: () => globalThis.Storage): Storage {
  const memory = memoryStore();
  const attempt = <T>(action: () => T, otherwise: () => T): T => {
    try {
      return action();
    } catch {
      return otherwise();
    }
  };
  return {
    get: (key) =>
      memory.get(key) ??
      attempt(
        () => area().getItem(key),
        () => null,
      ),
    set: (key, value) =>
      attempt(
        () => {
          area().setItem(key, value);
          memory.remove(key);
        },
        () => memory.set(key, value),
      ),
    remove(key) {
      memory.remove(key);
      attempt(
        () => area().removeItem(key),
        () => undefined,
      );
    },
    keys: (prefix) => [
      ...memory.keys(prefix),
      ...attempt(
        () => Object.keys(area()).filter((key) => key.startsWith(prefix)),
        () => [],
      ),
    ],
  };
}

/** Storage that lasts as long as the page. */
export function memoryStore(): Storage {
  const values = new Map<string, string>();
  return {
    get: (key) => values.get(key) ?? null,
    set: (key, value) => void values.set(key, value),
    remove: (key) => void values.delete(key),
    keys: (prefix) => [...values.keys()].filter((key) => key.startsWith(prefix)),
  };
}
