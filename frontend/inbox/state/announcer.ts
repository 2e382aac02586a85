import { type ReadonlySignal, signal } from "@preact/signals";
import { type Clock, systemClock } from "../../shared/clock";
import { strings } from "../strings";

// A screen reader needs this long for a sentence; what comes meanwhile is summed up.
const PAUSE_MS = 3_000;

/** What a screen reader should say, one thing at a time. */
export class Announcer {
  readonly #text = signal("");
  readonly #clock: Clock;
  #waiting: string[] = [];
  #busy = false;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  get text(): ReadonlySignal<string> {
    return this.#text;
  }

  say(text: string): void {
    this.#waiting.push(text);
    if (!this.#busy) this.#next();
  }

  #next(): void {
    const [first, ...others] = this.#waiting;
    this.#waiting = [];
    this.#busy = first !== undefined;
    if (first === undefined) return;
    this.#text.value = others.length === 0 ? first : strings.moreNews(others.length + 1);
    this.#clock.after(PAUSE_MS, () => {
      // Emptied, so that the same words are news again.
      this.#text.value = "";
      this.#next();
    });
  }
}
