import type { History as HistoryFrame } from "../../shared/protocol";
import type { Rooms } from "../../shared/rooms";

/** Asks for older pages of rooms, one at a time for each. */
export class History {
  readonly #rooms: Rooms;
  readonly #send: (frame: HistoryFrame) => boolean;
  readonly #asked = new Set<string>();

  constructor(rooms: Rooms, send: (frame: HistoryFrame) => boolean) {
    this.#rooms = rooms;
    this.#send = send;
  }

  /** Ask for the page of entries before the first one here. */
  ask(room: string): void {
    const before = this.#rooms.get(room)?.peek().entries[0]?.seq ?? 1;
    if (before <= 1 || this.#asked.has(room)) return;
    if (this.#send({ type: "history", room, before })) this.#asked.add(room);
  }

  answered(room: string): void {
    this.#asked.delete(room);
  }

  /** Answers may be lost, or were refused: each can be asked for again. */
  forget(): void {
    this.#asked.clear();
  }
}
