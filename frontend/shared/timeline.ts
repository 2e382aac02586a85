import {
  type Entry,
  type Error as ErrorFrame,
  type Person,
  RETRYABLE,
  type Receipt,
  type RoomSnapshot,
  type ServerToAgent,
  type ServerToCustomer,
} from "./protocol";

/** A text of ours that is not yet in `entries`. `saved`: acknowledged, its entry is on the way. */
export interface Pending {
  client_id: string;
  room: string;
  kind: "text" | "note";
  body: string;
  at: number;
  state: "queued" | "saved" | "failed";
  /** Its place among what is on its way, once known. */
  order?: number;
  /** Where it was saved. */
  seq?: number;
  /** Why it failed: a code of the table, and the server's words. */
  code?: string;
  detail?: string;
}

export interface Typist {
  who: Person;
  /** When to stop showing it, in milliseconds since the epoch. */
  until: number;
}

/** What a client knows of one room. `entries` run without gaps up to `head`. */
export interface Timeline {
  readonly room: string;
  /** False until a snapshot came, or for a room that the client just made. */
  readonly loaded: boolean;
  readonly head: number;
  readonly status: "open" | "resolved";
  readonly owner: Person | null;
  readonly entries: readonly Entry[];
  readonly pending: readonly Pending[];
  readonly seen: number;
  /** How far the other side has got. */
  readonly receipt: Receipt;
  /** When the customer was last here; null while they are, and when nobody knows. */
  readonly lastSeen: number | null;
  readonly present: readonly Person[];
  readonly typing: readonly Typist[];
  /** Entries that came before their turn, by seq. */
  readonly held: readonly Entry[];
  /** The newest seq heard of; above `head` there is a gap. */
  readonly known: number;
}

/** A frame from the server, or an event of this client's own outbox. */
export type TimelineEvent =
  | Extract<
      ServerToCustomer | ServerToAgent,
      {
        type:
          | "ack"
          | "error"
          | "entry"
          | "entries"
          | "history"
          | "snapshot"
          | "seen"
          | "receipt"
          | "typing"
          | "room.presence";
      }
    >
  | { type: "head"; head: number }
  | { type: "pending"; pending: Pending }
  | { type: "discard"; client_id: string };

const TYPING_MS = 8_000;

/** A room nothing is known of. `loaded` for one that the client just made and nobody else can have written to. */
export function emptyTimeline(room: string, loaded = false): Timeline {
  return {
    room,
    loaded,
    head: 0,
    status: "open",
    owner: null,
    entries: [],
    pending: [],
    seen: 0,
    receipt: { delivered: 0, seen: 0 },
    lastSeen: null,
    present: [],
    typing: [],
    held: [],
    known: 0,
  };
}

/** The `after` of the sync that would close the gap, or null when there is none. */
export function gapOf(timeline: Timeline): number | null {
  return timeline.loaded && timeline.known > timeline.head ? timeline.head : null;
}

/** Whether there may be entries older than the first one here. */
export function hasOlder(timeline: Timeline): boolean {
  return (timeline.entries[0]?.seq ?? 1) > 1;
}

/** How many texts of others lie above the reader's mark, as far as they are loaded. */
export function unreadOf(timeline: Timeline, me: string): number {
  return timeline.entries.filter(({ seq, kind, author }) => seq > timeline.seen && kind === "text" && author.ref !== me)
    .length;
}

/**
 * The timeline after `event`; the same object when nothing changed. Pure, and independent of the order, repetition
 * and overlap of frames: snapshot(n) and the frames n+1..m give snapshot(m).
 */
export function apply(timeline: Timeline, event: TimelineEvent, now = 0): Timeline {
  switch (event.type) {
    case "snapshot":
      return withSnapshot(timeline, event.snapshot);
    case "entry":
      return withEntries(timeline, [event.entry], event.entry.seq);
    case "entries":
      return withEntries(timeline, event.entries, event.head);
    case "history":
      return withHistory(timeline, event.entries);
    case "ack":
      return withAck(timeline, event.client_id, event.seq);
    case "error":
      return event.client_id === null ? timeline : withFailure(timeline, event);
    case "seen":
      return event.seq > timeline.seen ? { ...timeline, seen: event.seq } : timeline;
    case "receipt":
      return { ...timeline, receipt: further(timeline.receipt, event) };
    case "typing":
      return withTyping(timeline, event.who, event.on ? now + TYPING_MS : null);
    case "room.presence":
      return withPresence(timeline, event.who, event.present);
    case "head":
      return event.head > timeline.known ? { ...timeline, known: event.head } : timeline;
    case "pending":
      return withPending(timeline, event.pending);
    case "discard":
      return withoutPending(timeline, event.client_id);
    default:
      // A newer server may say more than this client understands.
      return timeline;
  }
}

/** The newest entry whose author is one of `them`; 0 when there is none here. */
export function newestOf(timeline: Timeline, them: (ref: string) => boolean): number {
  for (let at = timeline.entries.length - 1; at >= 0; at--) {
    const entry = timeline.entries[at];
    if (entry && them(entry.author.ref)) return entry.seq;
  }
  return 0;
}

/** The timeline without those whose typing is over by `now`; the same object when nobody's is. */
export function withoutStaleTyping(timeline: Timeline, now: number): Timeline {
  const typing = timeline.typing.filter(({ until }) => until > now);
  return typing.length === timeline.typing.length ? timeline : { ...timeline, typing };
}

function withEntries(timeline: Timeline, added: readonly Entry[], newest: number): Timeline {
  const fresh = added.filter(({ seq }) => seq > timeline.head && !timeline.held.some((held) => held.seq === seq));
  const known = Math.max(timeline.known, newest, ...fresh.map(({ seq }) => seq));
  if (fresh.length === 0) return known === timeline.known ? timeline : { ...timeline, known };
  return settled({ ...timeline, known, held: bySeq([...timeline.held, ...fresh]) });
}

// Moves held entries whose turn has come into `entries`, with what they change.
function settled(timeline: Timeline): Timeline {
  let { head, status, owner, typing } = timeline;
  const entries = [...timeline.entries];
  const held = [];
  for (const entry of timeline.held) {
    if (entry.seq <= head) continue;
    if (entry.seq > head + 1) {
      held.push(entry);
      continue;
    }
    head = entry.seq;
    entries.push(entry);
    if (entry.kind === "status") status = entry.data.status as Timeline["status"];
    if (entry.kind === "assignment") owner = entry.data.owner as Person | null;
    typing = typing.filter(({ who }) => who.ref !== entry.author.ref);
  }
  const pending = stillPending(timeline.pending, entries, head);
  return { ...timeline, head, status, owner, typing, entries, held, pending };
}

function withSnapshot(timeline: Timeline, snapshot: RoomSnapshot): Timeline {
  const { room, head, status, owner, present } = snapshot;
  const seen = Math.max(timeline.seen, snapshot.seen);
  const receipt = further(timeline.receipt, snapshot.receipt);
  const lastSeen = snapshot.last_seen ?? timeline.lastSeen;
  // Frames may have overtaken the snapshot; then only what is not in the log is news.
  if (head < timeline.head) return { ...timeline, loaded: true, seen, receipt, lastSeen, present };
  const first = snapshot.entries[0]?.seq ?? head + 1;
  const older = timeline.entries.filter(({ seq }) => seq < first);
  const entries = older.at(-1)?.seq === first - 1 ? [...older, ...snapshot.entries] : snapshot.entries;
  const known = Math.max(timeline.known, head);
  const news = { room, loaded: true, head, status, owner, entries, seen, receipt, lastSeen, present, known };
  return settled({ ...timeline, ...news });
}

function withHistory(timeline: Timeline, page: readonly Entry[]): Timeline {
  const first = timeline.entries[0]?.seq ?? timeline.head + 1;
  const older = bySeq(page.filter(({ seq }) => seq < first));
  // A page that does not touch what is here was asked for before a snapshot moved the window.
  if (older.at(-1)?.seq !== first - 1) return timeline;
  return { ...timeline, entries: [...older, ...timeline.entries] };
}

function withAck(timeline: Timeline, clientId: string, seq: number): Timeline {
  const pending = timeline.pending.map((item) =>
    item.client_id === clientId ? { ...item, state: "saved" as const, seq } : item,
  );
  const known = Math.max(timeline.known, seq);
  return { ...timeline, known, pending: stillPending(pending, timeline.entries, timeline.head) };
}

function withFailure(timeline: Timeline, { client_id, code, detail }: ErrorFrame): Timeline {
  if (RETRYABLE.has(code) || !timeline.pending.some((item) => item.client_id === client_id)) return timeline;
  const pending = timeline.pending.map((item) =>
    item.client_id === client_id ? { ...item, state: "failed" as const, code, detail } : item,
  );
  return { ...timeline, pending };
}

function withPending(timeline: Timeline, pending: Pending): Timeline {
  const before = timeline.pending.find(({ client_id }) => client_id === pending.client_id);
  // What was refused and is tried again is sent last, so it stands last.
  const requeued = before?.state === "failed" && pending.state === "queued";
  const items =
    before && !requeued
      ? timeline.pending.map((item) => (item === before ? pending : item))
      : [...timeline.pending.filter((item) => item !== before), pending];
  const inOrder = [...items].sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
  return { ...timeline, pending: stillPending(inOrder, timeline.entries, timeline.head) };
}

function withoutPending(timeline: Timeline, clientId: string): Timeline {
  return { ...timeline, pending: timeline.pending.filter(({ client_id }) => client_id !== clientId) };
}

function withTyping(timeline: Timeline, who: Person, until: number | null): Timeline {
  const others = timeline.typing.filter((typist) => typist.who.ref !== who.ref);
  if (until === null && others.length === timeline.typing.length) return timeline;
  return { ...timeline, typing: until === null ? others : [...others, { who, until }] };
}

function withPresence(timeline: Timeline, who: Person, present: boolean): Timeline {
  const others = timeline.present.filter(({ ref }) => ref !== who.ref);
  return { ...timeline, present: present ? [...others, who] : others };
}

// Marks only move forward; a server of before knew none.
function further(receipt: Receipt, news: Receipt | undefined): Receipt {
  const delivered = Math.max(receipt.delivered, news?.delivered ?? 0);
  const seen = Math.max(receipt.seen, news?.seen ?? 0);
  return delivered === receipt.delivered && seen === receipt.seen ? receipt : { delivered, seen };
}

function stillPending(pending: readonly Pending[], entries: readonly Entry[], head: number): readonly Pending[] {
  if (pending.length === 0) return pending;
  const stored = new Set(entries.map(({ client_id }) => client_id));
  return pending.filter(({ client_id, seq }) => !stored.has(client_id) && (seq === undefined || seq > head));
}

function bySeq(entries: readonly Entry[]): Entry[] {
  const unique = new Map(entries.map((entry) => [entry.seq, entry]));
  return [...unique.values()].sort((a, b) => a.seq - b.seq);
}
