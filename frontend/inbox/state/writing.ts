import { computed, signal } from "@preact/signals";
import { cleanBody } from "../../shared/body";
import type { Channel } from "../../shared/channel";
import type { Database } from "../../shared/database";
import { Drafts } from "../../shared/drafts";
import { formerOutbox } from "../../shared/formerOutbox";
import { Outbox } from "../../shared/outbox";
import { OwnTyping } from "../../shared/ownTyping";
import type { Ack, AgentFrame, Error as ErrorFrame } from "../../shared/protocol";
import type { Rooms } from "../../shared/rooms";
import { localStore, type Storage } from "../../shared/storage";
import type { Pending } from "../../shared/timeline";
import { takeOverDrafts } from "./formerDrafts";

/** What is being written: a reply the customer will see, or a note for staff. */
export type Mode = "reply" | "note";

export interface WritingOptions {
  rooms: Rooms;
  send(frame: AgentFrame): boolean;
  channel: Channel;
  /** Null where nothing outlives the page. */
  database: Database | null;
  /** Where older versions kept what was written. */
  storage?: Storage;
}

/** What this agent writes: drafts, and texts on their way. Both are theirs alone and survive a reload. */
export class Writing {
  /** Which of the composer's two tabs is shown. */
  readonly mode = signal<Mode>("reply");
  /** False until it is known whose drafts to show. */
  readonly ready = signal(false);
  /** About when everything will be sent, while the server lets texts through one by one. */
  readonly slowUntil = computed(() => (this.ready.value ? this.#outbox.slowUntil.value : null));
  /** True while a text waits that only this page has. */
  readonly unkept = computed(() => this.ready.value && this.#outbox.unkept.value);
  readonly typing: OwnTyping;
  readonly #options: WritingOptions;
  readonly #outbox: Outbox;
  readonly #drafts: Drafts;

  constructor(options: WritingOptions) {
    this.#options = options;
    const { rooms, send, channel, database } = options;
    this.typing = new OwnTyping(send);
    this.#drafts = new Drafts(database, channel);
    this.#outbox = new Outbox({
      database,
      channel,
      transmit: send,
      onChange: (room, event) => rooms.apply(room, event),
    });
  }

  /** From now on it is known whose words these are. */
  begin(agent: string): void {
    if (this.ready.peek()) return;
    const storage = this.#options.storage ?? localStore();
    this.#outbox.own(agent, agent, formerOutbox(storage, `porchlight.outbox.${agent}.`));
    void this.#drafts.own(agent).then(() => takeOverDrafts(this.#drafts, storage, agent));
    this.ready.value = true;
  }

  draft(room: string, mode: Mode): string {
    return this.#drafts.get(`${mode}.${room}`);
  }

  keepDraft(room: string, mode: Mode, text: string): void {
    this.#drafts.set(`${mode}.${room}`, text);
  }

  /** Send a reply or a note; false when there is nothing to send. */
  say(room: string, mode: Mode, typed: string): boolean {
    const body = cleanBody(typed);
    if (body === "" || !this.ready.peek()) return false;
    this.#drafts.sent(`${mode}.${room}`);
    this.#outbox.add(room, body, mode === "note" ? "note" : "text");
    this.typing.sent();
    return true;
  }

  retry(clientId: string): void {
    this.#outbox.retry(clientId);
  }

  discard(clientId: string): void {
    this.#outbox.discard(clientId);
  }

  /** Show in a room's timeline what was written here and is not stored yet, perhaps before a reload. */
  show(room: string): void {
    for (const pending of this.#outbox.items) {
      if (pending.room === room) this.#options.rooms.apply(room, { type: "pending", pending });
    }
  }

  connected(): void {
    this.#outbox.resume();
  }

  disconnected(): void {
    this.#outbox.pause();
  }

  /** The server's answer; false when it was about something else. */
  answer(frame: Ack | ErrorFrame): boolean {
    return this.#outbox.answer(frame);
  }

  /** What is not acknowledged yet, in all rooms. */
  get waiting(): readonly Pending[] {
    return this.#outbox.items;
  }

  /** Whether what is written here outlives the page. */
  get keeps(): boolean {
    return this.#options.database?.works.value ?? false;
  }

  /** Looks whether another tab wrote or sent something. */
  look(): void {
    this.#outbox.look();
  }

  close(): void {
    this.#drafts.close();
    this.#outbox.close();
  }
}
