import { signal } from "@preact/signals";

/** The server's time, as this page knows it; what ticks reads `shown`, which moves every few seconds. */
export class ServerTime {
  readonly shown = signal(Date.now());
  #skew = 0;

  get now(): number {
    return Date.now() + this.#skew;
  }

  is(at: number): void {
    this.#skew = at - Date.now();
    this.tick();
  }

  tick(): void {
    this.shown.value = this.now;
  }
}
