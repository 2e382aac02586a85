import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Entry, RoomSnapshot } from "../shared/protocol";
import { memoryStore } from "../shared/storage";
import { TestBrowser } from "../shared/testing/browser";
import { settle } from "../shared/testing/clock";
import { roomSnapshot } from "../shared/testing/snapshot";
import { TestWebSocket } from "../shared/testing/webSocket";
import { Chat } from "./chat";

const CAROL = { ref: "customer:1", name: "" };
const ALICE = { ref: "agent:1", name: "Alice" };
const SITE = { key: "key", name: "Harrow", greeting: "", color: "" };
const SESSION = { token: "t", expires_at: Date.now() + 1e10, you: CAROL, site: SITE, online: [] };

let storage: ReturnType<typeof memoryStore>;
let chats: Chat[];
let events: string[];
let browser: TestBrowser | null;

beforeEach(() => {
  vi.useFakeTimers();
  storage = memoryStore();
  chats = [];
  events = [];
  browser = null;
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify(SESSION)));
});

afterEach(() => {
  for (const chat of chats) chat.stop();
  vi.useRealTimers();
});

async function open(rooms: RoomSnapshot[] = [], over: object = {}): Promise<Chat> {
  const chat = new Chat({
    server: "http://server",
    site: "key",
    storage,
    emit: (event) => events.push(event),
    WebSocket: TestWebSocket.reset(),
    database: browser?.database() ?? null,
  });
  chats.push(chat);
  chat.start();
  await vi.advanceTimersByTimeAsync(0);
  await settle();
  welcome(rooms, over);
  return chat;
}

function welcome(rooms: RoomSnapshot[] = [], over: object = {}): void {
  TestWebSocket.last.welcome({ you: CAROL, site: SITE, online: [ALICE], rooms, at: 0, ...over });
}

function text(seq: number, author = ALICE, body = `text ${seq}`): Entry {
  return { seq, kind: "text", author, body, data: {}, client_id: `id-${seq}`, at: seq };
}

function sent(type: string): Record<string, unknown>[] {
  return TestWebSocket.last.sentOf(type);
}

describe("the first message", () => {
  test("makes a room of the client's own, remembered for the next page", async () => {
    const chat = await open();
    expect(chat.timeline.value).toBeNull();
    expect(chat.send("  Hello  ")).toBe(true);
    const [frame] = sent("message.send");
    expect(frame).toMatchObject({ body: "Hello" });
    expect(storage.get("porchlight:key:room")).toBe(frame?.room);
    expect(chat.timeline.value?.pending).toMatchObject([{ body: "Hello", state: "queued" }]);
  });

  test("written before the connection stands goes out with the welcome", async () => {
    const chat = new Chat({
      server: "http://server",
      site: "key",
      storage,
      emit: () => {},
      WebSocket: TestWebSocket.reset(),
    });
    chats.push(chat);
    chat.start();
    chat.send("Early");
    await vi.advanceTimersByTimeAsync(0);
    await settle();
    welcome();
    expect(sent("message.send")).toMatchObject([{ body: "Early" }]);
  });

  test("of a second tab goes to the room that the first one made", async () => {
    const first = await open();
    first.send("One");
    const room = sent("message.send")[0]?.room;
    const second = await open();
    second.send("Two");
    expect(second.timeline.value?.room).toBe(room);
  });

  test("of nothing but space is none", async () => {
    const chat = await open();
    expect(chat.send(" \n\t ")).toBe(false);
    expect(sent("message.send")).toEqual([]);
  });
});

describe("a message on its way", () => {
  test("is saved by its ack and replaced by its entry", async () => {
    const chat = await open();
    chat.send("Hello");
    const { client_id, room } = sent("message.send")[0] as { client_id: string; room: string };
    TestWebSocket.last.say({ type: "ack", client_id, room, seq: 1, at: 5 });
    expect(chat.timeline.value?.pending).toMatchObject([{ state: "saved" }]);
    TestWebSocket.last.say({ type: "entry", room, entry: { ...text(1, CAROL, "Hello"), client_id } });
    expect(chat.timeline.value).toMatchObject({ pending: [], entries: [{ body: "Hello" }] });
  });

  test("that is refused stays, says why and goes again on retry", async () => {
    const chat = await open();
    chat.send("Hello");
    const { client_id } = sent("message.send")[0] as { client_id: string };
    const refusal = { type: "error", code: "not_allowed", detail: "no", client_id, retry_after: null, limit: null };
    TestWebSocket.last.say(refusal);
    expect(chat.timeline.value?.pending).toMatchObject([{ state: "failed", code: "not_allowed" }]);
    chat.outbox.retry(client_id);
    expect(sent("message.send")).toHaveLength(2);
    expect(chat.timeline.value?.pending).toMatchObject([{ state: "queued" }]);
  });

  test("survives the page and is shown and sent by the next one, once", async () => {
    browser = new TestBrowser();
    const before = await open();
    TestWebSocket.last.cut();
    before.send("In a tunnel");
    await vi.advanceTimersByTimeAsync(100);
    before.stop();
    const chat = await open();
    await vi.advanceTimersByTimeAsync(100);
    expect(chat.timeline.value?.pending).toMatchObject([{ body: "In a tunnel" }]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(sent("message.send")).toMatchObject([{ body: "In a tunnel" }]);
  });

  test("is not sent twice when the drop came between commit and ack", async () => {
    const chat = await open();
    chat.send("Hello");
    const { client_id, room } = sent("message.send")[0] as { client_id: string; room: string };
    TestWebSocket.last.cut();
    await vi.advanceTimersByTimeAsync(1_000);
    welcome([roomSnapshot(room, [{ ...text(1, CAROL, "Hello"), client_id }])]);
    expect(sent("message.send")[0]).toMatchObject({ client_id });
    TestWebSocket.last.say({ type: "ack", client_id, room, seq: 1, at: 5 });
    expect(chat.timeline.value?.pending).toEqual([]);
    expect(chat.timeline.value?.entries).toHaveLength(1);
  });
});

describe("coming back", () => {
  test("shows the newest conversation the server knows", async () => {
    const chat = await open([roomSnapshot("b", [text(1)]), roomSnapshot("a", [text(1)])]);
    expect(chat.timeline.value?.room).toBe("b");
  });

  test("asks for what was missed when a heartbeat is ahead", async () => {
    await open([roomSnapshot("a", [text(1)])]);
    TestWebSocket.last.say({ type: "heartbeat", at: 1, heads: { a: 3 } });
    await vi.advanceTimersByTimeAsync(250);
    expect(sent("heartbeat")).toEqual([{ type: "heartbeat", heads: { a: 1 } }]);
    expect(sent("sync")).toEqual([{ type: "sync", room: "a", after: 1 }]);
  });

  test("follows a room that another tab began", async () => {
    const chat = await open();
    TestWebSocket.last.say({ type: "entry", room: "new", entry: text(1, CAROL) });
    expect(chat.timeline.value).toMatchObject({ room: "new", head: 1 });
  });

  test("as somebody else forgets what the one before could see", async () => {
    const chat = await open([roomSnapshot("a", [text(1)])]);
    TestWebSocket.last.cut();
    await vi.advanceTimersByTimeAsync(1_000);
    welcome([], { you: { ref: "customer:2", name: "" } });
    expect(chat.timeline.value).toBeNull();
    expect(storage.get("porchlight:key:room")).toBeNull();
  });

  test("takes the place back that another window took", async () => {
    const chat = await open();
    TestWebSocket.last.cut(4010);
    expect(chat.refused.value).toBe(false);
    expect(chat.online.value).toBeNull();
    chat.start();
    await vi.advanceTimersByTimeAsync(0);
    welcome();
    expect(chat.socket.state.value).toBe("online");
  });
});

describe("presence", () => {
  test("is known while connected and unknown once the connection is gone for a while", async () => {
    const chat = await open();
    expect(chat.online.value).toEqual([ALICE]);
    TestWebSocket.last.say({ type: "availability", online: [] });
    expect(chat.online.value).toEqual([]);
    TestWebSocket.last.cut();
    expect(chat.online.value).toEqual([]);
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError()));
    await vi.advanceTimersByTimeAsync(1_500);
    expect(chat.online.value).toBeNull();
    welcome();
    expect(chat.online.value).toEqual([ALICE]);
  });
});

describe("reading", () => {
  test("counts what others wrote until it is seen, and says so to the server once", async () => {
    const chat = await open([roomSnapshot("a", [text(1), text(2, CAROL), text(3)])]);
    expect(chat.unread.value).toBe(2);
    chat.markSeen();
    chat.markSeen();
    expect(chat.unread.value).toBe(0);
    expect(sent("seen")).toEqual([{ type: "seen", room: "a", seq: 3 }]);
  });

  test("hears each text of others once and not its own", async () => {
    await open([roomSnapshot("a", [text(1)])]);
    for (const entry of [text(2), text(2), text(3, CAROL)]) {
      TestWebSocket.last.say({ type: "entry", room: "a", entry });
    }
    expect(events.filter((event) => event === "message:received")).toHaveLength(1);
  });

  test("asks for older entries one page at a time", async () => {
    const chat = await open([roomSnapshot("a", [text(51), text(52)])]);
    chat.loadOlder();
    chat.loadOlder();
    expect(sent("history")).toEqual([{ type: "history", room: "a", before: 51 }]);
    TestWebSocket.last.say({ type: "history", room: "a", entries: [text(49), text(50)] });
    chat.loadOlder();
    expect(sent("history")[1]).toMatchObject({ before: 49 });
  });

  test("a conversation that ended and was read is not connected to on the next page", async () => {
    const chat = await open([roomSnapshot("a", [text(1)])]);
    expect(storage.get("porchlight:key:room")).toBe("a");
    const entry: Entry = { ...text(2), kind: "status", body: "", data: { status: "resolved" } };
    TestWebSocket.last.say({ type: "entry", room: "a", entry });
    expect(storage.get("porchlight:key:room")).toBe("a");
    chat.markSeen();
    expect(storage.get("porchlight:key:room")).toBeNull();
    chat.send("One more thing");
    expect(storage.get("porchlight:key:room")).toBe("a");
  });
});

describe("a draft", () => {
  test("is there again on the next page, until it is sent", async () => {
    browser = new TestBrowser();
    await leaveHalfASentence();
    const chat = await open([roomSnapshot("a", [text(1)])]);
    await vi.advanceTimersByTimeAsync(100);
    expect(chat.draft).toBe("Half a sen");
    chat.send(chat.draft);
    expect(chat.draft).toBe("");
    await vi.advanceTimersByTimeAsync(400);
    chat.stop();
    const next = await open([roomSnapshot("a", [text(1)])]);
    await vi.advanceTimersByTimeAsync(100);
    expect(next.draft).toBe("");
  });

  test("begun before the conversation is known goes on in it", async () => {
    const chat = await open();
    chat.typed("Hel");
    TestWebSocket.last.say({ type: "entry", room: "a", entry: text(1) });
    expect(chat.draft).toBe("Hel");
  });
});

async function leaveHalfASentence(): Promise<void> {
  const before = await open([roomSnapshot("a", [text(1)])]);
  before.typed("Half a sen");
  await vi.advanceTimersByTimeAsync(400);
  before.stop();
}

describe("without an answer from the server", () => {
  async function openCutOff(): Promise<Chat> {
    const chat = new Chat({
      server: "http://server",
      site: "key",
      storage,
      emit: () => {},
      WebSocket: TestWebSocket.reset(),
      database: browser?.database() ?? null,
    });
    chats.push(chat);
    chat.start();
    await vi.advanceTimersByTimeAsync(100);
    return chat;
  }

  test("the draft of the room before is there, and what is sent then is a draft no longer", async () => {
    browser = new TestBrowser();
    await leaveHalfASentence();
    const chat = await openCutOff();
    expect(chat.draft).toBe("Half a sen");
    chat.typed("Half a sentence");
    chat.send(chat.draft);
    expect(chat.draft).toBe("");
    await vi.advanceTimersByTimeAsync(400);
    chat.stop();
    const next = await open([roomSnapshot("a", [text(1)])]);
    await vi.advanceTimersByTimeAsync(100);
    expect(next.draft).toBe("");
  });

  test("sending takes nothing but what is in the composer", async () => {
    browser = new TestBrowser();
    await leaveHalfASentence();
    storage.remove("porchlight:key:room");
    const chat = await openCutOff();
    storage.set("porchlight:key:room", "a");
    chat.typed("Hello");
    chat.send(chat.draft);
    expect(chat.draft).toBe("Half a sen");
    await vi.advanceTimersByTimeAsync(400);
    chat.stop();
    const next = await open([roomSnapshot("a", [text(1)])]);
    await vi.advanceTimersByTimeAsync(100);
    expect(next.draft).toBe("Half a sen");
  });
});

describe("another customer in the same browser", () => {
  const BOB = { ref: "customer:2", name: "" };

  test("sees and sends nothing of the one before, in no tab", async () => {
    browser = new TestBrowser();
    const chat = await open([roomSnapshot("a", [text(1)])]);
    TestWebSocket.last.cut();
    chat.send("Of the first");
    chat.typed("Half of the fir");
    await vi.advanceTimersByTimeAsync(400);
    storage.set("porchlight:key:token", JSON.stringify({ token: "u", expires_at: Date.now() + 1e10, ref: BOB.ref }));
    dispatchEvent(new StorageEvent("storage", { key: "porchlight:key:token" }));
    expect(chat.timeline.value).toBeNull();
    expect(chat.draft).toBe("");
    await vi.advanceTimersByTimeAsync(100);
    expect(TestWebSocket.last.protocols).toContain("bearer.u");
    welcome([], { you: BOB });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(sent("message.send")).toEqual([]);
    expect(chat.you.value).toEqual(BOB);
  });

  test("does not write to the room of the one before, whose token was refused", async () => {
    storage.set("porchlight:key:token", JSON.stringify({ token: "old", expires_at: 0, ref: BOB.ref }));
    storage.set("porchlight:key:room", "of-bob");
    const answers = [new Response(JSON.stringify({ code: "bad_token" }), { status: 401 })];
    vi.stubGlobal("fetch", async () => answers.shift() ?? new Response(JSON.stringify(SESSION)));
    const chat = await open();
    chat.send("Hello");
    expect(sent("message.send")).toMatchObject([{ room: "1" }]);
  });

  test("does not end the connection when it is the same one with a new token", async () => {
    const chat = await open([roomSnapshot("a", [text(1)])]);
    storage.set("porchlight:key:token", JSON.stringify({ token: "u", expires_at: 0, ref: CAROL.ref }));
    dispatchEvent(new StorageEvent("storage", { key: "porchlight:key:token" }));
    expect(chat.socket.state.value).toBe("online");
  });
});

test("news is not announced by a tab for which another one speaks", async () => {
  const request = (name: string, ...rest: unknown[]) =>
    name.endsWith("token") ? (rest.at(-1) as () => Promise<string>)() : new Promise(() => {});
  vi.stubGlobal("navigator", { locks: { request }, onLine: true });
  const chat = await open([roomSnapshot("a", [text(1)])]);
  TestWebSocket.last.say({ type: "entry", room: "a", entry: text(2) });
  expect(chat.heard.value).toBeNull();
  expect(chat.unread.value).toBe(2);
});

describe("typing", () => {
  test("is told only to a room that the server knows", async () => {
    const chat = await open();
    chat.typed("Hel");
    expect(sent("typing")).toEqual([]);
    TestWebSocket.last.say({ type: "entry", room: "a", entry: text(1) });
    chat.typed("Hel");
    chat.typed(" ");
    expect(sent("typing").map(({ on }) => on)).toEqual([true, false]);
  });
});

describe("what has arrived", () => {
  test("of others is told; one's own texts are not", async () => {
    await open([roomSnapshot("a", [text(1), text(2, CAROL)])]);
    await vi.advanceTimersByTimeAsync(0);
    expect(sent("delivered")).toEqual([{ type: "delivered", marks: { a: 1 } }]);
    TestWebSocket.last.say({ type: "entry", room: "a", entry: text(3, CAROL) });
    TestWebSocket.last.say({ type: "entry", room: "a", entry: text(4) });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent("delivered")[1]).toEqual({ type: "delivered", marks: { a: 4 } });
  });

  test("is not told again to a server that does not know the frame", async () => {
    await open([roomSnapshot("a", [text(1)])]);
    await vi.advanceTimersByTimeAsync(0);
    const error = { type: "error", code: "unknown_type", detail: "", client_id: null, retry_after: null, limit: null };
    TestWebSocket.last.say(error);
    TestWebSocket.last.say({ type: "entry", room: "a", entry: text(2) });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(sent("delivered")).toHaveLength(1);
  });

  test("and was seen is said again on the next connection, which may not know it", async () => {
    const chat = await open([roomSnapshot("a", [text(1)])]);
    chat.markSeen();
    TestWebSocket.last.cut();
    await vi.advanceTimersByTimeAsync(2_000);
    welcome([roomSnapshot("a", [text(1)])]);
    expect(sent("seen")).toEqual([{ type: "seen", room: "a", seq: 1 }]);
  });
});

describe("another database", () => {
  test("makes the client start over, but for what waits to be sent and what is being written", async () => {
    const chat = await open([roomSnapshot("a", [text(1), text(2)])], { epoch: "one" });
    chat.send("Waits");
    chat.typed("Half a sen");
    TestWebSocket.last.cut();
    await vi.advanceTimersByTimeAsync(2_000);
    welcome([roomSnapshot("a", [text(1)])], { epoch: "two" });
    expect(chat.timeline.value).toMatchObject({ head: 1, pending: [{ body: "Waits" }] });
    expect(sent("message.send")).toMatchObject([{ body: "Waits" }]);
    expect(chat.draft).toBe("Half a sen");
  });

  test("without the room takes no word out of the composer", async () => {
    const chat = await open([roomSnapshot("a", [text(1)])], { epoch: "one" });
    chat.typed("Half a sen");
    TestWebSocket.last.cut();
    await vi.advanceTimersByTimeAsync(2_000);
    welcome([], { epoch: "two" });
    expect(chat.timeline.value).toBeNull();
    expect(chat.draft).toBe("Half a sen");
    chat.send(chat.draft);
    expect(chat.draft).toBe("");
    expect(sent("message.send")).toMatchObject([{ room: "a", body: "Half a sen" }]);
  });

  test("is not what an older server means that says nothing of it", async () => {
    const chat = await open([roomSnapshot("a", [text(1), text(2)])], { epoch: "one" });
    TestWebSocket.last.cut();
    await vi.advanceTimersByTimeAsync(2_000);
    welcome([{ ...roomSnapshot("a", [text(2)]), head: 2 }]);
    expect(chat.timeline.value?.entries).toHaveLength(2);
  });

  test("that says nothing of itself is known by a room that has become shorter", async () => {
    const chat = await open([roomSnapshot("a", [text(1), text(2)])], { epoch: "one" });
    TestWebSocket.last.cut();
    await vi.advanceTimersByTimeAsync(2_000);
    welcome([roomSnapshot("a", [text(1)])], { epoch: "one" });
    expect(chat.timeline.value?.entries).toHaveLength(1);
  });

  test("and a room that has become shorter makes its marks begin again", async () => {
    const chat = await open(
      [
        roomSnapshot(
          "a",
          [1, 2, 3].map((seq) => text(seq)),
        ),
      ],
      { epoch: "one" },
    );
    chat.markSeen();
    TestWebSocket.last.cut();
    await vi.advanceTimersByTimeAsync(2_000);
    welcome([roomSnapshot("a", [text(1)])], { epoch: "one" });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent("seen")).toEqual([]);
    expect(sent("delivered")).toEqual([{ type: "delivered", marks: { a: 1 } }]);
    TestWebSocket.last.say({ type: "entry", room: "a", entry: text(2) });
    chat.markSeen();
    expect(sent("seen")).toEqual([{ type: "seen", room: "a", seq: 2 }]);
  });
});

describe("a second welcome", () => {
  test("brings what feeds may have lost, and nothing twice", async () => {
    const chat = await open([roomSnapshot("a", [text(1)])], { epoch: "one" });
    chat.send("Hello");
    TestWebSocket.last.say({
      ...{ type: "welcome", you: CAROL, site: SITE, online: [], epoch: "one", at: 0 },
      rooms: [roomSnapshot("a", [text(1), text(2)])],
    });
    expect(chat.timeline.value?.head).toBe(2);
    expect(chat.online.value).toEqual([]);
    expect(sent("message.send")).toHaveLength(1);
  });
});

test("a frame of a newer server makes the rooms catch up, once for many", async () => {
  await open([roomSnapshot("a", [text(1)])]);
  for (let time = 0; time < 3; time++) TestWebSocket.last.say({ type: "reaction", room: "a" });
  await vi.advanceTimersByTimeAsync(0);
  expect(sent("sync")).toEqual([{ type: "sync", room: "a", after: 1 }]);
});
