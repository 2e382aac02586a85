import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { backoff } from "./backoff";
import type { Channel } from "./channel";
import { type Clock, systemClock } from "./clock";
import type { Database } from "./database";
import type { FormerOutbox } from "./formerOutbox";
import { MESSAGES, MESSAGES_WINDOW_SECONDS } from "./limits";
import { OutboxStore } from "./outboxStore";
import { type Ack, type Error as ErrorFrame, type MessageSend, type NoteSend, RETRYABLE } from "./protocol";
import { type Item, Queue } from "./queue";
import type { Pending, TimelineEvent } from "./timeline";
import { Turns } from "./turns";
import { uuid } from "./uuid";

export interface OutboxOptions {
  /** Null where nothing outlives the page. */
  database: Database | null;
  channel: Channel;
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
 * Texts on their way. First in, first out over all tabs of the browser: only the first of the queue is under way, so
 * that neither a refusal nor a second tab can let a later one pass; each stays stored until it is acknowledged or
 * discarded, and goes again with the same client_id. Each tab sends what it wrote; what another tab wrote and does
 * not send, any tab sends. Two that send the same do no harm.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #clock: Clock;
  readonly #queue: Queue;
  readonly #turns: Turns;
  readonly #slowUntil: Signal<number | null> = signal(null);
  readonly #stopListening: () => void;
  #live = false;
  #underWay: string | null = null;
  #attempts = 0;
  #cancel: (() => void) | null = null;
  #cancelLook: (() => void) | null = null;
  #looking = false;
  #lookAgain = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#turns = new Turns(options.channel.tab, this.#clock);
    this.#queue = new Queue({
      store: options.database && new OutboxStore(options.database),
      channel: options.channel,
      clock: this.#clock,
      onChange: options.onChange,
      onMoved: (fresh) => {
        this.#tell({ changed: true });
        if (fresh && !this.#looking) this.#send();
        else this.look();
      },
    });
    if (options.database) options.database.onLost = () => this.look();
    this.#stopListening = options.channel.listen((news) => this.#heard(news as Partial<News>));
  }

  /** About when everything will be sent, while the server lets texts through one by one; null while it does not. */
  get slowUntil(): ReadonlySignal<number | null> {
    return this.#slowUntil;
  }

  /** True while a text waits that only this page has. */
  get unkept(): ReadonlySignal<boolean> {
    return this.#queue.unkept;
  }

  /** What is not acknowledged yet, in order of sending. */
  get items(): readonly Pending[] {
    return this.#queue.items;
  }

  /**
   * From now on these are the texts of `owner`, and only they are shown and sent. What `before` wrote, while it was
   * not known who they are, is theirs.
   */
  own(owner: string, before = owner, former?: FormerOutbox): void {
    if (this.#queue.owner !== owner) this.#stop();
    void this.#queue.own(owner, before, former).then(() => this.look());
  }

  /** Stores the text and sends it when its turn comes. */
  add(room: string, body: string, kind: Pending["kind"] = "text"): Pending {
    const at = Math.max(this.#clock.now(), (this.items.at(-1)?.at ?? 0) + 1);
    const pending: Pending = { client_id: uuid(), room, kind, body, at, state: "queued" };
    if (this.#slowUntil.peek() !== null) this.#slowUntil.value = (this.#slowUntil.peek() ?? 0) + PACE_MS;
    this.#queue.add(pending);
    return pending;
  }

  /** The connection is there (again): the first that is not acknowledged goes. */
  resume(): void {
    this.#live = true;
    this.#turns.restart();
    this.#stop();
    if (this.items.length > 0) this.#tell();
    this.look();
  }

  /** The connection is gone: nothing is under way, and another tab need not wait for this one. */
  pause(): void {
    this.#live = false;
    this.#slowUntil.value = null;
    this.#stop();
    if (this.items.length > 0) this.#tell();
  }

  close(): void {
    this.pause();
    this.#stopListening();
  }

  /** Takes the server's answer to a text; false when it was about something else. */
  answer(frame: Ack | ErrorFrame): boolean {
    const clientId = this.#subject(frame);
    const item = this.#queue.items.find(({ client_id }) => client_id === clientId);
    if (!item) return false;
    if (frame.type === "ack") {
      this.#tell({ settled: item.client_id, ack: frame });
      this.#queue.settle(item.client_id);
      this.#next();
    } else if (RETRYABLE.has(frame.code) && (frame.code !== "internal" || this.#attempts + 1 < ATTEMPTS)) {
      if (frame.code === "too_fast") this.#slowDown(frame);
      this.#wait(frame.retry_after);
    } else {
      this.#queue.change(item, { state: "failed", code: frame.code, detail: frame.detail });
      this.#tell({ changed: true });
      this.#next();
    }
    return true;
  }

  /** Sends a failed text again, behind those that are waiting. */
  retry(clientId: string): void {
    const failed = this.#failed(clientId);
    if (!failed) return;
    // Another text was stored under this id; the words are new to the server only under a new one.
    if (failed.code === "client_id_reused") {
      this.discard(clientId);
      this.add(failed.room, failed.body, failed.kind);
    } else {
      this.#queue.requeue(failed);
    }
  }

  /** Gives up a failed text. */
  discard(clientId: string): void {
    const failed = this.#failed(clientId);
    if (!failed) return;
    this.#tell({ settled: clientId });
    this.#queue.settle(clientId);
    this.#options.onChange(failed.room, { type: "discard", client_id: clientId });
  }

  #failed(clientId: string): Item | undefined {
    return this.#queue.items.find((item) => item.client_id === clientId && item.state === "failed");
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancelLook?.();
    this.#cancel = this.#cancelLook = null;
    this.#underWay = null;
    this.#attempts = 0;
  }

  #next(): void {
    this.#stop();
    this.#goOn();
  }

  // Where nothing waits there is nothing to read: each tab looks after what it wrote.
  #goOn(): void {
    if (this.#queued > 0) this.look();
    else this.#send();
  }

  get #queued(): number {
    return this.items.filter(({ state }) => state === "queued").length;
  }

  #slowDown({ retry_after, limit }: ErrorFrame): void {
    const others = limit === "messages" ? (this.#queued - 1) * PACE_MS : 0;
    this.#slowUntil.value = this.#clock.now() + (retry_after ?? 1) * 1000 + others;
  }

  /**
   * Looks whether it is this tab's turn. The store is read before each send: another tab may have written before us,
   * sent or given up something.
   */
  look(): void {
    if (!this.#queue.shared) {
      this.#send();
      return;
    }
    this.#lookAgain = this.#looking;
    if (this.#looking) return;
    this.#looking = true;
    void this.#queue.refresh().then(() => {
      this.#looking = false;
      if (this.#lookAgain) this.look();
      else this.#send();
    });
  }

  #send(): void {
    const first = this.#queue.items.find(({ state }) => state === "queued");
    const left = this.#turns.left(first);
    this.#cancelLook?.();
    this.#cancelLook = null;
    if (!first) this.#slowUntil.value = null;
    if (!first || !this.#live || this.#underWay !== null || this.#cancel) return;
    if (left > 0) {
      this.#cancelLook = this.#clock.after(left, () => this.look());
      return;
    }
    // Its place is not known yet: something else may come before it.
    if (first.keeping === "storing") return;
    const type = first.kind === "note" ? "note.send" : "message.send";
    const { client_id, room, body } = first;
    if (!this.#options.transmit({ type, client_id, room, body })) return;
    this.#underWay = client_id;
    this.#cancel = this.#clock.after(ANSWER_MS, () => {
      this.#stop();
      this.look();
    });
  }

  #wait(seconds: number | null): void {
    this.#cancel?.();
    this.#underWay = null;
    const wait = backoff(++this.#attempts, this.#options.random ?? Math.random);
    const ms = seconds === null ? wait : seconds * 1000;
    this.#tell({ hold: ms });
    this.#cancel = this.#clock.after(ms, () => {
      this.#cancel = null;
      this.look();
    });
  }

  #subject(frame: Ack | ErrorFrame): string | null {
    if (frame.type === "error" && frame.client_id === null && NAMELESS.has(frame.code)) return this.#underWay;
    return frame.client_id;
  }

  #tell(news: Partial<News> = {}): void {
    this.#options.channel.post({ type: "outbox", owner: this.#queue.owner, live: this.#live, ...news });
  }

  #heard({ type, owner, tab = "", live, changed, settled, ack, hold = 0 }: Partial<News>): void {
    if (type !== "outbox" || owner !== this.#queue.owner) return;
    this.#turns.heard(tab, live === true, hold);
    if (settled !== undefined) {
      const item = this.#queue.items.find(({ client_id }) => client_id === settled);
      this.#queue.settle(settled, true);
      if (item) this.#options.onChange(item.room, ack ?? { type: "discard", client_id: settled });
      if (this.#underWay === settled) this.#stop();
    }
    if (changed) this.look();
    else this.#goOn();
  }
}

/** What one tab tells the others of their queue. Hints: whoever misses them reads the store. */
interface News {
  type: "outbox";
  tab: string;
  owner: string;
  /** Whether it can send. */
  live: boolean;
  /** There is something to read. */
  changed?: boolean;
  /** What is over, acknowledged or given up. */
  settled?: string;
  ack?: Ack;
  /** How long the server lets it wait, in milliseconds. */
  hold?: number;
}
