import { computed, effect, type ReadonlySignal, type Signal, signal, untracked } from "@preact/signals";
import { Arrivals } from "../shared/arrivals";
import { cleanBody } from "../shared/body";
import { type Channel, channelOf } from "../shared/channel";
import { noticeCutOff } from "../shared/cutOff";
import { browserDatabase, type Database } from "../shared/database";
import { Drafts } from "../shared/drafts";
import { formerOutbox } from "../shared/formerOutbox";
import { Outbox } from "../shared/outbox";
import { OwnTyping } from "../shared/ownTyping";
import {
  CLOSE_REPLACED,
  type CustomerFrame,
  type CustomerWelcome,
  type Entries,
  type Entry,
  type EntryAdded,
  type Person,
  type Receipt,
  type ServerToCustomer,
  type SiteCard,
} from "../shared/protocol";
import { Rooms } from "../shared/rooms";
import { Socket } from "../shared/socket";
import { Speaker } from "../shared/speaker";
import type { Storage } from "../shared/storage";
import { hasOlder, newestOf, type Timeline, unreadOf } from "../shared/timeline";
import { uuid } from "../shared/uuid";
import { type EventName, storagePrefix } from "./host";
import { Session } from "./session";

export interface ChatOptions {
  server: string;
  site: string;
  storage: Storage;
  emit(event: EventName, detail?: unknown): void;
  WebSocket?: typeof WebSocket;
  /** Null for one that keeps nothing. */
  database?: Database | null;
}

const NOBODY: Person = { ref: "", name: "" };
const NOTHING_YET: Receipt = { delivered: 0, seen: 0 };

/** One customer's side of a site: who they are, their newest conversation, what is on its way. */
export class Chat {
  readonly site: Signal<SiteCard | null> = signal(null);
  readonly you: Signal<Person> = signal(NOBODY);
  /** The agents who can answer now; null while nobody can know. */
  readonly online: ReadonlySignal<readonly Person[] | null>;
  /** Whether this page or this person may not chat here; another window that took over does not count. */
  readonly refused: ReadonlySignal<boolean>;
  /** Whether the connection has been gone for long enough to say so. */
  readonly cutOff: Signal<boolean> = signal(false);
  readonly timeline: ReadonlySignal<Timeline | null>;
  readonly unread: ReadonlySignal<number>;
  /** How far the other side has got in the conversation that is shown. */
  readonly receipt: ReadonlySignal<Receipt>;
  readonly loadingOlder: Signal<boolean> = signal(false);
  /** The newest text of somebody else that came in live. */
  readonly heard: Signal<Entry | null> = signal(null);
  readonly outbox: Outbox;
  readonly channel: Channel;
  readonly socket: Socket<ServerToCustomer, CustomerFrame>;

  readonly #options: ChatOptions;
  readonly #room: Signal<string | null> = signal(null);
  readonly #lastOnline: Signal<readonly Person[] | null> = signal(null);
  readonly #rooms: Rooms;
  readonly #arrivals: Arrivals;
  /** What was reported as seen; said again on the next connection, in case the one before lost it. */
  readonly #seen = new Map<string, number>();
  readonly #typing: OwnTyping;
  readonly #drafts: Drafts;
  readonly #speaker: Speaker;
  readonly #session: Session;
  readonly #roomKey: string;
  #epoch = "";
  readonly #stopEffects: (() => void)[] = [];

  constructor(options: ChatOptions) {
    this.#options = options;
    const { server, site, storage } = options;
    const prefix = storagePrefix(site);
    this.#roomKey = `${prefix}room`;
    this.#arrivals = new Arrivals((frame) => this.socket.send(frame));
    this.#rooms = new Rooms({
      send: (frame) => this.socket.send(frame),
      onGrown: (timeline) =>
        this.#arrivals.note(
          timeline.room,
          newestOf(timeline, (ref) => ref !== this.you.peek().ref),
        ),
    });
    this.channel = channelOf(prefix);
    this.#speaker = new Speaker(prefix);
    const database = options.database === undefined ? browserDatabase() : options.database;
    this.#drafts = new Drafts(database, this.channel);
    this.outbox = new Outbox({
      database,
      channel: this.channel,
      transmit: (frame) => this.socket.send(frame as CustomerFrame),
      onChange: (room, event) => {
        if (event.type === "pending") this.#follow(room);
        this.#rooms.apply(room, event);
      },
    });
    this.#session = new Session(server, site, storage, prefix, (answer) => {
      // Somebody else than before: the conversation of the one before is not theirs.
      if (this.#session.ref && this.#session.ref !== answer.you.ref) storage.remove(this.#roomKey);
      this.#introduced(answer);
    });
    this.socket = new Socket<ServerToCustomer, CustomerFrame>({
      endpoint: (fresh) => this.#session.endpoint(fresh),
      heads: () => this.#rooms.heads(),
      onFrame: (frame) => this.#take(frame),
      onConfusion: () => this.#rooms.catchUp(),
      ...(options.WebSocket && { WebSocket: options.WebSocket }),
    });
    this.#typing = new OwnTyping((frame) => this.socket.send(frame));
    this.refused = computed(() => this.socket.state.value === "stopped" && this.socket.stopReason !== CLOSE_REPLACED);
    // Presence must be true: without a connection nobody knows who is there.
    const isGone = () => this.cutOff.value || this.socket.state.value === "stopped";
    this.online = computed(() => (isGone() ? null : this.#lastOnline.value));
    this.timeline = computed(() => (this.#room.value ? (this.#rooms.get(this.#room.value)?.value ?? null) : null));
    this.unread = computed(() => (this.timeline.value ? unreadOf(this.timeline.value, this.you.value.ref) : 0));
    this.receipt = computed(() => this.timeline.value?.receipt ?? NOTHING_YET);
    this.#is({ ref: this.#session.ref, name: "" });
  }

  /** What is being written in the conversation that is shown; reading it subscribes. */
  get draft(): string {
    return this.#drafts.get(this.#room.value ?? "");
  }

  /** Connects, and stays connected; also takes the place back that another window took. */
  start(): void {
    if (this.#stopEffects.length === 0) {
      this.#restoreQueue();
      const look = () => document.hidden || this.outbox.look();
      document.addEventListener("visibilitychange", look);
      this.#stopEffects.push(
        this.#session.onChange((ref) => this.#followIdentity(ref)),
        () => document.removeEventListener("visibilitychange", look),
        effect(() => {
          if (this.socket.state.value === "online") this.#connected();
          else this.outbox.pause();
        }),
        effect(() => this.#rememberUnfinished()),
        noticeCutOff(this.socket.state, this.cutOff),
      );
    }
    if (this.socket.stopReason === CLOSE_REPLACED || this.socket.state.peek() === "idle") this.socket.start();
  }

  stop(): void {
    this.socket.stop();
    for (const stop of this.#stopEffects.splice(0)) stop();
    this.#drafts.close();
    this.#speaker.close();
    this.outbox.close();
    this.channel.close();
  }

  /** Queues what was typed; false when there is nothing in it. */
  send(typed: string): boolean {
    const body = cleanBody(typed);
    if (!body) return false;
    const room = this.#roomForSending();
    this.#typing.sent();
    this.#drafts.sent(room);
    this.outbox.add(room, body);
    this.socket.retryNow();
    return true;
  }

  /** This is in the composer now. */
  typed(text: string): void {
    this.#drafts.set(this.#room.peek() ?? "", text);
    const room = this.#room.peek();
    // A room that the server has not seen yet has nobody to tell.
    if (!room || !this.timeline.peek()?.head) return;
    if (text.trim() === "") this.#typing.stopped();
    else this.#typing.typed(room);
  }

  /** Everything that is there was on screen in a focused window. */
  markSeen(): void {
    const timeline = this.timeline.peek();
    if (!timeline || timeline.head <= timeline.seen) return;
    const { room, head } = timeline;
    if (this.socket.send({ type: "seen", room, seq: head })) {
      this.#rooms.apply(room, { type: "seen", room, seq: head, texts: 0 });
      this.#seen.set(room, head);
    }
  }

  /** Asks for the page before the oldest entry that is there. */
  loadOlder(): void {
    const timeline = this.timeline.peek();
    if (!timeline || this.loadingOlder.peek() || !hasOlder(timeline)) return;
    const before = timeline.entries[0]?.seq ?? 1;
    this.loadingOlder.value = this.socket.send({ type: "history", room: timeline.room, before });
  }

  #take(frame: ServerToCustomer): void {
    switch (frame.type) {
      case "welcome":
        this.#welcomed(frame);
        break;
      case "availability":
        this.#lastOnline.value = frame.online;
        break;
      case "heartbeat":
        for (const room of Object.keys(frame.heads)) this.#follow(room);
        this.#rooms.applyHeartbeat(frame);
        break;
      case "ack":
        if (this.outbox.answer(frame)) this.#options.emit("message:sent", { id: frame.client_id });
        this.#rooms.apply(frame.room, frame);
        break;
      case "error":
        this.outbox.answer(frame);
        this.loadingOlder.value = false;
        if (frame.code === "unknown_type") this.#arrivals.notUnderstood();
        break;
      case "history":
        this.loadingOlder.value = false;
        this.#rooms.apply(frame.room, frame);
        break;
      case "snapshot":
        this.#follow(frame.snapshot.room);
        this.#rooms.apply(frame.snapshot.room, frame);
        break;
      case "entry":
      case "entries":
        this.#listen(frame);
        break;
      case "seen":
      case "receipt":
      case "typing":
      case "room.presence":
        this.#rooms.apply(frame.room, frame);
        break;
      default:
        // A newer server says more than this page understands: perhaps of the rooms.
        this.#rooms.catchUp();
    }
  }

  #connected(): void {
    untracked(() => {
      this.#arrivals.connected();
      for (const [room, seq] of this.#seen) this.socket.send({ type: "seen", room, seq });
      this.outbox.resume();
    });
  }

  #welcomed({ you, site, online, rooms, epoch = "" }: CustomerWelcome): void {
    if (this.#epoch && epoch && this.#epoch !== epoch) this.#forgetRooms();
    this.#epoch = epoch || this.#epoch;
    this.#introduced({ you, site, online });
    this.loadingOlder.value = false;
    for (const snapshot of rooms) {
      this.#rooms.follow(snapshot.room);
      this.#rooms.apply(snapshot.room, { type: "snapshot", snapshot });
    }
    this.#restoreQueue();
    // Unless a first message is still on its way, the newest conversation the server knows is the one to show.
    const [newest] = rooms;
    if (newest && !this.outbox.items.some(({ room }) => room === this.#room.peek())) this.#show(newest.room);
  }

  #introduced({ you, site, online }: Pick<CustomerWelcome, "you" | "site" | "online">): void {
    this.#is(you);
    this.site.value = site;
    this.#lastOnline.value = online;
  }

  // Whose words and rooms these are from now on. Nothing of one customer is ever shown or sent as another's; what was
  // written before it was known who writes belongs to who they turn out to be.
  #is(you: Person): void {
    const { site, storage } = this.#options;
    const was = this.you.peek().ref;
    if (was && was !== you.ref) this.#forgetRooms();
    this.you.value = you;
    const [owner, nobody] = [`${site}:${you.ref}`, `${site}:`];
    this.outbox.own(owner, nobody, formerOutbox(storage, `${storagePrefix(site)}outbox:`));
    void this.#drafts.own(owner, nobody);
  }

  #forgetRooms(): void {
    this.#room.value = null;
    this.#rooms.clear();
    this.#arrivals.forget();
    this.#seen.clear();
  }

  #followIdentity(ref: string): void {
    if (!this.you.peek().ref || this.you.peek().ref === ref) return;
    this.#is({ ref, name: "" });
    if (this.socket.state.peek() === "idle") return;
    this.socket.stop();
    this.socket.start();
  }

  // What an earlier page left unsent shows up again where it belongs.
  #restoreQueue(): void {
    for (const pending of this.outbox.items) {
      this.#follow(pending.room);
      this.#rooms.apply(pending.room, { type: "pending", pending });
    }
  }

  #follow(room: string): void {
    if (!this.#rooms.get(room)) this.#rooms.follow(room, true);
    if (!this.#room.peek()) this.#show(room);
  }

  #show(room: string): void {
    this.#drafts.move(this.#room.peek() ?? "", room);
    this.#room.value = room;
  }

  #roomForSending(): string {
    const { storage } = this.#options;
    // A customer's first room is named after the customer, so that two tabs that write at once name the same one.
    // Who writes before being anybody looks at storage now, not earlier: another tab may just have made a name.
    const first = this.you.peek().ref.split(":")[1] || uuid();
    const room = this.#room.peek() ?? storage.get(this.#roomKey) ?? first;
    storage.set(this.#roomKey, room);
    this.#follow(room);
    return room;
  }

  // The loader looks for this key: with it, it connects without being asked.
  #rememberUnfinished(): void {
    const timeline = this.timeline.value;
    if (!timeline?.loaded) return;
    const finished = timeline.status === "resolved" && timeline.pending.length === 0 && this.unread.value === 0;
    if (finished) this.#options.storage.remove(this.#roomKey);
    else this.#options.storage.set(this.#roomKey, timeline.room);
  }

  // What others said is announced once, and in its turn.
  #listen(frame: EntryAdded | Entries): void {
    this.#follow(frame.room);
    const timeline = this.#rooms.follow(frame.room);
    const before = timeline.peek().head;
    this.#rooms.apply(frame.room, frame);
    for (const entry of timeline.peek().entries) {
      if (entry.seq <= before || entry.kind !== "text" || entry.author.ref === this.you.peek().ref) continue;
      if (this.#speaker.speaks) this.heard.value = entry;
      this.#options.emit("message:received", { body: entry.body, author: entry.author.name });
    }
  }
}
