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
        () => localStorage.getItem(key),
        () => null,
      ),
    set: (key, value) =>
      attempt(
        () => {
          localStorage.setItem(key, value);
          memory.remove(key);
        },
        () => memory.set(key, value),
      ),
    remove(key) {
      memory.remove(key);
      attempt(
        () => localStorage.removeItem(key),
        () => undefined,
      );
    },
    keys: (prefix) => [
      ...memory.keys(prefix),
      ...attempt(
        () => Object.keys(localStorage).filter((key) => key.startsWith(prefix)),
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
