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
  snapshot?: { room: string };
  summary?: { room: string; site: string };
  entry?: { kind: string };
  entries?: { kind: string }[];
  rooms?: { room: string }[];
}

/** What one client's sockets carried: which rooms were spoken of, and when last. */
export class Tap {
  /** By room: how many frames, and when the last of them came. */
  readonly heard: Record<string, [number, number]> = {};
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
    this.kinds[frame.type] = (this.kinds[frame.type] ?? 0) + 1;
    const rooms = [
      frame.room,
      frame.snapshot?.room,
      frame.summary?.room,
      ...(frame.rooms ?? []).map(({ room }) => room),
    ];
    for (const room of rooms) {
      if (room === undefined) continue;
      this.heard[room] = [(this.heard[room]?.[0] ?? 0) + 1, this.#now()];
    }
    for (const { kind } of [...(frame.entry ? [frame.entry] : []), ...(frame.entries ?? [])]) {
      this.kinds[`entry:${kind}`] = (this.kinds[`entry:${kind}`] ?? 0) + 1;
    }
    if (frame.type === "ack") this.#log("ack", frame.client_id, frame.room, frame.seq);
    if (frame.type === "error")
      this.#log("error", frame.code, frame.client_id, frame.limit ?? null, frame.retry_after ?? null);
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
