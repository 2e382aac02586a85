import { beforeEach, describe, expect, test } from "vitest";
import { channelOf } from "./channel";
import { formerOutbox } from "./formerOutbox";
import { Outbox } from "./outbox";
import type { ErrorCode, Error as ErrorFrame } from "./protocol";
import { memoryStore } from "./storage";
import { TestClock } from "./testing/clock";
import type { TimelineEvent } from "./timeline";

type Sent = { type: string; client_id: string; room: string; body: string };

let clock: TestClock;
let storage: ReturnType<typeof memoryStore>;
let online: boolean;
let sent: Sent[];
let events: TimelineEvent[];
let outbox: Outbox;

beforeEach(() => {
  clock = new TestClock();
  storage = memoryStore();
  online = true;
  sent = [];
  events = [];
  outbox = open();
});

function open(): Outbox {
  const outbox = new Outbox({
    database: null,
    channel: channelOf("outbox"),
    transmit: (frame) => {
      if (online) sent.push(frame);
      return online;
    },
    onChange: (_room, event) => events.push(event),
    clock,
    random: () => 0.5,
  });
  outbox.own("carol", "", formerOutbox(storage, "outbox:"));
  outbox.resume();
  return outbox;
}

function bodies(): string[] {
  return sent.map(({ body }) => body);
}

function ack(index = sent.length - 1): void {
  outbox.answer({ type: "ack", client_id: sent[index]?.client_id ?? "", room: "r", seq: index + 1, at: 0 });
}

function refuse(code: ErrorCode, over: Partial<ErrorFrame> = {}): boolean {
  const client_id = sent.at(-1)?.client_id ?? null;
  return outbox.answer({ type: "error", code, detail: "why", client_id, retry_after: null, limit: null, ...over });
}

describe("being too fast", () => {
  test("says about when all will be sent, until all is", async () => {
    for (const body of ["one", "two", "three"]) outbox.add("r", body);
    refuse("too_fast", { retry_after: 0.5, limit: "messages" });
    expect(outbox.slowUntil.value).toBe(clock.now() + 2_500);
    outbox.add("r", "four");
    expect(outbox.slowUntil.value).toBe(clock.now() + 3_500);
    await clock.pass(500);
    for (let left = 4; left > 0; left--) {
      expect(outbox.slowUntil.value).not.toBeNull();
      ack();
    }
    expect(outbox.slowUntil.value).toBeNull();
  });

  test("is forgotten with the connection", () => {
    outbox.add("r", "one");
    refuse("too_fast", { retry_after: 0.5, limit: "messages" });
    outbox.pause();
    expect(outbox.slowUntil.value).toBeNull();
  });
});

describe("sending", () => {
  test("goes first in, first out, each after the answer to the one before", () => {
    for (const body of ["one", "two", "three"]) outbox.add("r", body);
    expect(bodies()).toEqual(["one"]);
    ack();
    expect(bodies()).toEqual(["one", "two"]);
    ack();
    ack();
    expect(bodies()).toEqual(["one", "two", "three"]);
    expect(outbox.items).toEqual([]);
  });

  test("keeps the order across rooms and kinds", () => {
    outbox.add("a", "text");
    outbox.add("b", "note", "note");
    ack();
    expect(sent).toMatchObject([
      { type: "message.send", room: "a" },
      { type: "note.send", room: "b" },
    ]);
  });

  test("tells the timeline at once that the text is queued", () => {
    outbox.add("r", "hello");
    expect(events[0]).toMatchObject({ type: "pending", pending: { body: "hello", state: "queued" } });
  });
});

describe("a lost connection", () => {
  test("sends the same client_id again, in order", () => {
    outbox.add("r", "one");
    outbox.add("r", "two");
    online = false;
    outbox.pause();
    outbox.add("r", "three");
    expect(bodies()).toEqual(["one"]);
    online = true;
    outbox.resume();
    ack();
    ack();
    ack();
    expect(bodies()).toEqual(["one", "one", "two", "three"]);
    expect(sent[1]?.client_id).toBe(sent[0]?.client_id);
  });

  test("and an answer that never comes lead to the same resend", async () => {
    outbox.add("r", "one");
    await clock.pass(15_000);
    expect(bodies()).toEqual(["one", "one"]);
  });

  test("a second ack of the same text is not taken for the next one's", () => {
    outbox.add("r", "one");
    outbox.add("r", "two");
    ack(0);
    ack(0);
    expect(outbox.items.map(({ body }) => body)).toEqual(["two"]);
  });
});

describe("a refusal", () => {
  test("for speed waits as long as it says and keeps the order", async () => {
    outbox.add("r", "one");
    outbox.add("r", "two");
    refuse("too_fast", { retry_after: 3 });
    await clock.pass(2_999);
    outbox.add("r", "three");
    expect(bodies()).toEqual(["one"]);
    await clock.pass(1);
    ack();
    ack();
    expect(bodies()).toEqual(["one", "one", "two", "three"]);
  });

  test("that may pass is tried again with growing waits, for as long as it takes", async () => {
    outbox.add("r", "one");
    for (let attempt = 0; attempt < 20; attempt++) {
      refuse("unavailable");
      await clock.pass(30_000);
    }
    expect(sent.length).toBeGreaterThan(20);
    expect(outbox.items[0]?.state).toBe("queued");
  });

  test("by a server that fails at this text gives up after five attempts, and the next goes on", async () => {
    outbox.add("r", "poison");
    outbox.add("r", "fine");
    for (let attempt = 0; attempt < 5; attempt++) {
      refuse("internal");
      await clock.pass(10_000);
    }
    expect(bodies().filter((body) => body === "poison")).toHaveLength(5);
    expect(outbox.items[0]).toMatchObject({ body: "poison", state: "failed", code: "internal" });
    expect(bodies().at(-1)).toBe("fine");
  });

  test("for good keeps the text with its reason, and the next goes on", () => {
    outbox.add("r", "bad");
    outbox.add("r", "good");
    refuse("bad_text");
    expect(outbox.items[0]).toMatchObject({ body: "bad", state: "failed", code: "bad_text", detail: "why" });
    expect(bodies()).toEqual(["bad", "good"]);
  });

  test("without a client_id that only a text can cause counts for the one under way", () => {
    outbox.add("r", "bad");
    expect(refuse("too_big", { client_id: null })).toBe(true);
    expect(outbox.items[0]?.state).toBe("failed");
  });

  test("of something else is not ours", () => {
    outbox.add("r", "one");
    expect(refuse("too_fast", { client_id: null })).toBe(false);
    expect(refuse("already_owned", { client_id: "other" })).toBe(false);
  });
});

describe("a failed text", () => {
  test("is sent again behind the others on retry", () => {
    const failed = outbox.add("r", "bad");
    refuse("bad_text");
    outbox.add("r", "next");
    outbox.retry(failed.client_id);
    ack();
    expect(bodies()).toEqual(["bad", "next", "bad"]);
    expect(sent[2]?.client_id).toBe(failed.client_id);
  });

  test("gets a new client_id when its own belongs to another text", () => {
    const failed = outbox.add("r", "words");
    refuse("client_id_reused");
    outbox.retry(failed.client_id);
    expect(bodies()).toEqual(["words", "words"]);
    expect(sent[1]?.client_id).not.toBe(failed.client_id);
    expect(events).toContainEqual({ type: "discard", client_id: failed.client_id });
  });

  test("can be discarded, one that is on its way cannot", () => {
    const failed = outbox.add("r", "bad");
    outbox.discard(failed.client_id);
    expect(outbox.items).toHaveLength(1);
    refuse("bad_text");
    outbox.discard(failed.client_id);
    expect(outbox.items).toEqual([]);
  });
});

describe("what an older version left", () => {
  const left = { client_id: "x", room: "r", kind: "text", body: "left", at: 1, state: "queued" };

  test("is sent, and gone once it is acknowledged", () => {
    storage.set("outbox:x", JSON.stringify(left));
    outbox = open();
    expect(sent).toMatchObject([{ client_id: "x", body: "left" }]);
    expect(storage.keys("outbox:")).toEqual(["outbox:x"]);
    ack();
    expect(storage.keys("outbox:")).toEqual([]);
  });

  test("and is broken is dropped", () => {
    for (const broken of [
      "{not json",
      "null",
      '"text"',
      '{"client_id":"x"}',
      '{"client_id":"x","room":"r","body":1}',
    ]) {
      storage.set("outbox:x", broken);
      storage.set("outbox:y", JSON.stringify({ ...left, client_id: "y" }));
      expect(open().items).toMatchObject([{ client_id: "y" }]);
      expect(storage.keys("outbox:")).toEqual(["outbox:y"]);
    }
  });
});

describe("where nothing outlives the page", () => {
  test("says so of a text that waits for a second, until it is acknowledged", async () => {
    outbox.add("r", "one");
    expect(outbox.unkept.value).toBe(false);
    await clock.pass(1_000);
    expect(outbox.unkept.value).toBe(true);
    ack();
    expect(outbox.unkept.value).toBe(false);
  });
});
