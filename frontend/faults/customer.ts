import { effect } from "@preact/signals";
import { localStore } from "../shared/storage";
import { Chat } from "../widget/chat";
import type { Tab } from "./browser";
import type { Log } from "./log";
import { type Member, type Part, type State, shownOf } from "./member";
import { type Tap, tappedWebSocket } from "./tap";

/** A customer's tab: the widget without its view. */
export class CustomerTab implements Member {
  readonly #chat: Chat;
  #shownUpTo = 0;
  #end = () => {};

  constructor(
    readonly id: string,
    readonly tab: Tab,
    readonly tap: Tap,
    readonly log: Log,
    { server, site = "" }: Part,
  ) {
    this.#chat = new Chat({
      server,
      site,
      storage: localStore(),
      emit: () => {},
      WebSocket: tappedWebSocket(tab, log, tap),
    });
  }

  start(): void {
    const chat = this.#chat;
    const ends = [
      effect(() => this.log("state", chat.socket.state.value)),
      effect(() => {
        const timeline = chat.timeline.value;
        if (!timeline || timeline.head <= this.#shownUpTo) return;
        this.log("shown", timeline.room, this.#shownUpTo + 1, timeline.head);
        this.#shownUpTo = timeline.head;
      }),
    ];
    this.#end = () => {
      for (const end of ends) end();
    };
    chat.start();
  }

  stop(): void {
    this.#chat.stop();
    this.#end();
  }

  open(): void {}

  say(body: string): boolean {
    return this.#chat.send(body);
  }

  look(): void {
    this.#chat.markSeen();
  }

  wake(): void {
    this.#chat.start();
    this.tab.document.dispatchEvent(new Event("visibilitychange"));
  }

  state(): State {
    const { socket, timeline, you, online, outbox } = this.#chat;
    const shown = timeline.peek();
    return {
      state: socket.state.peek(),
      stopReason: socket.stopReason === null ? null : JSON.stringify(socket.stopReason),
      you: you.peek().ref,
      rooms: shown ? { [shown.room]: shownOf(shown) } : {},
      outbox: outbox.items.map(({ body, state, code }) => ({ body, state, code: code ?? null })),
      online: online.peek()?.map(({ ref }) => ref) ?? null,
      heard: this.tap.heard,
      people: this.tap.people,
      kinds: this.tap.kinds,
    };
  }
}
