import { type Clock, systemClock } from "./clock";
import { DELIVERED_ROOMS } from "./limits";
import type { Delivered, Seen } from "./protocol";

const EVERY_MS = 1_000;

/**
 * Tells the server how far this reader has got: what of others has arrived here, at most once a second and only what
 * moved, and what was on screen.
 */
export class OwnMarks {
  readonly #send: (frame: Delivered | Seen) => boolean;
  readonly #clock: Clock;
  readonly #arrived = new Map<string, number>();
  readonly #seen = new Map<string, number>();
  readonly #untold = new Set<string>();
  #cancel: (() => void) | null = null;
  #toldAt = Number.NEGATIVE_INFINITY;
  #understood = true;

  constructor(send: (frame: Delivered | Seen) => boolean, clock: Clock = systemClock) {
    this.#send = send;
    this.#clock = clock;
  }

  /** Everything of others in this room is here, up to and including `seq`. */
  arrived(room: string, seq: number): void {
    if (seq <= (this.#arrived.get(room) ?? 0)) return;
    this.#arrived.set(room, seq);
    this.#untold.add(room);
    this.#tellSoon();
  }

  /** Everything up to `seq` was on screen in a focused window. False when that was not told now. */
  seen(room: string, seq: number): boolean {
    if (seq <= (this.#seen.get(room) ?? 0) || !this.#send({ type: "seen", room, seq })) return false;
    this.#seen.set(room, seq);
    return true;
  }

  /** A new connection hears all of it again, as the one before may have lost it. */
  connected(): void {
    this.#understood = true;
    for (const [room, seq] of this.#seen) this.#send({ type: "seen", room, seq });
    for (const room of this.#arrived.keys()) this.#untold.add(room);
    this.#tellSoon();
  }

  /** An older server does not know what arrival is: it hears no more of it on this connection. */
  notUnderstood(): void {
    this.#understood = false;
  }

  /**
   * Nothing that was told before counts: another connection, another database, or somebody else reads. Of one room:
   * its numbers begin again.
   */
  forget(room?: string): void {
    for (const marks of [this.#arrived, this.#seen, this.#untold]) {
      if (room === undefined) marks.clear();
      else marks.delete(room);
    }
  }

  #tellSoon(): void {
    if (this.#untold.size === 0) return;
    this.#cancel ??= this.#clock.after(Math.max(0, this.#toldAt + EVERY_MS - this.#clock.now()), () => this.#tell());
  }

  #tell(): void {
    this.#cancel = null;
    if (!this.#understood) return;
    const rooms = [...this.#untold].slice(0, DELIVERED_ROOMS);
    if (rooms.length === 0) return;
    const marks = Object.fromEntries(rooms.map((room) => [room, this.#arrived.get(room) ?? 0]));
    if (!this.#send({ type: "delivered", marks })) return;
    this.#toldAt = this.#clock.now();
    for (const room of rooms) this.#untold.delete(room);
    this.#tellSoon();
  }
}
