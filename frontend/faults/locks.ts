type Task = (lock: { name: string } | null) => unknown;

interface Options {
  ifAvailable?: boolean;
  steal?: boolean;
  signal?: AbortSignal;
}

interface Turn {
  start(): void;
  lose(reason: unknown): void;
}

/** The Web Locks of one browser: exclusive, first come, first served, and taken by who steals. */
export class Locks {
  readonly #queues = new Map<string, Turn[]>();

  request(name: string, ...rest: [Task] | [Options, Task]): Promise<unknown> {
    const [options, task] = rest.length === 1 ? [{}, rest[0]] : rest;
    const queue = this.#queues.get(name) ?? [];
    this.#queues.set(name, queue);
    if (queue.length > 0 && options.ifAvailable) return Promise.resolve(task(null));
    return new Promise((resolve, reject) => {
      const leave = () => {
        const first = queue[0] === turn;
        if (queue.includes(turn)) queue.splice(queue.indexOf(turn), 1);
        if (first) queue[0]?.start();
      };
      const turn: Turn = {
        start: () => Promise.resolve(task({ name })).then(resolve, reject).finally(leave),
        lose: reject,
      };
      options.signal?.addEventListener("abort", () => {
        reject(options.signal?.reason);
        if (queue[0] !== turn) leave();
      });
      if (options.steal) {
        queue.shift()?.lose(new DOMException("stolen", "AbortError"));
        queue.unshift(turn);
      } else queue.push(turn);
      if (queue[0] === turn) turn.start();
    });
  }
}
