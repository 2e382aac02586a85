import { render } from "preact";
import { afterEach, beforeEach, vi } from "vitest";
import type { AgentWelcome, Entry, RoomSnapshot } from "../../shared/protocol";
import type { Endpoint } from "../../shared/socket";
import { memoryStore } from "../../shared/storage";
import { TestWebSocket } from "../../shared/testing/webSocket";
import { Inbox } from "../state/inbox";
import { App } from "../view/App";
import { InboxContext } from "../view/context";
import { alice, bob, carol, room } from "./cast";

export const WELCOME: AgentWelcome = {
  type: "welcome",
  you: { ...alice, state: "online" },
  sites: [{ key: "shop", name: "Shop", greeting: "", color: "" }],
  colleagues: [
    { ...alice, state: "online" },
    { ...bob, state: "away" },
  ],
  customers_online: [carol.ref],
  epoch: "one",
  at: Date.now(),
};

let root: HTMLElement;
export let inbox: Inbox;
let endpoint: () => Promise<Endpoint>;

/** A whole inbox on a page of its own for each test, whose server is the test. */
export function setStage(): void {
  beforeEach(async () => {
    location.hash = "";
    vi.stubGlobal("IntersectionObserver", SeesNothing);
    root = document.body.appendChild(document.createElement("div"));
    endpoint = async () => ({ url: "ws://test", protocols: [] });
    inbox = new Inbox({
      endpoint: () => endpoint(),
      WebSocket: TestWebSocket.reset(),
      storage: memoryStore(),
      tabStorage: memoryStore(),
    });
    inbox.start();
    render(
      <InboxContext.Provider value={inbox}>
        <App page={{ csrf: "token", isAdmin: false }} />
      </InboxContext.Provider>,
      root,
    );
    await drawn();
  });

  afterEach(() => {
    inbox.stop();
    render(null, root);
    root.remove();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
}

class SeesNothing {
  observe(): void {}
  disconnect(): void {}
}

/** From now on, connecting fails like this. */
export function refuseToConnect(reason: unknown): void {
  endpoint = () => Promise.reject(reason);
}

export const server = () => TestWebSocket.last;
export const all = (selector: string) => [...root.querySelectorAll<HTMLElement>(selector)];
export const words = (selector: string) => all(selector).map((each) => each.textContent);

export function one<T extends HTMLElement>(selector: string): T {
  const found = root.querySelector<T>(selector);
  if (found === null) throw new Error(`there is no ${selector}`);
  return found;
}

export async function drawn(): Promise<void> {
  for (let frame = 0; frame < 3; frame++) await new Promise((resolve) => setTimeout(resolve, 5));
}

export function button(name: string): HTMLButtonElement {
  const found = all("button").find((each) => each.textContent?.trim() === name);
  if (found === undefined) throw new Error(`there is no button ${name}`);
  return found as HTMLButtonElement;
}

export async function press(code: string, init: KeyboardEventInit = {}): Promise<void> {
  document.dispatchEvent(new KeyboardEvent("keydown", { code, key: "", bubbles: true, ...init }));
  await drawn();
}

export async function type(text: string): Promise<void> {
  const field = one<HTMLTextAreaElement>("textarea");
  field.value = text;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  await drawn();
}

export function entry(seq: number, overrides: Partial<Entry> = {}): Entry {
  return {
    seq,
    kind: "text",
    author: carol,
    body: `text ${seq}`,
    data: {},
    client_id: `c${seq}`,
    at: seq,
    ...overrides,
  };
}

export async function listed(...names: string[]): Promise<void> {
  server().welcome(WELCOME);
  server().say({
    type: "rooms",
    view: "unassigned",
    rooms: names.map((name, at) => room(name, { waiting_since: 1_000 + at, customer_texts: 1 })),
    seen_texts: {},
    counts: { mine: 0, unassigned: names.length, all: names.length, resolved: 3 },
    next: "",
  });
  await drawn();
}

export async function opened(name: string, snapshot: Partial<RoomSnapshot> = {}): Promise<void> {
  location.hash = `#/unassigned/${name}`;
  await drawn();
  const whole = { room: name, head: 1, status: "open", owner: null, entries: [entry(1)], seen: 0, present: [carol] };
  server().say({ type: "snapshot", snapshot: { ...whole, ...snapshot } });
  await drawn();
}
