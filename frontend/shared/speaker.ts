import { type Signal, signal } from "@preact/signals";

/**
 * Whether this tab is the one that speaks for its browser: news is said, and later sounded, once and not once per
 * tab. It is the tab that had the focus last, by a lock that each takes from the others; where there are no locks,
 * any tab that is on screen.
 */
export class Speaker {
  readonly #holds: Signal<boolean> = signal(false);
  readonly #name: string;
  #locks: LockManager | null;
  readonly #running = new AbortController();
  #asking = new AbortController();
  #release: () => void = () => {};

  constructor(name: string) {
    this.#name = `${name}speaker`;
    this.#locks = (navigator as Partial<Navigator>).locks ?? null;
    if (!this.#locks) return;
    const { signal } = this.#running;
    addEventListener("focus", () => this.#ask(true), { signal });
    // A page that holds a lock cannot be kept for the way back.
    addEventListener("pagehide", () => this.#leave(), { signal });
    addEventListener("pageshow", () => this.#ask(document.hasFocus()), { signal });
    this.#ask(document.hasFocus());
  }

  get speaks(): boolean {
    return this.#locks ? this.#holds.peek() : !document.hidden;
  }

  close(): void {
    this.#running.abort();
    this.#leave();
  }

  #leave(): void {
    this.#asking.abort();
    this.#holds.value = false;
    this.#release();
  }

  #ask(now: boolean): void {
    if (this.#holds.peek()) return;
    // One request of this tab at a time, or those that nobody needs any more would queue up for ever.
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    const held = () => {
      if (signal.aborted) return Promise.resolve();
      this.#holds.value = true;
      return new Promise<void>((release) => {
        this.#release = release;
      });
    };
    this.#locks?.request(this.#name, now ? { steal: true } : { signal }, held).catch((error: unknown) => {
      if (signal.aborted) return;
      this.#holds.value = false;
      // Another tab has the focus now; when it goes, somebody must be next. Anything else: there are no locks here.
      if ((error as Error).name !== "AbortError") this.#locks = null;
      else this.#ask(false);
    });
  }
}
