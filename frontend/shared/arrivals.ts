import { type Clock, systemClock } from "./clock";
import { DELIVERED_ROOMS } from "./limits";
import type { Delivered } from "./protocol";

const EVERY_MS = 1_000;

/** Tells the server what of others has arrived here: at most once a second, and only what moved. */
export class Arrivals {
  readonly #send: (frame: Delivered) => boolean;
  readonly #clock: Clock;
  readonly #marks = new Map<string, number>();
  readonly #untold = new Set<string>();
  #cancel: (() => void) | null = null;
  #toldAt = Number.NEGATIVE_INFINITY;
  #understood = true;

  constructor(send: (frame: Delivered) => boolean, clock: Clock = systemClock) {
    this.#send = send;
    this.#clock = clock;
  }

  /** Everything of others in this room is here, up to and including `seq`. */
  note(room: string, seq: number): void {
    if (seq <= (this.#marks.get(room) ?? 0)) return;
    this.#marks.set(room, seq);
    this.#untold.add(room);
    this.#tellSoon();
  }

  /** Connected again: what the connection before took may never have arrived. */
  connected(): void {
    this.#understood = true;
    for (const room of this.#marks.keys()) this.#untold.add(room);
    this.#tellSoon();
  }

  /** An older server does not know the frame: it hears no more of it on this connection. */
  notUnderstood(): void {
    this.#understood = false;
  }

  /** The server has another database: nothing has arrived of its rooms. */
  forget(): void {
    this.#marks.clear();
    this.#untold.clear();
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
    const marks = Object.fromEntries(rooms.map((room) => [room, this.#marks.get(room) ?? 0]));
    if (!this.#send({ type: "delivered", marks })) return;
    this.#toldAt = this.#clock.now();
    for (const room of rooms) this.#untold.delete(room);
    this.#tellSoon();
  }
}
