import { type ReadonlySignal, signal } from "@preact/signals";
import type { Ack, AgentFrame, ErrorCode, Error as ErrorFrame } from "../../shared/protocol";
import { uuid } from "../../shared/uuid";

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
}

/** Claiming, resolving and reopening: one at a time per room, asked again after a lost connection. */
export class Verbs {
  readonly #deeds = signal<ReadonlyMap<string, Deed>>(new Map());
  readonly #send: (frame: AgentFrame) => void;

  constructor(send: (frame: AgentFrame) => void) {
    this.#send = send;
  }

  get deeds(): ReadonlySignal<ReadonlyMap<string, Deed>> {
    return this.#deeds;
  }

  ask(room: string, verb: Verb): void {
    if (this.#deeds.peek().get(room)?.state === "asked") return;
    const deed: Deed = { verb, room, clientId: uuid(), state: "asked", seq: 0, code: null, detail: "" };
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
    else this.#put({ ...deed, state: "refused", code: frame.code, detail: frame.detail });
    return true;
  }

  /** Connected again: an answer may have been lost; the same client_id does it once. */
  resume(): void {
    for (const deed of this.#deeds.peek().values()) if (deed.state === "asked") this.#transmit(deed);
  }

  forget(room: string): void {
    const deeds = new Map(this.#deeds.peek());
    if (deeds.delete(room)) this.#deeds.value = deeds;
  }

  #put(deed: Deed): void {
    this.#deeds.value = new Map(this.#deeds.peek()).set(deed.room, deed);
  }

  #transmit({ verb, room, clientId }: Deed): void {
    this.#send({ type: `room.${verb}`, client_id: clientId, room });
  }
}
