import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { backoff } from "./backoff";
import { type Clock, systemClock } from "./clock";
import { MESSAGES, MESSAGES_WINDOW_SECONDS } from "./limits";
import type { OutboxStore } from "./outboxStore";
import { type Ack, type Error as ErrorFrame, type MessageSend, type NoteSend, RETRYABLE } from "./protocol";
import type { Pending, TimelineEvent } from "./timeline";
import { uuid } from "./uuid";

export interface OutboxOptions {
  store: OutboxStore;
  /** Sends a frame; false when it did not go. */
  transmit(frame: MessageSend | NoteSend): boolean;
  /** What the room's timeline should hear: queued, failed or discarded. */
  onChange(room: string, event: TimelineEvent): void;
  clock?: Clock;
  random?: () => number;
}

// The server answers within its statement timeout; later the answer is lost and the same client_id goes again.
const ANSWER_MS = 15_000;
// A text that makes the server fail must not hold up those behind it for ever.
const ATTEMPTS = 5;
// The gate refuses these before it has read the frame's client_id, and only texts can cause them.
const NAMELESS: ReadonlySet<string> = new Set(["not_json", "too_big", "too_deep", "bad_text"]);

// A full allowance is used up: from then on one text goes each time it refills by one.
const PACE_MS = (MESSAGES_WINDOW_SECONDS * 1000) / MESSAGES;

/**
 * Texts on their way. First in, first out: one is under way at a time, so that a refusal cannot let a later one
 * pass; each stays stored until it is acknowledged or discarded, and goes again with the same client_id.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #clock: Clock;
  #items: Pending[];
  #underWay: string | null = null;
  #attempts = 0;
  #cancel: (() => void) | null = null;
  readonly #slowUntil: Signal<number | null> = signal(null);

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#items = options.store.load();
  }

  /** About when everything will be sent, while the server lets texts through one by one; null while it does not. */
  get slowUntil(): ReadonlySignal<number | null> {
    return this.#slowUntil;
  }

  /** What is not acknowledged yet, in order of sending. */
  get items(): readonly Pending[] {
    return this.#items;
  }

  /** Stores the text and sends it when its turn comes. */
  add(room: string, body: string, kind: Pending["kind"] = "text"): Pending {
    const at = Math.max(this.#clock.now(), (this.#items.at(-1)?.at ?? 0) + 1);
    const pending: Pending = { client_id: uuid(), room, kind, body, at, state: "queued" };
    this.#items.push(pending);
    this.#changed(pending);
    if (this.#slowUntil.peek() !== null) this.#slowUntil.value = (this.#slowUntil.peek() ?? 0) + PACE_MS;
    this.#flush();
    return pending;
  }

  /** The connection is there (again), or the turn of the next has come: the first that is not acknowledged goes. */
  resume(): void {
    this.#stop();
    this.#flush();
  }

  /** The connection is gone: nothing is under way. */
  pause(): void {
    this.#slowUntil.value = null;
    this.#stop();
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#underWay = null;
    this.#attempts = 0;
  }

  /** Takes the server's answer to a text; false when it was about something else. */
  answer(frame: Ack | ErrorFrame): boolean {
    const clientId = this.#subject(frame);
    const pending = this.#items.find(({ client_id }) => client_id === clientId);
    if (!pending) return false;
    if (frame.type === "ack") {
      this.#drop(pending);
      this.#next();
    } else if (RETRYABLE.has(frame.code) && (frame.code !== "internal" || this.#attempts + 1 < ATTEMPTS)) {
      if (frame.code === "too_fast") this.#slowDown(frame);
      this.#wait(frame.retry_after);
    } else {
      this.#replace(pending, { ...queued(pending), state: "failed", code: frame.code, detail: frame.detail });
      this.#next();
    }
    return true;
  }

  /** Sends a failed text again, behind those that are waiting. */
  retry(clientId: string): void {
    const failed = this.#items.find((item) => item.client_id === clientId && item.state === "failed");
    if (!failed) return;
    // Another text was stored under this id; the words are new to the server only under a new one.
    if (failed.code === "client_id_reused") {
      this.discard(clientId);
      this.add(failed.room, failed.body, failed.kind);
      return;
    }
    this.#items = this.#items.filter((item) => item !== failed);
    const pending = { ...queued(failed), at: Math.max(this.#clock.now(), (this.#items.at(-1)?.at ?? 0) + 1) };
    this.#items.push(pending);
    this.#changed(pending);
    this.#flush();
  }

  /** Gives up a failed text. */
  discard(clientId: string): void {
    const pending = this.#items.find((item) => item.client_id === clientId && item.state === "failed");
    if (!pending) return;
    this.#drop(pending);
    this.#options.onChange(pending.room, { type: "discard", client_id: clientId });
  }

  #next(): void {
    if (this.#queued === 0) this.#slowUntil.value = null;
    this.resume();
  }

  get #queued(): number {
    return this.#items.filter(({ state }) => state === "queued").length;
  }

  #slowDown({ retry_after, limit }: ErrorFrame): void {
    const others = limit === "messages" ? (this.#queued - 1) * PACE_MS : 0;
    this.#slowUntil.value = this.#clock.now() + (retry_after ?? 1) * 1000 + others;
  }

  #flush(): void {
    if (this.#underWay !== null || this.#cancel) return;
    const first = this.#items.find(({ state }) => state === "queued");
    if (!first) return;
    const type = first.kind === "note" ? "note.send" : "message.send";
    const { client_id, room, body } = first;
    if (!this.#options.transmit({ type, client_id, room, body })) return;
    this.#underWay = client_id;
    this.#cancel = this.#clock.after(ANSWER_MS, () => this.resume());
  }

  #wait(seconds: number | null): void {
    this.#cancel?.();
    this.#underWay = null;
    const wait = backoff(++this.#attempts, this.#options.random ?? Math.random);
    const ms = seconds === null ? wait : seconds * 1000;
    this.#cancel = this.#clock.after(ms, () => {
      this.#cancel = null;
      this.#flush();
    });
  }

  #subject(frame: Ack | ErrorFrame): string | null {
    if (frame.type === "error" && frame.client_id === null && NAMELESS.has(frame.code)) return this.#underWay;
    return frame.client_id;
  }

  #replace(before: Pending, after: Pending): void {
    this.#items = this.#items.map((item) => (item === before ? after : item));
    this.#changed(after);
  }

  #drop(pending: Pending): void {
    this.#items = this.#items.filter((item) => item !== pending);
    this.#options.store.remove(pending.client_id);
  }

  #changed(pending: Pending): void {
    this.#options.store.put(pending);
    this.#options.onChange(pending.room, { type: "pending", pending });
  }
}

function queued({ client_id, room, kind, body, at }: Pending): Pending {
  return { client_id, room, kind, body, at, state: "queued" };
}
