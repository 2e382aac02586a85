import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Refusal } from "./refusal";
import { Socket, type SocketOptions } from "./socket";
import { settle, TestClock } from "./testing/clock";
import { TestWebSocket } from "./testing/webSocket";

type Frame = { type: string };

let clock: TestClock;
let socket: Socket<Frame, Frame>;
let frames: Frame[];

beforeEach(() => {
  clock = new TestClock();
  frames = [];
});

afterEach(() => socket.stop());

function connect(options: Partial<SocketOptions<Frame>> = {}): void {
  socket = new Socket<Frame, Frame>({
    endpoint: async () => ({ url: "ws://server/ws/", protocols: ["porchlight.v1"] }),
    heads: () => ({ "room-1": 7 }),
    onFrame: (frame) => frames.push(frame),
    clock,
    random: () => 0.5,
    WebSocket: TestWebSocket.reset(),
    ...options,
  });
  socket.start();
}

async function connectAndWelcome(options: Partial<SocketOptions<Frame>> = {}): Promise<void> {
  connect(options);
  await settle();
  TestWebSocket.last.welcome();
}

/** Cuts the connection and returns how many milliseconds passed until the next attempt. */
async function cutAndWait(): Promise<number> {
  const before = TestWebSocket.all.length;
  TestWebSocket.last.cut();
  let waited = 0;
  for (; TestWebSocket.all.length === before; waited += 500) await clock.pass(500);
  return waited;
}

describe("connecting", () => {
  test("says hello when the socket opens and is online with the welcome", async () => {
    connect();
    expect(socket.state.value).toBe("connecting");
    await settle();
    TestWebSocket.last.accept();
    expect(TestWebSocket.last.sent).toEqual([{ type: "hello", protocol: 1 }]);
    expect(socket.state.value).toBe("connecting");
    TestWebSocket.last.say({ type: "welcome" });
    expect(socket.state.value).toBe("online");
    expect(frames).toEqual([{ type: "welcome" }]);
  });

  test("sends nothing before the welcome", async () => {
    connect();
    await settle();
    TestWebSocket.last.accept();
    expect(socket.send({ type: "sync" })).toBe(false);
    TestWebSocket.last.say({ type: "welcome" });
    expect(socket.send({ type: "sync" })).toBe(true);
  });

  test("gives up a handshake that nobody answers and tries again", async () => {
    connect();
    await clock.pass(10_000);
    expect(socket.state.value).toBe("offline");
    await clock.pass(1_000);
    expect(TestWebSocket.all).toHaveLength(2);
  });

  test("survives a page whose policy forbids the address", async () => {
    connect({
      WebSocket: class {
        constructor() {
          throw new DOMException("refused", "SecurityError");
        }
      } as unknown as typeof WebSocket,
    });
    await settle();
    expect(socket.state.value).toBe("offline");
  });
});

describe("coming back", () => {
  test("waits with full jitter between half a second and a ceiling that doubles to thirty seconds", async () => {
    connect({ random: () => 0.999_999 });
    await settle();
    const waits: number[] = [];
    for (let failure = 0; failure < 8; failure++) waits.push(await cutAndWait());
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  test("begins anew with short waits only after a connection that was stable", async () => {
    connect({ random: () => 1 });
    await settle();
    for (let failure = 0; failure < 4; failure++) await cutAndWait();
    TestWebSocket.last.welcome();
    await clock.pass(9_000);
    expect(await cutAndWait()).toBe(16_000);
    TestWebSocket.last.welcome();
    await clock.pass(10_000);
    expect(await cutAndWait()).toBe(1_000);
  });

  test("spreads the return over ten seconds when the server says that it restarts", async () => {
    await connectAndWelcome({ random: () => 0.9 });
    TestWebSocket.last.cut(1012);
    await clock.pass(9_000);
    expect(TestWebSocket.all).toHaveLength(1);
    await clock.pass(1_000);
    expect(TestWebSocket.all).toHaveLength(2);
  });

  test.each(["online", "pageshow"])("tries at once on %s instead of waiting", async (event) => {
    connect({ random: () => 1 });
    await settle();
    for (let failure = 0; failure < 7; failure++) await cutAndWait();
    TestWebSocket.last.cut();
    await clock.pass(1_000);
    expect(TestWebSocket.all).toHaveLength(8);
    window.dispatchEvent(new Event(event));
    await settle();
    expect(TestWebSocket.all).toHaveLength(9);
  });

  test("lets go when the browser says it is offline", async () => {
    await connectAndWelcome();
    window.dispatchEvent(new Event("offline"));
    expect(socket.state.value).toBe("offline");
  });

  test("stays away after stop, whatever was under way", async () => {
    connect();
    socket.stop();
    await clock.pass(60_000);
    expect(TestWebSocket.all).toHaveLength(0);
    window.dispatchEvent(new Event("online"));
    await settle();
    expect(TestWebSocket.all).toHaveLength(0);
  });
});

describe("silence", () => {
  test("reconnects after 35 seconds without a frame", async () => {
    await connectAndWelcome();
    await clock.pass(20_000);
    TestWebSocket.last.say({ type: "availability" });
    await clock.pass(34_999);
    expect(socket.state.value).toBe("online");
    await clock.pass(1);
    expect(socket.state.value).toBe("offline");
  });

  test("answers heartbeats at once with its heads", async () => {
    await connectAndWelcome();
    TestWebSocket.last.say({ type: "heartbeat", at: 1, heads: {} });
    expect(TestWebSocket.last.sentOf("heartbeat")).toEqual([{ type: "heartbeat", heads: { "room-1": 7 } }]);
  });

  test("after a sleep a connection that stays silent for three seconds is replaced", async () => {
    await connectAndWelcome();
    await clock.pass(13_000);
    window.dispatchEvent(new Event("pageshow"));
    await clock.pass(3_000);
    expect(socket.state.value).toBe("offline");
  });

  test("after a sleep a connection that speaks is kept", async () => {
    await connectAndWelcome();
    await clock.pass(13_000);
    window.dispatchEvent(new Event("pageshow"));
    await clock.pass(1_000);
    TestWebSocket.last.say({ type: "heartbeat", at: 1, heads: {} });
    await clock.pass(3_000);
    expect(socket.state.value).toBe("online");
  });
});

describe("refusals", () => {
  test.each([4003, 4010, 4020])("does not come back after %i", async (code) => {
    await connectAndWelcome();
    TestWebSocket.last.cut(code);
    await clock.pass(60_000);
    expect(socket.state.value).toBe("stopped");
    expect(socket.stopReason).toBe(code);
    expect(TestWebSocket.all).toHaveLength(1);
  });

  test.each([1006, 1012, 4108, 4110])("comes back after %i", async (code) => {
    await connectAndWelcome();
    TestWebSocket.last.cut(code);
    await clock.pass(10_000);
    expect(TestWebSocket.all).toHaveLength(2);
  });

  test("asks for a fresh token after 4001 and after a refused handshake, not after a drop", async () => {
    const asked: boolean[] = [];
    await connectAndWelcome({
      endpoint: async (fresh) => {
        asked.push(fresh);
        return { url: "ws://server/", protocols: [] };
      },
    });
    TestWebSocket.last.cut(1006);
    await clock.pass(1_000);
    TestWebSocket.last.welcome();
    TestWebSocket.last.cut(4001);
    await clock.pass(2_000);
    TestWebSocket.last.cut(1006);
    await clock.pass(4_000);
    expect(asked).toEqual([false, false, true, true]);
  });

  test("stops when the endpoint refuses for good", async () => {
    const refusal = new Refusal("bad_origin");
    connect({ endpoint: () => Promise.reject(refusal) });
    await settle();
    expect(socket.state.value).toBe("stopped");
    expect(socket.stopReason).toBe(refusal);
  });

  test("waits as long as the endpoint's refusal says", async () => {
    let asked = 0;
    connect({
      endpoint: () => {
        asked++;
        return Promise.reject(new Refusal("too_fast", "", 20));
      },
    });
    await clock.pass(19_000);
    expect(asked).toBe(1);
    await clock.pass(1_000);
    expect(asked).toBe(2);
  });

  test("starts again when told to, after it stopped", async () => {
    await connectAndWelcome();
    TestWebSocket.last.cut(4010);
    socket.start();
    await settle();
    TestWebSocket.last.welcome();
    expect(socket.state.value).toBe("online");
  });
});

describe("what is not understood", () => {
  test("neither ends the connection nor keeps what follows from being heard", async () => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    let confused = 0;
    await connectAndWelcome({
      onFrame: (frame) => {
        if (frame.type === "poison") throw new Error("no");
        frames.push(frame);
      },
      onConfusion: () => confused++,
    });
    TestWebSocket.last.say({ type: "poison" });
    TestWebSocket.last.onmessage?.({ data: "{" });
    TestWebSocket.last.onmessage?.({ data: "null" });
    TestWebSocket.last.say({ type: "next" });
    expect(confused).toBe(3);
    expect(reported).toHaveBeenCalledTimes(3);
    expect(frames.at(-1)).toEqual({ type: "next" });
    expect(socket.state.value).toBe("online");
  });
});
