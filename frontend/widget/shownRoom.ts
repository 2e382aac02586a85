import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Drafts } from "../shared/drafts";
import type { Rooms } from "../shared/rooms";
import type { Storage } from "../shared/storage";
import type { Timeline } from "../shared/timeline";
import { uuid } from "../shared/uuid";

/** Which conversation the panel shows, and what is being written in it. */
export class ShownRoom {
  readonly #name: Signal<string | null> = signal(null);
  readonly #rooms: Rooms;
  readonly #drafts: Drafts;
  readonly #storage: Storage;
  /** The loader looks for this key: with it, it connects without being asked. */
  readonly #key: string;
  /** Where the words in the composer are kept; before the server has said what to show, with the last page's room. */
  #place: string;

  constructor(rooms: Rooms, drafts: Drafts, storage: Storage, key: string) {
    this.#rooms = rooms;
    this.#drafts = drafts;
    this.#storage = storage;
    this.#key = key;
    this.#place = storage.get(key) ?? "";
  }

  get name(): ReadonlySignal<string | null> {
    return this.#name;
  }

  /** Null before there is a conversation. Reading it subscribes. */
  get timeline(): Timeline | null {
    return this.#rooms.get(this.#name.value ?? "")?.value ?? null;
  }

  /** What is being written here. Reading it subscribes. */
  get draft(): string {
    this.#name.value;
    return this.#drafts.get(this.#place);
  }

  set draft(text: string) {
    this.#drafts.set(this.#place, text);
  }

  /** What is heard of is followed; the first of all is shown. */
  follow(room: string): void {
    this.#rooms.follow(room, true);
    if (!this.#name.peek()) this.show(room);
  }

  /** What was begun before there was a conversation goes on in it. */
  show(room: string): void {
    this.#drafts.move(this.#place, room);
    this.#drafts.move("", room);
    this.#place = room;
    this.#name.value = room;
  }

  /** Shows none until the next; what is being written stays in the composer. */
  leave(): void {
    this.#name.value = null;
  }

  /** Before leaving, when somebody else writes from now on: neither the room nor the words of the one before are theirs. */
  abandon(): void {
    this.forget();
    this.#place = "";
  }

  /** Where `me` writes to, a room of their own when there is none yet; what is written is a draft no longer. */
  send(me: string): string {
    // A customer's first room is named after the customer, so that two tabs that write at once name the same one.
    // Who writes before being anybody looks at storage now, not earlier: another tab may just have made a name.
    const first = me.split(":")[1] || uuid();
    const room = this.#name.peek() ?? this.#storage.get(this.#key) ?? first;
    this.#storage.set(this.#key, room);
    // Before anything moves there: words of an earlier page may be waiting in the room.
    this.#drafts.sent(this.#place);
    this.follow(room);
    return room;
  }

  /** On the next page, too, unless there is nothing more to come back for. */
  remember(unread: number): void {
    const { timeline } = this;
    if (!timeline?.loaded) return;
    const finished = timeline.status === "resolved" && timeline.pending.length === 0 && unread === 0;
    if (finished) this.forget();
    else this.#storage.set(this.#key, timeline.room);
  }

  forget(): void {
    this.#storage.remove(this.#key);
  }
}
