import type { ErrorCode, SessionAnswer, SessionRequest } from "../shared/protocol";
import { Refusal } from "../shared/refusal";
import type { Endpoint } from "../shared/socket";
import type { Storage } from "../shared/storage";

interface Kept {
  token: string;
  expires_at: number;
  /** Whose it is; older versions did not keep that. */
  ref?: string;
}

// Asked for anew while the old one still counts, so that the customer stays the same customer.
const EARLY_MS = 24 * 3600 * 1000;
const PATIENCE_MS = 15_000;

/** Who this browser is to the site: a signed token, asked for at intent and kept in the host page's own storage. */
export class Session {
  readonly #server: string;
  readonly #site: string;
  readonly #storage: Storage;
  readonly #key: string;
  readonly #onAnswer: (answer: SessionAnswer) => void;

  constructor(
    server: string,
    site: string,
    storage: Storage,
    prefix: string,
    onAnswer: (answer: SessionAnswer) => void,
  ) {
    this.#server = server;
    this.#site = site;
    this.#storage = storage;
    this.#key = `${prefix}token`;
    this.#onAnswer = onAnswer;
  }

  /** Where the socket connects. Rejects with a Refusal when the server says why not. */
  async endpoint(fresh: boolean): Promise<Endpoint> {
    const kept = this.#kept();
    const usable = kept && !fresh && kept.expires_at - EARLY_MS > Date.now();
    const token = usable ? kept.token : await this.#inTurn(() => this.#ask(kept?.token));
    return {
      url: `${this.#server.replace(/^http/, "ws")}/ws/customer/`,
      protocols: ["porchlight.v1", `bearer.${token}`],
    };
  }

  /** Who this browser is, as far as it is known before the server answers; empty when it is not. */
  get ref(): string {
    return this.#kept()?.ref ?? "";
  }

  /** Calls `task` when another tab became somebody. Returns the function that stops it. */
  onChange(task: (ref: string) => void): () => void {
    const listener = ({ key }: StorageEvent) => {
      if (key === this.#key && this.ref) task(this.ref);
    };
    addEventListener("storage", listener);
    return () => removeEventListener("storage", listener);
  }

  // Tabs that open at once ask one after the other, so that all of them are the same customer.
  async #inTurn(ask: () => Promise<string>): Promise<string> {
    // Absent on plain-http pages; there the check in #ask still makes the first one count.
    const locks = (navigator as Partial<Navigator>).locks;
    return locks ? await locks.request(this.#key, ask) : await ask();
  }

  #keptByAnotherTab(before: string | undefined): string | null {
    const kept = this.#kept();
    return kept && kept.token !== before ? kept.token : null;
  }

  async #ask(token: string | undefined): Promise<string> {
    const meanwhile = this.#keptByAnotherTab(token);
    if (meanwhile) return meanwhile;
    const request: SessionRequest = { site: this.#site };
    const response = await fetch(`${this.#server}/widget/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
      body: JSON.stringify(request),
      credentials: "omit",
      // A hung answer must not keep the other tabs waiting for their turn.
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const answer: unknown = await response.json();
    // Another tab may have become somebody while we asked: one browser is one customer.
    if (response.ok) return this.#keptByAnotherTab(token) ?? this.#keep(answer as SessionAnswer).token;
    const refusal = answer as { code: ErrorCode; detail?: string; retry_after?: number | null };
    if (refusal.code !== "bad_token" || !token) {
      throw new Refusal(refusal.code, refusal.detail, refusal.retry_after);
    }
    this.#storage.remove(this.#key);
    return this.#ask(undefined);
  }

  #keep(answer: SessionAnswer): Kept {
    const { token, expires_at, you } = answer;
    this.#onAnswer(answer);
    const kept = { token, expires_at, ref: you.ref };
    this.#storage.set(this.#key, JSON.stringify(kept));
    return kept;
  }

  #kept(): Kept | null {
    try {
      return JSON.parse(this.#storage.get(this.#key) ?? "null") as Kept | null;
    } catch {
      return null;
    }
  }
}
