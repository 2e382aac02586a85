import { type Clock, systemClock } from "./clock";
import type { Typing } from "./protocol";

// Others stop showing it after eight seconds; said again before that while it goes on.
const AGAIN_MS = 5_000;
// A pause for thought; longer and nobody is typing.
const PAUSE_MS = 6_000;

/** Tells the others that we type: at the first key, every few seconds, and when it is over. */
export class OwnTyping {
  readonly #send: (frame: Typing) => void;
  readonly #clock: Clock;
  #room: string | null = null;
  #saidAt = 0;
  #cancel: () => void = () => {};

  constructor(send: (frame: Typing) => void, clock: Clock = systemClock) {
    this.#send = send;
    this.#clock = clock;
  }

  /** A key was pressed in this room's composer. */
  typed(room: string): void {
    if (this.#room !== null && this.#room !== room) this.stopped();
    const now = this.#clock.now();
    if (this.#room === null || now - this.#saidAt >= AGAIN_MS) {
      this.#saidAt = now;
      this.#room = room;
      this.#send({ type: "typing", room, on: true });
    }
    this.#cancel();
    this.#cancel = this.#clock.after(PAUSE_MS, () => this.stopped());
  }

  /** The composer is empty again, or left. */
  stopped(): void {
    if (this.#room !== null) this.#send({ type: "typing", room: this.#room, on: false });
    this.sent();
  }

  /** The text was sent: its entry ends the typing for everybody. */
  sent(): void {
    this.#cancel();
    this.#room = null;
  }
}
