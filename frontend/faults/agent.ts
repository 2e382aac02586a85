import { effect } from "@preact/signals";
import { Inbox } from "../inbox/state/inbox";
import { localStore, tabStore } from "../shared/storage";
import type { Tab } from "./browser";
import type { Log } from "./log";
import { type Member, type Part, type State, shownOf } from "./member";
import { type Tap, tappedWebSocket } from "./tap";

/** An agent's tab: the inbox without its view, with rooms open. */
export class AgentTab implements Member {
  readonly #inbox: Inbox;
  readonly #shownUpTo = new Map<string, number>();
  readonly #ends: (() => void)[] = [];

  constructor(
    readonly id: string,
    readonly tab: Tab,
    readonly tap: Tap,
    readonly log: Log,
    _part: Part,
  ) {
    this.#inbox = new Inbox({
      WebSocket: tappedWebSocket(tab, log, tap),
      storage: localStore(),
      tabStorage: tabStore(),
    });
  }

  start(): void {
    this.#ends.push(effect(() => this.log("state", this.#inbox.socket.state.value)));
    this.#inbox.start();
  }

  stop(): void {
    this.#inbox.stop();
    for (const end of this.#ends.splice(0)) end();
  }

  open(room: string): void {
    this.#inbox.go({ view: "all", room });
    const timeline = this.#inbox.rooms.follow(room);
    this.#ends.push(
      effect(() => {
        const { head } = timeline.value;
        const before = this.#shownUpTo.get(room) ?? 0;
        if (head <= before) return;
        this.#shownUpTo.set(room, head);
        this.log("shown", room, before + 1, head);
      }),
    );
  }

  say(body: string, note: boolean): boolean {
    const [room] = this.#rooms();
    return room !== undefined && this.#inbox.writing.say(room, note ? "note" : "reply", body);
  }

  look(): void {
    for (const room of this.#rooms()) this.#inbox.seen(room, this.#inbox.rooms.get(room)?.peek().head ?? 0);
  }

  wake(): void {
    this.tab.document.dispatchEvent(new Event("visibilitychange"));
  }

  state(): State {
    const { socket, people, rooms, writing } = this.#inbox;
    const shown = Object.fromEntries(
      this.#rooms().flatMap((room) => {
        const timeline = rooms.get(room)?.peek();
        return timeline ? [[room, shownOf(timeline)]] : [];
      }),
    );
    return {
      state: socket.state.peek(),
      stopReason: socket.stopReason === null ? null : JSON.stringify(socket.stopReason),
      you: people.myRef.peek(),
      rooms: shown,
      outbox: writing.waiting.map(({ body, state, code }) => ({ body, state, code: code ?? null })),
      online: people.known.peek() ? this.#present() : null,
      heard: this.tap.heard,
      people: this.tap.people,
      kinds: this.tap.kinds,
    };
  }

  // Colleagues whose lamp is lit, and the customers of the rooms that are open here.
  #present(): string[] {
    const { people, rooms } = this.#inbox;
    const colleagues = [people.me.peek(), ...people.colleagues.peek()].filter(({ state }) => state === "online");
    const writers = this.#rooms().flatMap(
      (room) =>
        rooms
          .get(room)
          ?.peek()
          .entries.map(({ author }) => author.ref) ?? [],
    );
    const customers = [...new Set(writers)].filter((ref) => ref.startsWith("customer:") && people.isHere(ref));
    return [...colleagues.map(({ ref }) => ref), ...customers];
  }

  #rooms(): string[] {
    return [...this.#shownUpTo.keys()];
  }
}
