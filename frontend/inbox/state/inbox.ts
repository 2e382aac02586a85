import { computed, effect, signal, untracked } from "@preact/signals";
import { type Channel, channelOf } from "../../shared/channel";
import { noticeCutOff } from "../../shared/cutOff";
import { browserDatabase, type Database } from "../../shared/database";
import { OwnMarks } from "../../shared/ownMarks";
import type { AgentFrame, AgentWelcome, AvailabilitySet, ServerToAgent } from "../../shared/protocol";
import { Refusal } from "../../shared/refusal";
import { Rooms } from "../../shared/rooms";
import { type Endpoint, Socket } from "../../shared/socket";
import { Speaker } from "../../shared/speaker";
import { type Storage, tabStore } from "../../shared/storage";
import { newestOf } from "../../shared/timeline";
import { coarse } from "../../shared/useSecondsLeft";
import { strings } from "../strings";
import { agentEndpoint } from "./address";
import { Announcer } from "./announcer";
import { History } from "./history";
import { Idle } from "./idle";
import { Listing } from "./listing";
import { isCustomer } from "./names";
import { OpenBefore } from "./openBefore";
import { OpenRooms } from "./openRooms";
import { People } from "./people";
import { Reception } from "./reception";
import { RoomBook } from "./roomBook";
import { addressOf, parseRoute, type Route } from "./route";
import { ServerTime } from "./serverTime";
import { shownRows } from "./shownRows";
import { Verbs } from "./verbs";
import { Writing } from "./writing";

const TICK_MS = 10_000;

export interface InboxOptions {
  endpoint?(fresh: boolean): Promise<Endpoint>;
  WebSocket?: typeof WebSocket;
  storage?: Storage;
  tabStorage?: Storage;
  /** Null for one that keeps nothing. */
  database?: Database | null;
  channel?: Channel;
}

const SCOPE = "porchlight:inbox:";

/** One agent's inbox in one browser tab: what is known, what is open, and what can be done. */
export class Inbox {
  readonly people = new People();
  readonly book = new RoomBook(this.people.myRef);
  readonly announcer = new Announcer();
  readonly route = signal<Route>(parseRoute(location.hash));
  readonly helpShown = signal(false);
  readonly time = new ServerTime();
  readonly socket: Socket<ServerToAgent, AgentFrame>;
  readonly rooms = new Rooms({
    send: (frame) => this.#send(frame),
    onGrown: (timeline) => this.marks.arrived(timeline.room, newestOf(timeline, isCustomer)),
    onStartedOver: (room) => this.marks.forget(room),
  });
  readonly marks = new OwnMarks((frame) => this.#send(frame));
  readonly history = new History(this.rooms, (frame) => this.#send(frame));
  readonly open = new OpenRooms(this.rooms, (frame) => this.#send(frame));
  readonly listing = new Listing(this.book, this.people.myRef, (frame) => this.#send(frame));
  /** The conversations of the list that is shown. */
  readonly rows = shownRows(this.route, this.book);
  readonly verbs = new Verbs((frame) => this.#send(frame));
  readonly writing: Writing;
  /** The connection has been gone, or not come, for long enough to say so. */
  readonly cutOff = signal(false);
  readonly #isSlow = computed(() => this.writing.slowUntil.value !== null);
  readonly #tabStorage: Storage;
  readonly #running = new AbortController();
  readonly #channel: Channel;
  readonly speaker = new Speaker(SCOPE);
  readonly idle: Idle;
  readonly #reception = new Reception(this);
  #epoch = "";

  constructor(options: InboxOptions = {}) {
    this.#tabStorage = options.tabStorage ?? tabStore();
    this.#channel = options.channel ?? channelOf(SCOPE);
    this.idle = new Idle(this.#channel, (frame) => this.#send(frame));
    this.writing = new Writing({
      rooms: this.rooms,
      send: (frame) => this.#send(frame),
      channel: this.#channel,
      database: options.database === undefined ? browserDatabase() : options.database,
      ...(options.storage && { storage: options.storage }),
    });
    this.socket = new Socket<ServerToAgent, AgentFrame>({
      endpoint: options.endpoint ?? agentEndpoint,
      heads: () => this.rooms.heads(),
      onFrame: (frame) => (frame.type === "welcome" ? this.#welcomed(frame) : this.#reception.take(frame)),
      onConfusion: () => this.rooms.catchUp(),
      ...(options.WebSocket && { WebSocket: options.WebSocket }),
    });
  }

  /** Connects, follows the address, and keeps time; until `stop`. */
  start(): void {
    const { signal } = this.#running;
    const follow = () => {
      this.route.value = parseRoute(location.hash);
    };
    addEventListener("hashchange", follow, { signal });
    document.addEventListener("visibilitychange", () => this.#lookedAt(), { signal });
    signal.addEventListener(
      "abort",
      this.#channel.listen(({ type }) => type === "signed-out" && this.socket.refuse(new Refusal("bad_token"))),
    );
    this.idle.start();
    const ticking = setInterval(() => this.time.tick(), TICK_MS);
    const effects = [
      effect(() => this.#follow(this.route.value)),
      noticeCutOff(
        computed(() => (this.socket.state.value === "connecting" ? "offline" : this.socket.state.value)),
        this.cutOff,
      ),
      effect(() => {
        this.people.known.value = !this.cutOff.value && this.people.myRef.value !== "";
      }),
      effect(() => {
        if (this.#isSlow.value) this.#sayWhySlow();
      }),
      effect(() => {
        if (this.writing.unkept.value) untracked(() => this.announcer.say(strings.unkept));
      }),
      effect(() => {
        this.people.idle.value = this.idle.on.value;
      }),
      effect(() => this.#connectionChanged(this.socket.state.value === "online")),
      effect(() => {
        document.title = strings.title(this.book.unreadRooms.value);
      }),
    ];
    signal.addEventListener("abort", () => {
      clearInterval(ticking);
      for (const end of effects) end();
    });
    this.socket.start();
  }

  stop(): void {
    this.socket.stop();
    this.#running.abort();
    this.speaker.close();
    this.idle.stop();
    this.writing.close();
    this.#channel.close();
  }

  go(route: Route): void {
    location.hash = addressOf(route);
  }

  /** Look at the next or previous conversation of the list. */
  step(by: 1 | -1): void {
    const { view, room } = this.route.peek();
    const rows = this.rows.peek();
    const at = room === null ? -1 : rows.indexOf(room);
    const next = at === -1 ? rows[by === 1 ? 0 : rows.length - 1] : rows[at + by];
    if (next !== undefined) this.go({ view, room: next });
  }

  /** Close a conversation's tab; its neighbour takes its place. */
  close(room: string): void {
    const { order } = this.open.tabs.peek();
    const at = order.indexOf(room);
    this.open.close(room);
    const { view, room: current } = this.route.peek();
    if (current === room) this.go({ view, room: order[at + 1] ?? order[at - 1] ?? null });
  }

  /** Everything up to `seq` was on screen, in a focused window. */
  seen(room: string, seq: number): void {
    if (seq > (this.rooms.get(room)?.peek().seen ?? 0)) this.marks.seen(room, seq);
  }

  setAvailability(state: AvailabilitySet["state"]): void {
    if (this.#send({ type: "availability.set", state })) {
      this.people.me.value = { ...this.people.me.peek(), state };
    }
  }

  /** The session is over: the other tabs end at once, and not when the server tells them. */
  signedOut(): void {
    this.#channel.post({ type: "signed-out" });
    this.stop();
  }

  #send(frame: AgentFrame): boolean {
    return this.socket.send(frame);
  }

  #follow({ view, room }: Route): void {
    untracked(() => {
      this.listing.show(view);
      this.writing.mode.value = "reply";
      this.writing.typing.stopped();
      if (room === null) return;
      this.open.open(room);
      this.writing.show(room);
    });
  }

  #connectionChanged(online: boolean): void {
    untracked(() => {
      this.history.forget();
      if (online) {
        this.idle.connected();
        // Lists and snapshots come again, and with them what this agent may still speak of.
        this.marks.forget();
        this.marks.connected();
        this.open.connected();
        this.book.connected();
        this.listing.connected();
        this.verbs.resume();
        this.writing.connected();
      } else {
        this.rooms.disconnected();
        this.open.disconnected();
        this.listing.disconnected();
        this.writing.disconnected();
      }
    });
  }

  #welcomed(frame: AgentWelcome): void {
    const before = this.people.myRef.peek();
    // Somebody else signed in, in another tab: nothing that is shown or waits here is theirs. The script goes on until
    // the page is gone.
    if (before !== "" && before !== frame.you.ref) {
      this.socket.stop();
      location.reload();
      return;
    }
    if (this.#epoch && frame.epoch && this.#epoch !== frame.epoch) this.#startOver();
    this.#epoch = frame.epoch || this.#epoch;
    this.people.welcomed(frame);
    this.time.is(frame.at);
    if (before === "") this.#reopen(frame.you.ref);
    this.writing.begin(frame.you.ref);
    if (this.socket.state.peek() === "online") this.#welcomedAgain();
  }

  // What came by feeds may have been lost; snapshots of what is open follow by themselves.
  #welcomedAgain(): void {
    this.listing.connected();
    this.idle.connected();
  }

  // The server has another database: what is known here is of rooms that may be no more.
  #startOver(): void {
    this.rooms.reset();
    this.book.reset();
    this.listing.reset();
    this.marks.forget();
    for (const room of Object.keys(this.rooms.heads())) {
      this.verbs.forget(room);
      this.writing.show(room);
    }
    if (this.socket.state.peek() === "online") this.open.connected();
  }

  // What was open before a reload is open again; which of them is shown, the address says.
  #reopen(agent: string): void {
    const kept = new OpenBefore(agent, this.#tabStorage);
    this.open.restore(kept.load());
    const end = effect(() => kept.keep(this.open.tabs.value));
    this.#running.signal.addEventListener("abort", end);
  }

  #sayWhySlow(): void {
    const until = this.writing.slowUntil.peek() ?? Date.now();
    untracked(() => this.announcer.say(strings.tooFast(coarse((until - Date.now()) / 1000))));
  }

  // Somebody comes back to this tab, or leaves it: its timers may have slept.
  #lookedAt(): void {
    this.time.tick();
    if (!document.hidden) this.writing.look();
  }
}
