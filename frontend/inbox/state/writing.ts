import { computed, signal } from "@preact/signals";
import { cleanBody } from "../../shared/body";
import { Outbox } from "../../shared/outbox";
import { outboxStore } from "../../shared/outboxStore";
import { OwnTyping } from "../../shared/ownTyping";
import type { Ack, AgentFrame, Error as ErrorFrame } from "../../shared/protocol";
import type { Rooms } from "../../shared/rooms";
import { localStore, type Storage } from "../../shared/storage";
import { Drafts, type Mode } from "./drafts";

/** What this agent writes: drafts, and texts on their way. Both are theirs alone and survive a reload. */
export class Writing {
  /** Which of the composer's two tabs is shown. */
  readonly mode = signal<Mode>("reply");
  /** False until it is known whose drafts to show. */
  readonly ready = signal(false);
  /** About when everything will be sent, while the server lets texts through one by one. */
  readonly slowUntil = computed(() => (this.ready.value ? (this.#outbox?.slowUntil.value ?? null) : null));
  readonly typing: OwnTyping;
  readonly #rooms: Rooms;
  readonly #send: (frame: AgentFrame) => boolean;
  readonly #storage: Storage;
  #drafts: Drafts | null = null;
  #outbox: Outbox | null = null;

  constructor(rooms: Rooms, send: (frame: AgentFrame) => boolean, storage: Storage = localStore()) {
    this.#rooms = rooms;
    this.#send = send;
    this.#storage = storage;
    this.typing = new OwnTyping(send);
  }

  /** From now on it is known whose words these are. */
  begin(agent: string): void {
    if (this.#outbox !== null) return;
    this.#drafts = new Drafts(agent, this.#storage);
    this.#outbox = new Outbox({
      store: outboxStore(this.#storage, `porchlight.outbox.${agent}.`),
      transmit: (frame) => this.#send(frame),
      onChange: (room, event) => this.#rooms.apply(room, event),
    });
    for (const room of this.#rooms.names()) this.show(room);
    this.ready.value = true;
  }

  draft(room: string, mode: Mode): string {
    return this.#drafts?.get(room, mode) ?? "";
  }

  keepDraft(room: string, mode: Mode, text: string): void {
    this.#drafts?.set(room, mode, text);
  }

  /** Send a reply or a note; false when there is nothing to send. */
  say(room: string, mode: Mode, typed: string): boolean {
    const body = cleanBody(typed);
    if (body === "" || this.#outbox === null) return false;
    this.#outbox.add(room, body, mode === "note" ? "note" : "text");
    this.keepDraft(room, mode, "");
    this.typing.sent();
    return true;
  }

  retry(clientId: string): void {
    this.#outbox?.retry(clientId);
  }

  discard(clientId: string): void {
    this.#outbox?.discard(clientId);
  }

  /** Show in a room's timeline what was written here and is not stored yet, perhaps before a reload. */
  show(room: string): void {
    for (const pending of this.#outbox?.items ?? []) {
      if (pending.room === room) this.#rooms.apply(room, { type: "pending", pending });
    }
  }

  connected(): void {
    this.#outbox?.resume();
  }

  disconnected(): void {
    this.#outbox?.pause();
  }

  /** The server's answer; false when it was about something else. */
  answer(frame: Ack | ErrorFrame): boolean {
    return this.#outbox?.answer(frame) ?? false;
  }
}
