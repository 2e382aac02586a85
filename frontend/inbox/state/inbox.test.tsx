import { describe, expect, it, vi } from "vitest";
import { strings } from "../strings";
import { alice, bob, carol, line, room } from "../testing/cast";
import { all, drawn, entry, inbox, listed, one, opened, server, setStage, WELCOME, words } from "../testing/stage";

setStage();

const summary = (over: object) => ({ type: "summary", summary: room("2", { customer_texts: 2, head: 4, ...over }) });

describe("what has arrived", () => {
  it("is told of open rooms and of lines whose last words are the customer's", async () => {
    await listed("1");
    await opened("1", { head: 2, entries: [entry(1), entry(2, { author: alice })] });
    server().say(summary({ last: line() }));
    server().say(summary({ room: "3", last: line({ author: alice }) }));
    await vi.waitFor(() => {
      const told = server()
        .sentOf("delivered")
        .map(({ marks }) => marks);
      expect(Object.assign({}, ...told)).toEqual({ "1": 1, "2": 4 });
    }, 3_000);
  });
});

describe("a new connection", () => {
  it("is told of what it brings anew, and of no room that this agent may not see any more", async () => {
    await listed("1");
    await opened("1", { head: 1, entries: [entry(1)] });
    server().say(summary({ last: line() }));
    await vi.waitFor(() => expect(server().sentOf("delivered")).not.toEqual([]), 3_000);
    server().cut();
    await vi.waitFor(() => expect(server().readyState).toBe(0), 3_000);
    server().welcome(WELCOME);
    await opened("1", { head: 1, entries: [entry(1)] });
    await vi.waitFor(() => expect(server().sentOf("delivered")).not.toEqual([]), 3_000);
    expect(server().sentOf("delivered")).toEqual([{ type: "delivered", marks: { "1": 1 } }]);
  });
});

describe("a second welcome", () => {
  it("replaces who is there and asks for the list and its counts anew, and for no room", async () => {
    await listed("1");
    await opened("1");
    const [lists, rooms] = [server().sentOf("rooms.list").length, server().sentOf("room.open").length];
    server().say({ ...WELCOME, type: "welcome", colleagues: [], customers_online: [] });
    await drawn();
    expect(server().sentOf("rooms.list").length).toBeGreaterThan(lists);
    expect(server().sentOf("room.open")).toHaveLength(rooms);
    expect(all(".colleagues li")).toEqual([]);
    expect(inbox.people.isHere(carol.ref)).toBe(false);
  });
});

describe("news", () => {
  it("is said by one tab of the browser", async () => {
    await listed("1");
    const speaks = vi.spyOn(inbox.speaker, "speaks", "get").mockReturnValue(false);
    server().say(summary({ last: line() }));
    server().say(summary({ last: line(), head: 5, customer_texts: 3 }));
    expect(inbox.announcer.text.value).toBe("");
    speaks.mockReturnValue(true);
    server().say(summary({ last: line(), head: 6, customer_texts: 4 }));
    expect(inbox.announcer.text.value).toBe(strings.newFrom("Carol"));
  });
});

describe("another database", () => {
  it("makes the inbox start over: rooms, lists and marks, but not what waits to be sent", async () => {
    await listed("1", "2");
    await opened("1", { head: 3, entries: [entry(1), entry(2), entry(3)], seen: 3 });
    inbox.writing.say("1", "reply", "Waits");
    server().cut();
    await vi.waitFor(() => expect(server().readyState).toBe(0), { timeout: 3_000 });
    server().welcome({ ...WELCOME, epoch: "another" });
    await drawn();
    expect(all(".rooms .row")).toEqual([]);
    expect(server().sentOf("room.open")).toEqual([{ type: "room.open", room: "1" }]);
    await opened("1", { head: 1, entries: [entry(1, { body: "Of the other database" })] });
    expect(words(".bubble")).toEqual(["Of the other database", "Waits"]);
    expect(inbox.rooms.get("1")?.value).toMatchObject({ head: 1, seen: 0 });
  });
});

describe("a database that went back", () => {
  it("is noticed by a room that is shorter: its line and marks are the server's again", async () => {
    const rows = (head: number, customer_texts: number, seen: number) => ({
      ...{ type: "rooms", view: "unassigned", counts: { mine: 0, unassigned: 1, all: 1, resolved: 0 }, next: "" },
      ...{ rooms: [room("1", { head, customer_texts })], seen_texts: { "1": seen } },
    });
    await listed();
    server().say(rows(3, 3, 3));
    await opened("1", { head: 3, entries: [entry(1), entry(2), entry(3)], seen: 3 });
    server().cut();
    await vi.waitFor(() => expect(server().readyState).toBe(0), { timeout: 3_000 });
    server().welcome(WELCOME);
    // The window has the focus, and the room is not here anew yet.
    inbox.marks.seen("1", 3);
    await opened("1", { head: 1, entries: [entry(1)], seen: 1 });
    server().say(rows(1, 1, 1));
    server().say({ type: "entry", room: "1", entry: entry(2) });
    inbox.seen("1", 2);
    expect(server().sentOf("seen").at(-1)).toEqual({ type: "seen", room: "1", seq: 2 });
    server().say(summary({ room: "1", head: 2, customer_texts: 2 }));
    expect(inbox.book.line("1")).toMatchObject({ seenTexts: 1, summary: { head: 2 } });
  });
});

describe("somebody else's session", () => {
  it("hears nothing of what this agent wrote: the page ends before anything is sent", async () => {
    const reload = vi.spyOn(location, "reload").mockReturnValue();
    await listed("1");
    await opened("1");
    const before = server();
    before.cut();
    inbox.writing.say("1", "reply", "Alice's words");
    inbox.verbs.ask("1", "claim");
    await vi.waitFor(() => expect(server()).not.toBe(before), { timeout: 3_000 });
    server().welcome({ ...WELCOME, you: { ...bob, state: "online" } });
    await drawn();
    expect(reload).toHaveBeenCalledOnce();
    expect(server().sent).toEqual([{ type: "hello", protocol: 1 }]);
    expect(inbox.socket.state.value).toBe("idle");
  });
});

describe("an idle agent", () => {
  it("is told to the server, shown as away, and keeps the own choice", async () => {
    await listed("1");
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 6 * 60_000);
    server().say({ type: "heartbeat", at: 1, heads: {}, receipts: {}, marks: {} });
    await drawn();
    expect(server().sentOf("idle")).toEqual([{ type: "idle", on: true }]);
    expect(one("#availability-hint").textContent).toBe(strings.idle);
    expect(one("[role=switch]").getAttribute("aria-checked")).toBe("true");
    expect(server().sentOf("availability.set")).toEqual([]);
    dispatchEvent(new Event("pointerdown"));
    await drawn();
    expect(server().sentOf("idle").at(-1)).toEqual({ type: "idle", on: false });
    expect(one("#availability-hint").textContent).toBe(strings.online);
  });

  it("is told to each new connection, but not again to a server that does not know it", async () => {
    await listed("1");
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 6 * 60_000);
    server().say({ type: "heartbeat", at: 1, heads: {}, receipts: {}, marks: {} });
    server().say({ type: "error", code: "unknown_type", detail: "", client_id: null, retry_after: null, limit: null });
    dispatchEvent(new Event("pointerdown"));
    expect(server().sentOf("idle")).toHaveLength(1);
  });
});

it("goes on when a frame of a newer server comes, and when one cannot be understood", async () => {
  vi.stubGlobal("reportError", vi.fn());
  await listed("1");
  await opened("1");
  server().say({ type: "reaction", room: "1" });
  server().say({ type: "entry", room: "1" });
  await drawn();
  expect(server().sentOf("sync")).toEqual([{ type: "sync", room: "1", after: 1 }]);
  server().say({ type: "entry", room: "1", entry: entry(2, { body: "Still here" }) });
  await drawn();
  expect(words(".bubble")).toContain("Still here");
});

it("ends at once when another tab signs out", async () => {
  await listed("1");
  const other = new BroadcastChannel("porchlight:inbox:");
  other.postMessage({ type: "signed-out" });
  await vi.waitFor(() => expect(one("h1").textContent).toBe(strings.signedOutTitle));
  other.close();
});
