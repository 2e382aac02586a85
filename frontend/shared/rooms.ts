import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type Clock, systemClock } from "./clock";
import type { RoomSnapshot, ServerHeartbeat, Sync } from "./protocol";
import { apply, emptyTimeline, gapOf, type Timeline, type TimelineEvent, withoutStaleTyping } from "./timeline";

// Concurrent publishes of neighbouring entries overtake each other by milliseconds; longer means lost.
const GAP_MS = 200;
// An unanswered sync is asked again.
const SYNC_AGAIN_MS = 5_000;
// However often something is not understood, the rooms are read anew at most this often.
const CATCH_UP_MS = 10_000;

export interface RoomsOptions {
  send(frame: Sync): void;
  /** More of a room is here, or all of it again. */
  onGrown?(timeline: Timeline): void;
  /** The server has less of a room than was here: what was known and said of it counts no more. */
  onStartedOver?(room: string): void;
  clock?: Clock;
}

/** The timelines of the rooms a client follows; closes their gaps by asking for what is missing. */
export class Rooms {
  readonly #options: RoomsOptions;
  readonly #clock: Clock;
  readonly #timelines = new Map<string, Signal<Timeline>>();
  readonly #syncs = new Map<string, () => void>();
  /** What was here of each room when the connection was lost, until the server has said what it has of it. */
  readonly #before = new Map<string, number>();
  #caughtUpAt = Number.NEGATIVE_INFINITY;
  #cancelCatchUp: (() => void) | null = null;

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** The room's timeline, followed from now on. `loaded` for a room that this client just made. */
  follow(room: string, loaded = false): ReadonlySignal<Timeline> {
    let timeline = this.#timelines.get(room);
    if (!timeline) {
      timeline = signal(emptyTimeline(room, loaded));
      this.#timelines.set(room, timeline);
    }
    return timeline;
  }

  /** The room's timeline, or undefined when it is not followed. */
  get(room: string): ReadonlySignal<Timeline> | undefined {
    return this.#timelines.get(room);
  }

  forget(room: string): void {
    this.#timelines.delete(room);
    this.#before.delete(room);
    this.#stopSync(room);
  }

  clear(): void {
    for (const room of this.#timelines.keys()) this.forget(room);
  }

  /** Forgets what is known of the followed rooms, and follows them still. */
  reset(): void {
    this.#before.clear();
    for (const [room, timeline] of this.#timelines) {
      this.#stopSync(room);
      timeline.value = emptyTimeline(room);
    }
  }

  /** The connection is gone. A server that has less of a room afterwards has gone back to an older database. */
  disconnected(): void {
    for (const [room, timeline] of this.#timelines) this.#before.set(room, timeline.peek().head);
  }

  /** Something was not understood: asks for all that may have been missed, now or soon. */
  catchUp(): void {
    const wait = Math.max(0, this.#caughtUpAt + CATCH_UP_MS - this.#clock.now());
    this.#cancelCatchUp ??= this.#clock.after(wait, () => {
      this.#cancelCatchUp = null;
      this.#caughtUpAt = this.#clock.now();
      for (const [room, timeline] of this.#timelines) {
        const { head } = timeline.peek();
        if (head > 0) this.#options.send({ type: "sync", room, after: head });
      }
    });
  }

  /** What is here of each room, for the answer to a heartbeat. */
  heads(): Record<string, number> {
    return Object.fromEntries([...this.#timelines].map(([room, timeline]) => [room, timeline.peek().head]));
  }

  /** Applies an event to a followed room; events of other rooms are ignored. */
  apply(room: string, event: TimelineEvent): void {
    const timeline = this.#timelines.get(room);
    if (!timeline) return;
    const now = this.#clock.now();
    if (event.type === "snapshot") this.#startOver(timeline, event.snapshot);
    const { head } = timeline.peek();
    timeline.value = apply(timeline.peek(), event, now);
    if (timeline.peek().head > head || event.type === "snapshot") this.#options.onGrown?.(timeline.peek());
    if (event.type === "typing" && event.on) this.#expireTyping(timeline);
    this.#closeGap(room, timeline, GAP_MS);
  }

  /** What a server's heartbeat says of the rooms, should a hint of it have been lost. Older servers say less. */
  applyHeartbeat({ heads, receipts = {}, marks = {} }: ServerHeartbeat): void {
    for (const [room, head] of Object.entries(heads)) {
      const before = this.#before.get(room) ?? 0;
      if (head < before) this.#options.send({ type: "sync", room, after: before });
      else this.apply(room, { type: "head", head });
    }
    for (const [room, receipt] of Object.entries(receipts)) this.apply(room, { type: "receipt", room, ...receipt });
    for (const [room, mark] of Object.entries(marks)) this.apply(room, { type: "seen", room, ...mark });
  }

  #startOver(timeline: Signal<Timeline>, { room, head }: RoomSnapshot): void {
    const before = this.#before.get(room) ?? 0;
    this.#before.delete(room);
    if (head >= before) return;
    timeline.value = { ...emptyTimeline(room), pending: timeline.peek().pending };
    this.#options.onStartedOver?.(room);
  }

  #closeGap(room: string, timeline: Signal<Timeline>, wait: number): void {
    if (gapOf(timeline.peek()) === null) {
      this.#stopSync(room);
      return;
    }
    if (this.#syncs.has(room)) return;
    const cancel = this.#clock.after(wait, () => {
      this.#syncs.delete(room);
      const after = gapOf(timeline.peek());
      if (after === null) return;
      this.#options.send({ type: "sync", room, after });
      this.#closeGap(room, timeline, SYNC_AGAIN_MS);
    });
    this.#syncs.set(room, cancel);
  }

  #stopSync(room: string): void {
    this.#syncs.get(room)?.();
    this.#syncs.delete(room);
  }

  #expireTyping(timeline: Signal<Timeline>): void {
    const until = Math.max(...timeline.peek().typing.map((typist) => typist.until));
    this.#clock.after(until - this.#clock.now(), () => {
      timeline.value = withoutStaleTyping(timeline.peek(), this.#clock.now());
    });
  }
}
