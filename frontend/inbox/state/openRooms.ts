import { type ReadonlySignal, signal } from "@preact/signals";
import { type Clock, systemClock } from "../../shared/clock";
import { OPEN_ROOMS } from "../../shared/limits";
import type { AgentFrame, ErrorCode } from "../../shared/protocol";
import type { Rooms } from "../../shared/rooms";
import { closed, NO_TABS, opened, type Tabs } from "./tabs";

// An unanswered request to open is made again.
const AGAIN_MS = 6_000;

/** The rooms that are open here, followed on the server as long as they are. */
export class OpenRooms {
  readonly #tabs = signal<Tabs>(NO_TABS);
  readonly #missing = signal<ReadonlySet<string>>(new Set());
  readonly #rooms: Rooms;
  readonly #send: (frame: AgentFrame) => boolean;
  readonly #clock: Clock;
  /** Asked to open and not answered yet, in the order of asking. */
  #asked: string[] = [];
  /** Open before a reload and not looked at since. */
  readonly #restored = new Set<string>();
  #online = false;
  #cancel: () => void = () => {};

  constructor(rooms: Rooms, send: (frame: AgentFrame) => boolean, clock: Clock = systemClock) {
    this.#rooms = rooms;
    this.#send = send;
    this.#clock = clock;
  }

  get tabs(): ReadonlySignal<Tabs> {
    return this.#tabs;
  }

  /** Rooms the server knows nothing of, for this agent. */
  get missing(): ReadonlySignal<ReadonlySet<string>> {
    return this.#missing;
  }

  /** Opens what was open before a reload, around what was opened since. */
  restore(before: Tabs): void {
    const now = this.#tabs.peek();
    const order = [...before.order, ...now.order.filter((room) => !before.order.includes(room))];
    const used = [...before.used.filter((room) => !now.used.includes(room)), ...now.used].slice(-OPEN_ROOMS);
    this.#tabs.value = { order: order.filter((room) => used.includes(room)), used };
    for (const room of used.filter((each) => !now.used.includes(each))) {
      this.#restored.add(room);
      this.#rooms.follow(room);
    }
  }

  /** Open or look at a room. Beyond the limit, the one not looked at for longest is closed. */
  open(room: string): void {
    const before = this.#tabs.peek();
    this.#restored.delete(room);
    const { tabs, dropped } = opened(before, room, OPEN_ROOMS);
    this.#tabs.value = tabs;
    for (const each of dropped) this.#forget(each);
    if (before.order.includes(room) && !this.#missing.peek().has(room)) return;
    this.#rooms.follow(room);
    this.#setMissing(room, false);
    if (this.#online) this.#ask(room);
  }

  close(room: string): void {
    this.#tabs.value = closed(this.#tabs.peek(), room);
    this.#forget(room);
  }

  /** Connected, perhaps again: the server follows nothing yet. What was looked at last comes first. */
  connected(): void {
    this.#online = true;
    this.#asked = [];
    for (const room of [...this.#tabs.peek().used].reverse()) this.#ask(room);
  }

  disconnected(): void {
    this.#online = false;
    this.#asked = [];
    this.#cancel();
  }

  /** A snapshot came. */
  answered(room: string): void {
    this.#asked = this.#asked.filter((each) => each !== room);
    this.#setMissing(room, false);
  }

  /** An error that names no client_id: when it can be the answer to an open, it is the oldest one's. */
  refused(code: ErrorCode): void {
    if (code !== "no_such_room" && code !== "not_allowed") return;
    const room = this.#asked.shift();
    if (room === undefined) return;
    // Nobody asks for it now: what is gone since the reload goes without a word.
    if (this.#restored.has(room)) this.close(room);
    else this.#setMissing(room, true);
  }

  #ask(room: string): void {
    if (!this.#send({ type: "room.open", room })) return;
    this.#asked.push(room);
    this.#cancel();
    this.#cancel = this.#clock.after(AGAIN_MS, () => {
      for (const each of this.#asked.splice(0)) this.#ask(each);
    });
  }

  #forget(room: string): void {
    this.#asked = this.#asked.filter((each) => each !== room);
    this.#restored.delete(room);
    this.#rooms.forget(room);
    this.#setMissing(room, false);
    this.#send({ type: "room.close", room });
  }

  #setMissing(room: string, missing: boolean): void {
    if (this.#missing.peek().has(room) === missing) return;
    const rooms = new Set(this.#missing.peek());
    if (missing) rooms.add(room);
    else rooms.delete(room);
    this.#missing.value = rooms;
  }
}
