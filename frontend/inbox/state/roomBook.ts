import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { PAGE_ROOMS } from "../../shared/limits";
import type { RoomSummary, RoomsPage } from "../../shared/protocol";
import { belongs, byUrgency, isListedAfter, VIEWS, type View } from "./views";

/** What this tab knows of one conversation. */
export interface Line {
  readonly summary: RoomSummary;
  /** How many of the customer's texts this agent has seen. */
  readonly seenTexts: number;
  /** True until a page says what was really seen: a live summary is everybody's and carries no mark. */
  readonly guessed: boolean;
  /** False once the server left it out of a view it claims to belong to: kept for its tab, shown in no list. */
  readonly listed: boolean;
  readonly heard: number;
}

export function unreadOf(line: Line): number {
  return Math.max(0, line.summary.customer_texts - line.seenTexts);
}

/** Whether a change of a conversation moves it between views; `before` is null when it was unknown here. */
export interface Move {
  readonly before: RoomSummary | null;
  readonly after: RoomSummary;
}

/** Every conversation this tab has heard of; one signal each, so that a change renders one row. */
export class RoomBook {
  readonly #lines = new Map<string, Signal<Line>>();
  readonly #changes = signal(0);
  readonly #resets = signal(0);
  /** Up to which `waiting_since` the pages of a view are here; beyond it the list would have holes. */
  readonly #reach = signal<ReadonlyMap<View, number | null>>(new Map());
  readonly #me: ReadonlySignal<string>;
  #clock = 0;
  #connectedAt = 0;

  readonly rows: Record<View, ReadonlySignal<readonly string[]>>;
  /** Conversations with unread messages that are this agent's to answer. */
  readonly unreadRooms: ReadonlySignal<number>;

  constructor(me: ReadonlySignal<string>) {
    this.#me = me;
    this.rows = {
      mine: computed(() => this.#sorted("mine")),
      unassigned: computed(() => this.#sorted("unassigned")),
      all: computed(() => this.#sorted("all")),
      resolved: computed(() => this.#sorted("resolved")),
    };
    this.unreadRooms = computed(() => this.#countUnread());
  }

  /** The line of a room; undefined while nothing was heard of it. Reading it inside a component subscribes. */
  line(room: string): Line | undefined {
    this.#resets.value;
    const found = this.#lines.get(room);
    if (found === undefined) this.#changes.value;
    return found?.value;
  }

  /** Take a live summary. Null when an equal or newer one is known already. */
  learn(summary: RoomSummary): Move | null {
    const known = this.#lines.get(summary.room)?.peek();
    if (known !== undefined && known.summary.head >= summary.head) return null;
    const byCustomer = summary.last?.author.ref === summary.customer.ref;
    this.#put({
      summary,
      seenTexts: known?.seenTexts ?? summary.customer_texts - (byCustomer && summary.customer_texts > 0 ? 1 : 0),
      guessed: known?.guessed ?? true,
      listed: true,
      heard: ++this.#clock,
    });
    return { before: known?.summary ?? null, after: summary };
  }

  /**
   * Take a page of a view: rows that are older than what is known keep their state, marks move forward only. But a
   * row that is older than what an earlier connection said is of a server that went back to an older database.
   */
  learnPage(page: Pick<RoomsPage, "rooms" | "seen_texts">): void {
    for (const summary of page.rooms) {
      const line = this.#lines.get(summary.room)?.peek();
      const isBack = line !== undefined && line.heard <= this.#connectedAt && summary.head < line.summary.head;
      const known = isBack ? undefined : line;
      const seen = page.seen_texts[summary.room] ?? 0;
      this.#put({
        summary: known !== undefined && known.summary.head > summary.head ? known.summary : summary,
        seenTexts: known === undefined || known.guessed ? seen : Math.max(seen, known.seenTexts),
        guessed: false,
        listed: true,
        heard: ++this.#clock,
      });
    }
  }

  markSeen(room: string, texts: number): void {
    const known = this.#lines.get(room)?.peek();
    if (known !== undefined && (known.guessed || texts > known.seenTexts)) {
      this.#put({ ...known, seenTexts: Math.max(texts, known.guessed ? 0 : known.seenTexts), guessed: false });
    }
  }

  /** Connected, perhaps again: what was heard so far is only as good as what is heard from now on. */
  connected(): void {
    this.#connectedAt = this.#clock;
  }

  /** The server has another database: nothing that was heard counts any more. */
  reset(): void {
    this.#lines.clear();
    this.#reach.value = new Map();
    this.#resets.value++;
    this.#changes.value++;
  }

  /** A moment to hand to `sweep`: what is heard later survives it. */
  now(): number {
    return this.#clock;
  }

  /**
   * Take out of the lists what claims to belong to `view` but was not heard of since the moment `since`, as far as
   * the server was asked: up to its row `last`, or all of it.
   */
  sweep(view: View, since: number, last?: RoomSummary): void {
    for (const line of this.#lines.values()) {
      const known = line.peek();
      const isMissed = known.listed && known.heard <= since && belongs(known.summary, view, this.#me.peek());
      if (isMissed && !(last !== undefined && isListedAfter(known.summary, last)))
        line.value = { ...known, listed: false };
    }
    this.#changes.value++;
  }

  /**
   * The pages of `view` are here up to those who wait since `waitingSince`; Infinity for everybody who waits, null
   * for no page.
   */
  reaches(view: View, waitingSince: number | null): void {
    if (this.#reach.peek().get(view) === waitingSince) return;
    this.#reach.value = new Map(this.#reach.peek()).set(view, waitingSince);
  }

  #put(line: Line): void {
    const { room } = line.summary;
    const known = this.#lines.get(room);
    if (known === undefined) this.#lines.set(room, signal(line));
    else known.value = line;
    this.#changes.value++;
  }

  #sorted(view: View): readonly string[] {
    this.#changes.value;
    const me = this.#me.value;
    const reach = this.#reach.value.get(view) ?? null;
    const rooms: RoomSummary[] = [];
    for (const line of this.#lines.values()) {
      const { summary, listed } = line.peek();
      if (listed && belongs(summary, view, me)) rooms.push(summary);
    }
    rooms.sort(byUrgency);
    // Before its first page, a view shows what is known of it, but no more than a page.
    const shown = reach === null ? rooms.slice(0, PAGE_ROOMS) : rooms.filter((room) => waitsSince(room) <= reach);
    return shown.map((summary) => summary.room);
  }

  #countUnread(): number {
    this.#changes.value;
    const me = this.#me.value;
    let count = 0;
    for (const line of this.#lines.values()) {
      const known = line.peek();
      const concerns = belongs(known.summary, "mine", me) || belongs(known.summary, "unassigned", me);
      if (known.listed && concerns && unreadOf(known) > 0) count++;
    }
    return count;
  }
}

function waitsSince(room: RoomSummary): number {
  return room.waiting_since ?? Number.POSITIVE_INFINITY;
}

/** How much each view gains or loses by a move. A room at its first entry is new; nothing is known of others. */
export function gains(move: Move, me: string): Record<View, number> {
  const gain = { mine: 0, unassigned: 0, all: 0, resolved: 0 };
  if (move.before === null && move.after.head > 1) return gain;
  for (const view of VIEWS) {
    const was = move.before !== null && belongs(move.before, view, me);
    gain[view] = Number(belongs(move.after, view, me)) - Number(was);
  }
  return gain;
}
