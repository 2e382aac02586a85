import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { type Clock, systemClock } from "./clock";
import type { Sync } from "./protocol";
import { apply, emptyTimeline, gapOf, type Timeline, type TimelineEvent, withoutStaleTyping } from "./timeline";

// Concurrent publishes of neighbouring entries overtake each other by milliseconds; longer means lost.
const GAP_MS = 200;
// An unanswered sync is asked again.
const SYNC_AGAIN_MS = 5_000;

export interface RoomsOptions {
  send(frame: Sync): void;
  clock?: Clock;
}

/** The timelines of the rooms a client follows; closes their gaps by asking for what is missing. */
export class Rooms {
  readonly #options: RoomsOptions;
  readonly #clock: Clock;
  readonly #timelines = new Map<string, Signal<Timeline>>();
  readonly #syncs = new Map<string, () => void>();

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
    this.#stopSync(room);
  }

  clear(): void {
    for (const room of this.#timelines.keys()) this.forget(room);
  }

  /** Names of the followed rooms. */
  names(): string[] {
    return [...this.#timelines.keys()];
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
    timeline.value = apply(timeline.peek(), event, now);
    if (event.type === "typing" && event.on) this.#expireTyping(timeline);
    this.#closeGap(room, timeline, GAP_MS);
  }

  /** The newest seqs from a server's heartbeat. */
  applyHeads(heads: Record<string, number>): void {
    for (const [room, head] of Object.entries(heads)) this.apply(room, { type: "head", head });
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
