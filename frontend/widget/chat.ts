import { computed, effect, type ReadonlySignal, type Signal, signal, untracked } from "@preact/signals";
import { cleanBody } from "../shared/body";
import { type Channel, channelOf } from "../shared/channel";
import { noticeCutOff } from "../shared/cutOff";
import { browserDatabase, type Database } from "../shared/database";
import { Drafts } from "../shared/drafts";
import { formerOutbox } from "../shared/formerOutbox";
import { Outbox } from "../shared/outbox";
import { OwnMarks } from "../shared/ownMarks";
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
import { type EventName, storagePrefix } from "./host";
import { Session } from "./session";
import { ShownRoom } from "./shownRoom";

export interface ChatOptions {
  server: string;
  site: string;
  storage: Storage;
  emit(event: EventName, detail?: unknown): void;
  WebSocket?: typeof WebSocket;
  /** Null for one that keeps nothing. */
  database?: Database | null;
  channel?: Channel;
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
  readonly #lastOnline: Signal<readonly Person[] | null> = signal(null);
  readonly #rooms: Rooms;
  readonly #marks: OwnMarks;
  readonly #shown: ShownRoom;
  readonly #typing: OwnTyping;
  readonly #drafts: Drafts;
  readonly #speaker: Speaker;
  readonly #session: Session;
  #epoch = "";
  readonly #stopEffects: (() => void)[] = [];

  constructor(options: ChatOptions) {
    this.#options = options;
    const { server, site, storage } = options;
    const prefix = storagePrefix(site);
    this.#marks = new OwnMarks((frame) => this.socket.send(frame));
    this.#rooms = new Rooms({
      send: (frame) => this.socket.send(frame),
      onGrown: (timeline) =>
        this.#marks.arrived(
          timeline.room,
          newestOf(timeline, (ref) => !this.#isMe(ref)),
        ),
      onStartedOver: (room) => this.#marks.forget(room),
    });
    this.channel = options.channel ?? channelOf(prefix);
    this.#speaker = new Speaker(prefix);
    const database = options.database === undefined ? browserDatabase() : options.database;
    this.#drafts = new Drafts(database, this.channel);
    this.#shown = new ShownRoom(this.#rooms, this.#drafts, storage, `${prefix}room`);
    this.outbox = new Outbox({
      database,
      channel: this.channel,
      transmit: (frame) => this.socket.send(frame as CustomerFrame),
      onChange: (room, event) => {
        if (event.type === "pending") this.#shown.follow(room);
        this.#rooms.apply(room, event);
      },
    });
    this.#session = new Session(server, site, storage, prefix, (answer) => this.#introduced(answer));
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
    this.timeline = computed(() => this.#shown.timeline);
    this.unread = computed(() => (this.timeline.value ? unreadOf(this.timeline.value, this.you.value.ref) : 0));
    this.receipt = computed(() => this.timeline.value?.receipt ?? NOTHING_YET);
    this.#is({ ref: this.#session.ref, name: "" });
  }

  /** What is being written in the conversation that is shown; reading it subscribes. */
  get draft(): string {
    return this.#shown.draft;
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
          else this.#disconnected();
        }),
        effect(() => this.#shown.remember(this.unread.value)),
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
    const room = this.#shown.send(this.you.peek().ref);
    this.#typing.sent();
    this.outbox.add(room, body);
    this.socket.retryNow();
    return true;
  }

  /** This is in the composer now. */
  typed(text: string): void {
    this.#shown.draft = text;
    const room = this.#shown.name.peek();
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
    if (this.#marks.seen(room, head)) this.#rooms.apply(room, { type: "seen", room, seq: head, texts: 0 });
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
        for (const room of Object.keys(frame.heads)) this.#shown.follow(room);
        this.#rooms.applyHeartbeat(frame);
        break;
      case "ack":
        if (this.outbox.answer(frame)) this.#options.emit("message:sent", { id: frame.client_id });
        this.#rooms.apply(frame.room, frame);
        break;
      case "error":
        this.outbox.answer(frame);
        this.loadingOlder.value = false;
        if (frame.code === "unknown_type") this.#marks.notUnderstood();
        break;
      case "history":
        this.loadingOlder.value = false;
        this.#rooms.apply(frame.room, frame);
        break;
      case "snapshot":
        this.#shown.follow(frame.snapshot.room);
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
      this.#marks.connected();
      this.outbox.resume();
    });
  }

  #disconnected(): void {
    untracked(() => this.#rooms.disconnected());
    this.outbox.pause();
  }

  #welcomed(frame: CustomerWelcome): void {
    const { rooms, epoch } = frame;
    if (this.#epoch && epoch && this.#epoch !== epoch) this.#forgetRooms();
    this.#epoch = epoch || this.#epoch;
    this.#introduced(frame);
    this.loadingOlder.value = false;
    for (const snapshot of rooms) {
      this.#rooms.follow(snapshot.room);
      this.#rooms.apply(snapshot.room, { type: "snapshot", snapshot });
    }
    this.#restoreQueue();
    // Unless a first message is still on its way, the newest conversation the server knows is the one to show.
    const [newest] = rooms;
    if (newest && !this.outbox.items.some(({ room }) => room === this.#shown.name.peek()))
      this.#shown.show(newest.room);
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
    if (was && was !== you.ref) {
      this.#shown.abandon();
      this.#forgetRooms();
    }
    this.you.value = you;
    const [owner, nobody] = [`${site}:${you.ref}`, `${site}:`];
    this.outbox.own(owner, nobody, formerOutbox(storage, `${storagePrefix(site)}outbox:`));
    void this.#drafts.own(owner, nobody);
  }

  #forgetRooms(): void {
    this.#shown.leave();
    this.#rooms.clear();
    this.#marks.forget();
  }

  #followIdentity(ref: string): void {
    if (!this.you.peek().ref || this.#isMe(ref)) return;
    this.#is({ ref, name: "" });
    if (this.socket.state.peek() === "idle") return;
    this.socket.stop();
    this.socket.start();
  }

  // What an earlier page left unsent shows up again where it belongs.
  #restoreQueue(): void {
    for (const pending of this.outbox.items) {
      this.#shown.follow(pending.room);
      this.#rooms.apply(pending.room, { type: "pending", pending });
    }
  }

  #isMe(ref: string): boolean {
    return ref === this.you.peek().ref;
  }

  // What others said is announced once, and in its turn.
  #listen(frame: EntryAdded | Entries): void {
    this.#shown.follow(frame.room);
    const timeline = this.#rooms.follow(frame.room);
    const before = timeline.peek().head;
    this.#rooms.apply(frame.room, frame);
    for (const entry of timeline.peek().entries) {
      if (entry.seq <= before || entry.kind !== "text" || this.#isMe(entry.author.ref)) continue;
      if (this.#speaker.speaks) this.heard.value = entry;
      this.#options.emit("message:received", { body: entry.body, author: entry.author.name });
    }
  }
}
