import { type ReadonlySignal, signal } from "@preact/signals";
import { type Clock, systemClock } from "../../shared/clock";
import type { Ack, AgentFrame, ErrorCode, Error as ErrorFrame } from "../../shared/protocol";
import { uuid } from "../../shared/uuid";

// Long enough to be read twice.
const TAKEN_MS = 10_000;

export type Verb = "claim" | "resolve" | "reopen";

/** One change of a room on its way, or why it did not happen. */
export interface Deed {
  readonly verb: Verb;
  readonly room: string;
  readonly clientId: string;
  readonly state: "asked" | "done" | "refused";
  /** Where the change stands in the room's log, once done. */
  readonly seq: number;
  readonly code: ErrorCode | null;
  readonly detail: string;
  readonly retryAfter: number | null;
}

/** Claiming, resolving and reopening: one at a time per room, asked again after a lost connection. */
export class Verbs {
  readonly #deeds = signal<ReadonlyMap<string, Deed>>(new Map());
  readonly #send: (frame: AgentFrame) => void;

  readonly #clock: Clock;

  constructor(send: (frame: AgentFrame) => void, clock: Clock = systemClock) {
    this.#send = send;
    this.#clock = clock;
  }

  get deeds(): ReadonlySignal<ReadonlyMap<string, Deed>> {
    return this.#deeds;
  }

  ask(room: string, verb: Verb): void {
    if (this.#deeds.peek().get(room)?.state === "asked") return;
    const deed: Deed = {
      verb,
      room,
      clientId: uuid(),
      state: "asked",
      seq: 0,
      code: null,
      detail: "",
      retryAfter: null,
    };
    this.#put(deed);
    this.#transmit(deed);
  }

  /** The server's answer; false when it was about something else. */
  answer(frame: Ack | ErrorFrame): boolean {
    const deed = [...this.#deeds.peek().values()].find(({ clientId }) => clientId === frame.client_id);
    if (deed === undefined || deed.state !== "asked") return false;
    if (frame.type === "ack") this.#put({ ...deed, state: "done", seq: frame.seq });
    // What was asked for is so already: by another tab, or by the lost first try.
    else if (frame.code === "not_changed") this.forget(deed.room);
    else
      this.#refused({
        ...deed,
        state: "refused",
        code: frame.code,
        detail: frame.detail,
        retryAfter: frame.retry_after,
      });
    return true;
  }

  /** Connected again: an answer may have been lost; the same client_id does it once. */
  resume(): void {
    for (const deed of this.#deeds.peek().values()) if (deed.state === "asked") this.#transmit(deed);
  }

  /** Something newer happened in the room: why an earlier change did not is no longer of interest. */
  forgetRefusal(room: string): void {
    if (this.#deeds.peek().get(room)?.state === "refused") this.forget(room);
  }

  forget(room: string): void {
    const deeds = new Map(this.#deeds.peek());
    if (deeds.delete(room)) this.#deeds.value = deeds;
  }

  #refused(deed: Deed): void {
    this.#put(deed);
    // The head says who the owner is; the notice only says why the button did nothing.
    if (deed.code !== "already_owned") return;
    this.#clock.after(TAKEN_MS, () => this.#deeds.peek().get(deed.room) === deed && this.forget(deed.room));
  }

  #put(deed: Deed): void {
    this.#deeds.value = new Map(this.#deeds.peek()).set(deed.room, deed);
  }

  #transmit({ verb, room, clientId }: Deed): void {
    this.#send({ type: `room.${verb}`, client_id: clientId, room });
  }
}
