import NodeWebSocket from "ws";
import type { Tab } from "./browser";
import type { Log } from "./log";

interface Frame {
  type: string;
  room?: string;
  client_id?: string | null;
  body?: string;
  seq?: number;
  code?: string;
  limit?: string | null;
  retry_after?: number | null;
}

// What these hold has room names as its keys.
const BY_ROOM = new Set(["heads", "receipts", "marks", "seen_texts"]);
// What people type may look like anything.
const TYPED = new Set(["body", "text", "name", "detail"]);
const REF = /^(customer|agent|bot):\S+$/;

/** What one client's sockets carried: which rooms and people were spoken of, wherever in a frame, and when last. */
export class Tap {
  /** By room: how many times, and when last. */
  readonly heard: Record<string, [number, number]> = {};
  /** By person, the same. */
  readonly people: Record<string, [number, number]> = {};
  readonly kinds: Record<string, number> = {};
  /** Every attempt to connect counts, also one that fails. */
  attempts = 0;
  socket: NodeWebSocket | null = null;
  readonly #log: Log;
  readonly #now: () => number;

  constructor(log: Log, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  sent(frame: Frame): void {
    if (frame.type === "message.send" || frame.type === "note.send") {
      this.#log("sent", frame.client_id, frame.room, frame.body, this.attempts);
    }
  }

  received(frame: Frame): void {
    this.#count(frame.type);
    this.#look(frame);
    if (frame.type === "ack") this.#log("ack", frame.client_id, frame.room, frame.seq);
    if (frame.type === "error")
      this.#log("error", frame.code, frame.client_id, frame.limit ?? null, frame.retry_after ?? null);
  }

  // By what values look like and not by type of frame: a frame that nobody thought of is looked through as well.
  #look(value: unknown): void {
    if (typeof value === "string") {
      if (REF.test(value)) this.#hear(this.people, value);
    } else if (Array.isArray(value)) {
      for (const each of value) this.#look(each);
    } else if (typeof value === "object" && value !== null) {
      const { room, kind, seq } = value as { room?: unknown; kind?: unknown; seq?: unknown };
      if (typeof room === "string") this.#hear(this.heard, room);
      if (typeof kind === "string" && seq !== undefined) this.#count(`entry:${kind}`);
      for (const [key, inner] of Object.entries(value)) {
        if (BY_ROOM.has(key)) for (const name of Object.keys(inner as object)) this.#hear(this.heard, name);
        if (!TYPED.has(key)) this.#look(inner);
      }
    }
  }

  #hear(what: Record<string, [number, number]>, name: string): void {
    what[name] = [(what[name]?.[0] ?? 0) + 1, this.#now()];
  }

  #count(kind: string): void {
    this.kinds[kind] = (this.kinds[kind] ?? 0) + 1;
  }
}

/** The WebSocket that a tab's script gets: as a browser's, with its origin and cookies, and a tap on the line. */
export function tappedWebSocket(page: Tab, log: Log, tap: Tap): typeof WebSocket {
  class TappedWebSocket extends NodeWebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      const own = new URL(url).host === page.location.host;
      super(url, protocols ?? [], {
        origin: page.browser.origin,
        perMessageDeflate: false,
        ...(own && page.browser.cookie && { headers: { Cookie: page.browser.cookie } }),
      });
      tap.socket = this;
      tap.attempts++;
      log("connect");
      // A browser reports a failure by its close event alone.
      this.on("error", () => {});
      this.on("open", () => log("open"));
      this.on("close", (code: number) => log("close", code));
      this.on("message", (data, isBinary) => isBinary || tap.received(JSON.parse(String(data)) as Frame));
    }

    override emit(name: string | symbol, ...rest: unknown[]): boolean {
      return page.run(() => super.emit(name, ...rest));
    }

    override send(data: string): void {
      tap.sent(JSON.parse(data) as Frame);
      super.send(data);
    }
  }
  return TappedWebSocket as unknown as typeof WebSocket;
}
