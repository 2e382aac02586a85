import { computed, effect, signal, untracked } from "@preact/signals";
import { Arrivals } from "../../shared/arrivals";
import { channelOf } from "../../shared/channel";
import { noticeCutOff } from "../../shared/cutOff";
import { browserDatabase, type Database } from "../../shared/database";
import type {
  AgentFrame,
  AgentWelcome,
  AvailabilitySet,
  ErrorCode,
  RoomSummary,
  ServerToAgent,
} from "../../shared/protocol";
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
import { Idle } from "./idle";
import { Listing } from "./listing";
import { newsOf } from "./news";
import { OpenBefore } from "./openBefore";
import { OpenRooms } from "./openRooms";
import { People } from "./people";
import { RoomBook } from "./roomBook";
import { addressOf, parseRoute, type Route } from "./route";
import { shownRows } from "./shownRows";
import { Verbs } from "./verbs";
import { Writing } from "./writing";

const TICK_MS = 10_000;

const isCustomer = (ref: string): boolean => ref.startsWith("customer:");

export interface InboxOptions {
  endpoint?(fresh: boolean): Promise<Endpoint>;
  WebSocket?: typeof WebSocket;
  storage?: Storage;
  tabStorage?: Storage;
  /** Null for one that keeps nothing. */
  database?: Database | null;
}

const SCOPE = "porchlight:inbox:";

/** One agent's inbox in one browser tab: what is known, what is open, and what can be done. */
export class Inbox {
  readonly people = new People();
  readonly book = new RoomBook(this.people.myRef);
  readonly announcer = new Announcer();
  readonly route = signal<Route>(parseRoute(location.hash));
  readonly helpShown = signal(false);
  /** The server's time, every few seconds: what ticks reads this. */
  readonly now = signal(Date.now());
  readonly socket: Socket<ServerToAgent, AgentFrame>;
  readonly rooms = new Rooms({
    send: (frame) => this.#send(frame),
    onGrown: (timeline) => this.#arrivals.note(timeline.room, newestOf(timeline, isCustomer)),
  });
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
  readonly #channel = channelOf(SCOPE);
  readonly #arrivals = new Arrivals((frame) => this.#send(frame));
  readonly #idle = new Idle(this.#channel);
  /** False once an older server did not know what idle is, until the next connection. */
  #idleUnderstood = true;
  #epoch = "";
  readonly #speaker = new Speaker(SCOPE);
  #clockSkew = 0;
  /** The newest entry of each room that was reported as seen on this connection. */
  readonly #seenSent = new Map<string, number>();
  readonly #historyAsked = new Set<string>();

  constructor(options: InboxOptions = {}) {
    this.#tabStorage = options.tabStorage ?? tabStore();
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
      onFrame: (frame) => this.#receive(frame),
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
    this.#idle.start();
    const ticking = setInterval(() => this.#tick(), TICK_MS);
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
        this.people.idle.value = this.#idle.on.value;
        untracked(() => this.#tellIdle(this.people.idle.peek()));
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
    this.#speaker.close();
    this.#idle.stop();
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

  /** Ask for the page of entries before the first one here. */
  older(room: string): void {
    const before = this.rooms.get(room)?.peek().entries[0]?.seq ?? 1;
    if (before <= 1 || this.#historyAsked.has(room)) return;
    if (this.#send({ type: "history", room, before })) this.#historyAsked.add(room);
  }

  /** Everything up to `seq` was on screen, in a focused window. */
  seen(room: string, seq: number): void {
    const mark = Math.max(this.rooms.get(room)?.peek().seen ?? 0, this.#seenSent.get(room) ?? 0);
    if (seq > mark && this.#send({ type: "seen", room, seq })) this.#seenSent.set(room, seq);
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

  #tellIdle(on: boolean): void {
    if (this.#idleUnderstood) this.#send({ type: "idle", on });
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
      this.#seenSent.clear();
      this.#historyAsked.clear();
      if (online) {
        this.#idleUnderstood = true;
        if (this.#idle.on.peek()) this.#tellIdle(true);
        this.#arrivals.connected();
        this.open.connected();
        this.listing.connected();
        this.verbs.resume();
        this.writing.connected();
      } else {
        this.open.disconnected();
        this.listing.disconnected();
        this.writing.disconnected();
      }
    });
  }

  #receive(frame: ServerToAgent): void {
    switch (frame.type) {
      case "welcome":
        this.#welcomed(frame);
        break;
      case "heartbeat":
        this.#idle.look();
        this.rooms.applyHeartbeat(frame);
        for (const [room, { texts }] of Object.entries(frame.marks ?? {})) this.book.markSeen(room, texts);
        break;
      case "ack":
        if (!this.writing.answer(frame)) this.verbs.answer(frame);
        this.rooms.apply(frame.room, frame);
        break;
      case "error":
        if (frame.code === "unknown_type") this.#notUnderstood();
        else if (!this.writing.answer(frame) && !this.verbs.answer(frame)) this.#refused(frame.code);
        break;
      case "snapshot":
        this.open.answered(frame.snapshot.room);
        this.rooms.apply(frame.snapshot.room, frame);
        break;
      case "entry":
        if (frame.entry.kind === "status") this.verbs.forgetRefusal(frame.room);
        this.rooms.apply(frame.room, frame);
        break;
      case "history":
        this.#historyAsked.delete(frame.room);
        this.rooms.apply(frame.room, frame);
        break;
      case "entries":
      case "receipt":
      case "typing":
        this.rooms.apply(frame.room, frame);
        break;
      case "room.presence":
        if (isCustomer(frame.who.ref) && !frame.present) this.people.left(frame.who.ref, this.#serverTime());
        this.rooms.apply(frame.room, frame);
        break;
      case "seen":
        this.book.markSeen(frame.room, frame.texts);
        this.rooms.apply(frame.room, frame);
        break;
      case "summary":
        this.#summaryChanged(frame.summary);
        break;
      case "rooms":
        this.listing.answered(frame);
        for (const summary of frame.rooms) this.#arrived(summary);
        break;
      case "colleague":
        this.people.colleagueChanged(frame);
        break;
      case "customer.presence":
        this.people.customerChanged(frame, this.#serverTime());
        break;
      case "availability.self":
        this.people.availabilityChanged(frame);
        break;
      default:
        // A newer server says more than this page understands: perhaps of the rooms.
        this.rooms.catchUp();
    }
  }

  #welcomed(frame: AgentWelcome): void {
    const before = this.people.myRef.peek();
    // Somebody else signed in, in another tab: nothing that is shown here is theirs.
    if (before !== "" && before !== frame.you.ref) location.reload();
    if (this.#epoch && frame.epoch && this.#epoch !== frame.epoch) this.#startOver();
    this.#epoch = frame.epoch || this.#epoch;
    this.people.welcomed(frame);
    this.#clockSkew = frame.at - Date.now();
    this.#tick();
    if (before === "") this.#reopen(frame.you.ref);
    this.writing.begin(frame.you.ref);
    if (this.socket.state.peek() === "online") this.#welcomedAgain();
  }

  // What came by feeds may have been lost; snapshots of what is open follow by themselves.
  #welcomedAgain(): void {
    this.listing.connected();
    if (this.#idle.on.peek()) this.#tellIdle(true);
  }

  // The server has another database: what is known here is of rooms that may be no more.
  #startOver(): void {
    this.rooms.reset();
    this.book.reset();
    this.listing.reset();
    this.#arrivals.forget();
    this.#seenSent.clear();
    for (const room of this.rooms.names()) {
      this.verbs.forget(room);
      this.writing.show(room);
    }
    if (this.socket.state.peek() === "online") this.open.connected();
  }

  #notUnderstood(): void {
    this.#idleUnderstood = false;
    this.#arrivals.notUnderstood();
  }

  // What was open before a reload is open again; which of them is shown, the address says.
  #reopen(agent: string): void {
    const kept = new OpenBefore(agent, this.#tabStorage);
    this.open.restore(kept.load());
    const end = effect(() => kept.keep(this.open.tabs.value));
    this.#running.signal.addEventListener("abort", end);
  }

  #refused(code: ErrorCode): void {
    // It may have been the answer to a page of history: it can be asked for again.
    this.#historyAsked.clear();
    this.open.refused(code);
  }

  #summaryChanged(summary: RoomSummary): void {
    const move = this.book.learn(summary);
    this.#arrived(summary);
    if (move === null) return;
    this.listing.moved(move);
    const news = newsOf(move, this.people.myRef.peek(), this.route.peek().room);
    if (news !== null && this.#speaker.speaks) this.announcer.say(news);
  }

  // The line in the list is the arrival of what it says.
  #arrived({ room, head, customer, last }: RoomSummary): void {
    if (last?.author.ref === customer.ref) this.#arrivals.note(room, head);
  }

  #sayWhySlow(): void {
    const until = this.writing.slowUntil.peek() ?? Date.now();
    untracked(() => this.announcer.say(strings.tooFast(coarse((until - Date.now()) / 1000))));
  }

  // Somebody comes back to this tab, or leaves it: its timers may have slept.
  #lookedAt(): void {
    this.#tick();
    if (!document.hidden) this.writing.look();
  }

  #tick(): void {
    this.now.value = this.#serverTime();
  }

  #serverTime(): number {
    return Date.now() + this.#clockSkew;
  }
}
