import type { Clock } from "./clock";

// A tab that does not send the first of the queue for this long was closed, frozen or cut off.
const STALLED_MS = 2_000;

/** Whose turn it is to send the first of a queue that tabs share: who wrote it, unless that tab lets it wait. */
export class Turns {
  readonly #tab: string;
  readonly #clock: Clock;
  /** Other tabs that let their turn pass. */
  readonly #stalled = new Set<string>();
  #first = "";
  #movedAt = 0;

  constructor(tab: string, clock: Clock) {
    this.#tab = tab;
    this.#clock = clock;
  }

  /** Another tab gave a sign of life; `hold` is for how long the server lets it wait. */
  heard(tab: string, live: boolean, hold: number): void {
    if (live) this.#stalled.delete(tab);
    else this.#stalled.add(tab);
    this.#movedAt = this.#clock.now() + hold;
  }

  /** Nothing could be heard before: everybody has time from now on. */
  restart(): void {
    this.#stalled.clear();
    this.#movedAt = this.#clock.now();
  }

  /** How long this tab has to wait before it may send `first`: 0 when it is its turn. */
  left(first: { client_id: string; tab: string } | undefined): number {
    if (first?.client_id !== this.#first) this.#movedAt = this.#clock.now();
    this.#first = first?.client_id ?? "";
    if (!first || first.tab === this.#tab || this.#stalled.has(first.tab)) return 0;
    const left = this.#movedAt + STALLED_MS - this.#clock.now();
    if (left > 0) return left;
    this.#stalled.add(first.tab);
    return 0;
  }
}
