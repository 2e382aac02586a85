type Task = (lock: { name: string } | null) => unknown;

interface Options {
  ifAvailable?: boolean;
  signal?: AbortSignal;
}

/** The Web Locks of one browser: exclusive, first come, first served. */
export class Locks {
  readonly #queues = new Map<string, Promise<unknown>>();

  async request(name: string, ...rest: [Task] | [Options, Task]): Promise<unknown> {
    const [options, task] = rest.length === 1 ? [{}, rest[0]] : rest;
    const before = this.#queues.get(name);
    if (before && options.ifAvailable) return await task(null);
    const turn = (async () => {
      await before;
      options.signal?.throwIfAborted();
      return await task({ name });
    })();
    const settled = turn.catch(() => {});
    this.#queues.set(name, settled);
    settled.then(() => this.#queues.get(name) === settled && this.#queues.delete(name));
    return await (options.signal ? Promise.race([turn, aborted(options.signal)]) : turn);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
