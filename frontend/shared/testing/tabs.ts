import { beforeEach, vi } from "vitest";
import { Outbox } from "../outbox";
import type { TimelineEvent } from "../timeline";
import { TestBrowser } from "./browser";
import { TestClock } from "./clock";

export let browser: TestBrowser;
export let clock: TestClock;
let tabs: Tab[];
export let log: { client_id: string; body: string }[];

/** A browser of its own for each test, and a server whose log says what was stored. */
export function setBrowser(): void {
  beforeEach(() => {
    for (const tab of tabs ?? []) tab.close();
    browser = new TestBrowser();
    clock = new TestClock();
    tabs = [];
    log = [];
  });
}

export const stored = () => log.map(({ body }) => body);
export const eventually = (check: () => void) => vi.waitFor(check, { timeout: 2_000, interval: 5 });
// Long enough for a handful of transactions; used only where nothing is to happen.
export const quiet = () => new Promise((resolve) => setTimeout(resolve, 60));

/** A tab with an outbox; its server is the test, and everybody's server has one log. */
export class Tab {
  readonly channel = browser.channel();
  readonly events: TimelineEvent[] = [];
  readonly sent: { client_id: string; body: string }[] = [];
  answers = true;
  online = true;
  outbox: Outbox;

  constructor(owner = "carol", before = owner, database = browser.database()) {
    this.outbox = new Outbox({
      database,
      channel: this.channel,
      transmit: (frame) => this.#transmit(frame),
      onChange: (_room, event) => this.events.push(event),
      clock,
      random: () => 0.5,
    });
    this.outbox.own(owner, before);
    tabs.push(this);
  }

  #transmit(frame: { client_id: string; body: string }): boolean {
    if (!this.online) return false;
    this.sent.push(frame);
    if (this.answers) this.acknowledge(frame);
    return true;
  }

  acknowledge({ client_id, body }: { client_id: string; body: string }): void {
    if (!log.some((entry) => entry.client_id === client_id)) log.push({ client_id, body });
    const seq = 1 + log.findIndex((entry) => entry.client_id === client_id);
    setTimeout(() => this.outbox.answer({ type: "ack", client_id, room: "r", seq, at: 0 }));
  }

  refuse(code: "not_allowed" | "too_fast", retry_after: number | null = null): void {
    const client_id = this.sent.at(-1)?.client_id ?? null;
    this.outbox.answer({ type: "error", code, detail: "", client_id, retry_after, limit: null });
  }

  bodies(): string[] {
    return this.outbox.items.map(({ body }) => body);
  }

  close(): void {
    this.outbox.close();
    this.channel.close();
  }
}
