import type { Clock } from "../clock";

/** A clock that stands still until a test moves it; tasks run in the order of their times. */
export class TestClock implements Clock {
  #now = 1_700_000_000_000;
  #tasks: { at: number; task: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): () => void {
    const entry = { at: this.#now + ms, task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  }

  /** Moves on, running what falls due, and lets promises settle. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#now = next.at;
      next.task();
      await settle();
    }
    this.#now = end;
  }

  #next(end: number): { at: number; task: () => void } | undefined {
    const due = this.#tasks.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
    this.#tasks = this.#tasks.filter((other) => other !== due);
    return due;
  }
}

/** Lets everything that waits for resolved promises run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}
