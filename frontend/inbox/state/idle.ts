import { type Signal, signal } from "@preact/signals";
import type { Channel } from "../../shared/channel";
import { type Clock, systemClock } from "../../shared/clock";
import type { Idle as IdleFrame } from "../../shared/protocol";

// Who has not touched anything for this long does not see a customer come.
const IDLE_MS = 5 * 60_000;
// The other tabs hear of it this often.
const TELL_MS = 15_000;
const LOOK_MS = 10_000;
const TOUCHES = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "focus"];

/**
 * Whether nobody has touched any tab of this browser for a while. What was touched counts and not what timers did:
 * those of hidden tabs sleep, so heartbeats look as well.
 */
export class Idle {
  readonly on: Signal<boolean> = signal(false);
  readonly #channel: Channel;
  readonly #send: (frame: IdleFrame) => boolean;
  readonly #clock: Clock;
  readonly #running = new AbortController();
  #understood = true;
  #touchedAt: number;
  #toldAt = Number.NEGATIVE_INFINITY;
  #cancel: () => void = () => {};

  constructor(channel: Channel, send: (frame: IdleFrame) => boolean, clock: Clock = systemClock) {
    this.#channel = channel;
    this.#send = send;
    this.#clock = clock;
    this.#touchedAt = clock.now();
  }

  start(): void {
    const { signal } = this.#running;
    for (const type of TOUCHES) addEventListener(type, () => this.touched(), { signal, passive: true, capture: true });
    signal.addEventListener(
      "abort",
      this.#channel.listen(({ type }) => type === "touched" && this.#awake()),
    );
    this.#watch();
  }

  stop(): void {
    this.#running.abort();
    this.#cancel();
  }

  touched(): void {
    this.#awake();
    if (this.#clock.now() - this.#toldAt < TELL_MS) return;
    this.#toldAt = this.#clock.now();
    this.#channel.post({ type: "touched" });
  }

  /** Looks at the clock. */
  look(): void {
    if (this.#clock.now() - this.#touchedAt >= IDLE_MS) this.#is(true);
  }

  /** Welcomed, perhaps again: the server takes who comes for awake. */
  connected(): void {
    this.#understood = true;
    if (this.on.peek()) this.#send({ type: "idle", on: true });
  }

  /** An older server does not know the frame: it hears no more of it on this connection. */
  notUnderstood(): void {
    this.#understood = false;
  }

  #awake(): void {
    this.#touchedAt = this.#clock.now();
    this.#is(false);
  }

  #is(on: boolean): void {
    if (this.on.peek() === on) return;
    this.on.value = on;
    if (this.#understood) this.#send({ type: "idle", on });
  }

  #watch(): void {
    this.look();
    this.#cancel = this.#clock.after(LOOK_MS, () => this.#watch());
  }
}
