import { type ReadonlySignal, signal } from "@preact/signals";
import type { AgentFrame, Counts, RoomsPage } from "../../shared/protocol";
import { gains, type Move, type RoomBook } from "./roomBook";
import type { View } from "./views";

// Rooms that move together are counted together, before anybody sees that the counts lag.
const RECOUNT_MS = 200;
// But a view is asked for again at most this often.
const RECOUNT_EVERY_MS = 2_000;
// The feed of summaries can lose a line; this repairs it.
const REPAIR_MS = 30_000;
// A routine repair of more pages would cost the server more than it is worth: the first page is where the work is.
const REPAIR_PAGES = 4;
// An answer that did not come by then was refused or lost.
const ANSWER_MS = 10_000;

/** A number of pages to ask for, one after the other. */
interface Walk {
  readonly view: View;
  readonly pages: number;
  /** Where it starts: empty for the first page. */
  readonly from: string;
  /** Whether what belongs to the view and is on none of the pages is to leave the list. */
  readonly sweep: boolean;
  readonly since: number;
  walked: number;
}

interface Loaded {
  pages: number;
  next: string;
}

/** Asks for pages of views, one at a time, and keeps the counts. */
export class Listing {
  readonly view = signal<View>("unassigned");
  readonly counts = signal<Counts | null>(null);
  readonly #loaded = signal<ReadonlyMap<View, Loaded>>(new Map());
  readonly #book: RoomBook;
  readonly #me: ReadonlySignal<string>;
  readonly #send: (frame: AgentFrame) => void;
  readonly #queue: Walk[] = [];
  #walk: Walk | null = null;
  #live = false;
  #answerTimer: ReturnType<typeof setTimeout> | undefined;
  #recountedAt = Number.NEGATIVE_INFINITY;
  #recountTimer: ReturnType<typeof setTimeout> | undefined;
  #repairTimer: ReturnType<typeof setInterval> | undefined;

  constructor(book: RoomBook, me: ReadonlySignal<string>, send: (frame: AgentFrame) => void) {
    this.#book = book;
    this.#me = me;
    this.#send = send;
  }

  /** True once the view's first page is here. */
  ready(view: View): boolean {
    return this.#loaded.value.has(view);
  }

  hasMore(view: View): boolean {
    return (this.#loaded.value.get(view)?.next ?? "") !== "";
  }

  /** Change the view; what is known of it shows at once. */
  show(view: View): void {
    const left = this.view.peek();
    if (view === left) return;
    this.view.value = view;
    // Coming back begins at the top: a thousand rows would only be in the way.
    if ((this.#loaded.peek().get(left)?.pages ?? 0) > 1) this.#unload(left);
    this.#enqueue(view, 1, false);
  }

  /** Connected, perhaps again: whatever was heard before may be out of date. */
  connected(): void {
    this.#live = true;
    const view = this.view.peek();
    const again = Math.max(1, this.#loaded.peek().get(view)?.pages ?? 0);
    this.#stop();
    this.#enqueue(view, again, true);
    // The title counts what is this agent's to answer, whichever view is shown.
    for (const other of ["mine", "unassigned"] as const) if (other !== view) this.#enqueue(other, 1, false);
    this.#repairTimer = setInterval(() => this.#repair(), REPAIR_MS);
  }

  /** The server has another database: nothing is loaded any more. */
  reset(): void {
    this.#stop();
    this.#loaded.value = new Map();
    this.counts.value = null;
  }

  disconnected(): void {
    this.#live = false;
    this.#stop();
  }

  /** The next page of the view, if there is one. */
  more(): void {
    const view = this.view.peek();
    const loaded = this.#loaded.peek().get(view);
    if (loaded === undefined || loaded.next === "") return;
    if (this.#walk?.view === view || this.#queue.some((walk) => walk.view === view)) return;
    this.#push({ view, pages: 1, from: loaded.next, sweep: false, since: this.#book.now(), walked: 0 });
  }

  moved(move: Move): void {
    const gain = gains(move, this.#me.peek());
    const counts = this.counts.peek();
    const changed = move.before === null || Object.values(gain).some((by) => by !== 0);
    if (!changed) return;
    if (counts !== null) {
      this.counts.value = {
        mine: Math.max(0, counts.mine + gain.mine),
        unassigned: Math.max(0, counts.unassigned + gain.unassigned),
        all: Math.max(0, counts.all + gain.all),
        resolved: Math.max(0, counts.resolved + gain.resolved),
      };
    }
    const wait = Math.max(RECOUNT_MS, this.#recountedAt + RECOUNT_EVERY_MS - Date.now());
    this.#recountTimer ??= setTimeout(() => {
      this.#recountTimer = undefined;
      this.#recountedAt = Date.now();
      if (this.#live) this.#enqueue(this.view.peek(), 1, false);
    }, wait);
  }

  answered(page: RoomsPage): void {
    this.#book.learnPage(page);
    this.counts.value = page.counts;
    const walk = this.#walk;
    if (walk === null || walk.view !== page.view) return;
    walk.walked++;
    const isOver = walk.walked >= walk.pages || page.next === "";
    this.#note(walk, page, isOver);
    if (!isOver) {
      this.#ask(walk, page.next);
      return;
    }
    if (walk.sweep) this.#book.sweep(walk.view, walk.since, page.next === "" ? undefined : page.rooms.at(-1));
    this.#done();
  }

  /** What is loaded grows with each new page, and is never less in the middle of a walk over it. */
  #note(walk: Walk, page: RoomsPage, isOver: boolean): void {
    const known = this.#loaded.peek().get(page.view);
    // A later page of a view that was left meanwhile: it begins anew when it is shown again.
    if (walk.from !== "" && known === undefined) return;
    const isNew = walk.from !== "" || known === undefined;
    if (!isNew && !(isOver && (walk.sweep || walk.walked >= known.pages))) return;
    const pages = walk.from === "" ? walk.walked : (known?.pages ?? 0) + 1;
    this.#loaded.value = new Map(this.#loaded.peek()).set(page.view, { pages, next: page.next });
    const last = page.next === "" ? undefined : page.rooms.at(-1);
    this.#book.reaches(page.view, last?.waiting_since ?? Number.POSITIVE_INFINITY);
  }

  #unload(view: View): void {
    const loaded = new Map(this.#loaded.peek());
    loaded.delete(view);
    this.#loaded.value = loaded;
    this.#book.reaches(view, null);
  }

  #repair(): void {
    if (document.visibilityState === "hidden") return;
    const view = this.view.peek();
    const pages = this.#loaded.peek().get(view)?.pages ?? 1;
    const whole = pages <= REPAIR_PAGES;
    this.#enqueue(view, whole ? pages : 1, whole);
  }

  #enqueue(view: View, pages: number, sweep: boolean): void {
    if (this.#queue.some((walk) => walk.view === view && walk.from === "" && (walk.sweep || !sweep))) return;
    this.#push({ view, pages, from: "", sweep, since: this.#book.now(), walked: 0 });
  }

  #push(walk: Walk): void {
    if (!this.#live) return;
    this.#queue.push(walk);
    if (this.#walk === null) this.#done();
  }

  #done(): void {
    clearTimeout(this.#answerTimer);
    this.#walk = this.#queue.shift() ?? null;
    if (this.#walk !== null) this.#ask(this.#walk, this.#walk.from);
  }

  #ask(walk: Walk, cursor: string): void {
    clearTimeout(this.#answerTimer);
    this.#answerTimer = setTimeout(() => this.#done(), ANSWER_MS);
    this.#send({ type: "rooms.list", view: walk.view, cursor });
  }

  #stop(): void {
    clearTimeout(this.#answerTimer);
    clearTimeout(this.#recountTimer);
    clearInterval(this.#repairTimer);
    this.#recountTimer = undefined;
    this.#queue.length = 0;
    this.#walk = null;
  }
}
