import type { Timeline } from "../shared/timeline";
import type { Tab } from "./browser";
import type { Log } from "./log";
import type { Tap } from "./tap";

/** Who is to be played, as the harness says it. */
export interface Part {
  id: string;
  kind: "customer" | "agent";
  /** Tabs of one browser name the same. */
  browser: string;
  /** The server's origin. */
  server: string;
  /** The origin of the page the client runs on. */
  origin: string;
  /** A customer's site. */
  site?: string;
  /** An agent's session. */
  cookie?: string;
}

export interface Shown {
  head: number;
  pending: { body: string; state: string; code: string | null }[];
  present: string[];
  owner: string | null;
  status: string;
  /** seq, client_id, author and body, in the order they are shown. */
  entries: [number, string, string, string][];
}

/** What a client shows and still has to send. */
export interface State {
  state: string;
  stopReason: string | null;
  you: string;
  rooms: Record<string, Shown>;
  /** Texts that are stored here and not acknowledged. */
  outbox: { body: string; state: string; code: string | null }[];
  /** Who is there, as this client shows it; null when it says that it cannot know. */
  online: string[] | null;
  heard: Tap["heard"];
  people: Tap["people"];
  kinds: Tap["kinds"];
}

/** A client under test: the real classes behind a few verbs. */
export interface Member {
  readonly id: string;
  readonly tab: Tab;
  readonly tap: Tap;
  readonly log: Log;
  start(): void;
  stop(): void;
  /** Shows a room. */
  open(room: string): void;
  /** Writes a text, or a note where there are notes; false when it was not taken. */
  say(body: string, note: boolean): boolean;
  /** Everything that is there has been on screen. */
  look(): void;
  /** Somebody comes back to the tab. */
  wake(): void;
  state(): State;
}

export function shownOf(timeline: Timeline): Shown {
  return {
    head: timeline.head,
    pending: timeline.pending.map(({ body, state, code }) => ({ body, state, code: code ?? null })),
    present: timeline.present.map(({ ref }) => ref),
    owner: timeline.owner?.ref ?? null,
    status: timeline.status,
    entries: timeline.entries.map(({ seq, client_id, author, body }) => [seq, client_id, author.ref, body]),
  };
}
