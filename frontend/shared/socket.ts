import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { backoff } from "./backoff";
import { type Clock, systemClock } from "./clock";
import { CLOSE_NOT_SIGNED_IN } from "./protocol";
import { Refusal } from "./refusal";

/**
 * `connecting` until the first attempt is decided; `offline` from a loss until the next welcome, also while
 * attempts are made; `stopped` when only a person or a new sign-in can help.
 */
export type SocketState = "idle" | "connecting" | "online" | "offline" | "stopped";

export interface Endpoint {
  url: string;
  protocols: string[];
}

export interface SocketOptions<In> {
  /**
   * Where to connect. `fresh` when the last attempt was refused, so that the token or session must be asked for
   * anew. Rejecting with a Refusal that is not retryable stops the socket; any other rejection is tried again.
   */
  endpoint(fresh: boolean): Promise<Endpoint>;
  /** What the client has of each room it follows; answers the server's heartbeats. */
  heads(): Record<string, number>;
  /** Every frame from the server, in order, heartbeats and `welcome` included. */
  onFrame(frame: In): void;
  /** What came could not be understood, and something may be missing now. */
  onConfusion?(): void;
  clock?: Clock;
  random?: () => number;
  WebSocket?: typeof WebSocket;
}

type Timer = "retry" | "handshake" | "silence" | "stable" | "probe";

const HANDSHAKE_MS = 10_000;
const SILENCE_MS = 35_000;
const STABLE_MS = 10_000;
// Two heartbeats missed: after a sleep the connection may be dead without having noticed.
const SUSPICIOUS_MS = 12_000;
const PROBE_MS = 3_000;
const IMPATIENCE_MS = 1_000;

/** A WebSocket that comes back by itself. Frames in order; loses nothing silently: `send` says whether it went. */
export class Socket<In extends { type: string }, Out extends { type: string }> {
  readonly #state: Signal<SocketState> = signal("idle");
  readonly #options: SocketOptions<In>;
  readonly #clock: Clock;
  #webSocket: WebSocket | null = null;
  #attempt = 0;
  #failures = 0;
  #startedAt = 0;
  #heardAt = 0;
  #fresh = false;
  #cancels = new Map<Timer, () => void>();
  #listening: AbortController | null = null;

  /** Why the socket stopped: a close code, or the refusal of its endpoint. */
  stopReason: number | Refusal | null = null;

  constructor(options: SocketOptions<In>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  get state(): ReadonlySignal<SocketState> {
    return this.#state;
  }

  /** Connects and stays connected; does nothing when already started. */
  start(): void {
    if (this.#state.peek() !== "idle" && this.#state.peek() !== "stopped") return;
    this.stopReason = null;
    this.#failures = 0;
    this.#state.value = "connecting";
    this.#listen();
    this.#connect();
  }

  /** Closes for good, until `start`. */
  stop(): void {
    this.#end("idle");
  }

  /** Stops as if the server had refused to go on. */
  refuse(reason: Refusal): void {
    this.stopReason = reason;
    this.#end("stopped");
  }

  /** Sends when online; false when the frame did not go. */
  send(frame: Out): boolean {
    return this.#state.peek() === "online" && this.#transmit(frame);
  }

  /** Tries at once instead of after the rest of the wait; harmless to call often. */
  retryNow(): void {
    const waiting = this.#cancels.has("retry");
    if (waiting && this.#clock.now() - this.#startedAt >= IMPATIENCE_MS) this.#connect();
  }

  #connect(): void {
    this.#disarm();
    const attempt = ++this.#attempt;
    this.#startedAt = this.#clock.now();
    const fresh = this.#fresh;
    this.#fresh = false;
    this.#arm("handshake", HANDSHAKE_MS, () => this.#lost());
    this.#options.endpoint(fresh).then(
      (endpoint) => attempt === this.#attempt && this.#open(endpoint),
      (reason: unknown) => attempt === this.#attempt && this.#refused(reason),
    );
  }

  #open({ url, protocols }: Endpoint): void {
    const Constructor = this.#options.WebSocket ?? WebSocket;
    let webSocket: WebSocket;
    try {
      webSocket = new Constructor(url, protocols);
    } catch {
      // A host page's Content-Security-Policy may forbid the address.
      this.#lost();
      return;
    }
    this.#webSocket = webSocket;
    let opened = false;
    webSocket.onopen = () => {
      opened = true;
      this.#transmit({ type: "hello", protocol: 1 });
    };
    webSocket.onmessage = (event: MessageEvent<unknown>) => this.#receive(event.data);
    webSocket.onclose = (event: CloseEvent) => {
      // Browsers hide why a handshake was refused: the endpoint asks.
      this.#fresh = !opened;
      this.#lost(event.code);
    };
  }

  #receive(data: unknown): void {
    if (typeof data !== "string") return;
    this.#heardAt = this.#clock.now();
    let type = "";
    try {
      const frame = JSON.parse(data) as In;
      type = frame.type;
      // Answered here and not by a timer, because timers of hidden tabs slow down to one a minute.
      if (type === "heartbeat") this.#transmit({ type, heads: this.#options.heads() });
      this.#options.onFrame(frame);
    } catch (error) {
      // One frame that nobody understands must not end the rest.
      globalThis.reportError?.(error);
      this.#options.onConfusion?.();
    }
    // The frame may have been a reason to stop.
    if (type === "welcome" && this.#webSocket) this.#welcomed();
  }

  #welcomed(): void {
    this.#cancel("handshake");
    this.#arm("stable", STABLE_MS, () => {
      this.#failures = 0;
    });
    this.#watch();
    this.#state.value = "online";
  }

  #watch(): void {
    const silent = this.#clock.now() - this.#heardAt;
    if (silent >= SILENCE_MS) this.#lost();
    else this.#arm("silence", SILENCE_MS - silent, () => this.#watch());
  }

  #transmit(frame: object): boolean {
    if (this.#webSocket?.readyState !== 1) return false;
    this.#webSocket.send(JSON.stringify(frame));
    return true;
  }

  #refused(reason: unknown): void {
    if (!(reason instanceof Refusal)) {
      this.#lost();
    } else if (reason.retryable) {
      this.#lost(undefined, (reason.retryAfter ?? 0) * 1000);
    } else {
      this.refuse(reason);
    }
  }

  #lost(code?: number, atLeast = 0): void {
    this.#detach();
    this.#disarm();
    this.#attempt++;
    if (code === CLOSE_NOT_SIGNED_IN) this.#fresh = true;
    if (code !== undefined && !comesBack(code)) {
      this.stopReason = code;
      this.#end("stopped");
      return;
    }
    const wait = backoff(++this.#failures, this.#options.random ?? Math.random, code);
    this.#arm("retry", Math.max(wait, atLeast), () => this.#connect());
    this.#state.value = "offline";
  }

  #end(state: "idle" | "stopped"): void {
    this.#detach();
    this.#disarm();
    this.#attempt++;
    this.#listening?.abort();
    this.#listening = null;
    this.#state.value = state;
  }

  #detach(): void {
    const webSocket = this.#webSocket;
    this.#webSocket = null;
    if (!webSocket) return;
    webSocket.onopen = webSocket.onmessage = webSocket.onclose = null;
    webSocket.close();
  }

  #listen(): void {
    this.#listening?.abort();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    const wake = () => this.#wake();
    addEventListener("online", wake, { signal });
    addEventListener("pageshow", wake, { signal });
    document.addEventListener("visibilitychange", () => document.hidden || wake(), { signal });
    addEventListener("offline", () => this.#state.peek() === "online" && this.#lost(), { signal });
  }

  #wake(): void {
    this.retryNow();
    const heardAt = this.#heardAt;
    if (this.#state.peek() !== "online" || this.#clock.now() - heardAt < SUSPICIOUS_MS) return;
    this.#arm("probe", PROBE_MS, () => {
      if (this.#heardAt === heardAt) this.#lost();
    });
  }

  #arm(name: Timer, ms: number, task: () => void): void {
    this.#cancel(name);
    this.#cancels.set(
      name,
      this.#clock.after(ms, () => {
        this.#cancels.delete(name);
        task();
      }),
    );
  }

  #cancel(name: Timer): void {
    this.#cancels.get(name)?.();
    this.#cancels.delete(name);
  }

  #disarm(): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
  }
}

// The table's ranges: below 4000 and 4100–4199 come back, 4000–4099 do not; a lost sign-in is asked for anew.
function comesBack(code: number): boolean {
  return code < 4000 || code > 4099 || code === CLOSE_NOT_SIGNED_IN;
}
