import { signal } from "@preact/signals";
import { render } from "preact";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Entry, RoomSnapshot } from "../../shared/protocol";
import { memoryStore } from "../../shared/storage";
import { settle } from "../../shared/testing/clock";
import { roomSnapshot } from "../../shared/testing/snapshot";
import { TestWebSocket } from "../../shared/testing/webSocket";
import { Chat } from "../chat";
import { PanelView } from "./Panel";

const CAROL = { ref: "customer:1", name: "" };
const ALICE = { ref: "agent:1", name: "Alice" };
const SITE = { key: "key", name: "Harrow", greeting: "Ask about pots.", color: "#3f5e4b" };

let container: HTMLElement;
let chat: Chat;
let closed: number;

beforeEach(() => {
  vi.stubGlobal(
    "fetch",
    async () =>
      new Response(JSON.stringify({ token: "t", expires_at: Date.now() + 1e10, you: CAROL, site: SITE, online: [] })),
  );
  container = document.createElement("div");
  document.body.append(container);
  closed = 0;
});

afterEach(() => {
  render(null, container);
  container.remove();
  chat.stop();
});

async function draw(rooms: RoomSnapshot[] = [], online = [ALICE]): Promise<void> {
  chat = new Chat({
    server: "http://server",
    site: "key",
    storage: memoryStore(),
    emit: () => {},
    WebSocket: TestWebSocket.reset(),
  });
  chat.start();
  render(<PanelView chat={chat} shown={signal("focused")} onClose={() => closed++} />, container);
  await vi.waitFor(() => expect(TestWebSocket.all).toHaveLength(1));
  TestWebSocket.last.welcome({ you: CAROL, site: SITE, online, rooms, at: 0 });
  await drawn();
}

async function drawn(): Promise<void> {
  await settle();
  await new Promise((resolve) => setTimeout(resolve, 20));
}

function text(seq: number, author = ALICE, over: Partial<Entry> = {}): Entry {
  return {
    seq,
    kind: "text",
    author,
    body: `text ${seq}`,
    data: {},
    client_id: `id-${seq}`,
    at: Date.now() - 1000,
    ...over,
  };
}

function room(entries: Entry[], over: Partial<RoomSnapshot> = {}): RoomSnapshot {
  return roomSnapshot("a", entries, { head: entries.length, ...over });
}

function find<T extends Element = HTMLElement>(selector: string): T {
  const found = container.querySelector<T>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
}

async function write(words: string): Promise<void> {
  const field = find<HTMLTextAreaElement>("textarea");
  field.value = words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await drawn();
  field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
  await drawn();
}

describe("the panel", () => {
  test("is a labelled region with a log, a composer and a place for announcements", async () => {
    await draw([room([text(1)])]);
    expect(find("section").getAttribute("role")).toBe("region");
    expect(find("section").getAttribute("aria-label")).toBe("Chat with Harrow");
    expect(find("[role=log] > ol > li.group").textContent).toContain("Alice");
    expect(find("textarea").getAttribute("aria-label")).toBe("Write a message");
    expect(container.querySelectorAll("p[role=status]")).toHaveLength(1);
  });

  test("opens with the site's greeting and says whether somebody is there", async () => {
    await draw();
    expect(find(".opening").textContent).toContain("Ask about pots.");
    expect(find(".status").textContent).toBe("Alice can answer you now");
    expect(find(".pl-lamp").getAttribute("aria-label")).toBe("We're here");
    TestWebSocket.last.say({ type: "availability", online: [] });
    await drawn();
    expect(find(".status").textContent).toBe("We're away. Leave a message.");
  });

  test("names two people who are there in one line", async () => {
    await draw([], [ALICE, { ref: "agent:2", name: "Bob" }]);
    expect(find(".status").textContent).toBe("Alice and Bob are here");
  });

  test("where it may not be is finished all the same, and says what to do", async () => {
    vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ code: "bad_origin" }), { status: 403 }));
    vi.spyOn(console, "warn").mockReturnValue();
    chat = new Chat({ server: "http://server", site: "key", storage: memoryStore(), emit: () => {} });
    chat.start();
    render(<PanelView chat={chat} shown={signal("focused")} onClose={() => closed++} />, container);
    await vi.waitFor(() => expect(find(".name").textContent).toBe("Chat"));
    expect(find(".status").textContent).toBe("Not available here");
    expect(find(".opening").textContent).toContain("Please reach us another way.");
    expect(container.querySelector("textarea")).toBeNull();
  });

  test("shows a sent text at once as waiting, then as sent", async () => {
    await draw([room([text(1)])]);
    await write("Hello");
    expect(find(".own .meta [role=img]").getAttribute("aria-label")).toBe("Waiting to be sent");
    const { client_id } = TestWebSocket.last.sentOf("message.send")[0] as { client_id: string };
    TestWebSocket.last.say({ type: "ack", client_id, room: "a", seq: 2, at: 5 });
    await drawn();
    expect(find(".own .meta [role=img]").getAttribute("aria-label")).toBe("Sent");
    expect(find<HTMLTextAreaElement>("textarea").value).toBe("");
  });

  test("keeps a refused text with its reason, a retry and a way to drop it", async () => {
    await draw([room([text(1)])]);
    await write("Hello");
    const { client_id } = TestWebSocket.last.sentOf("message.send")[0] as { client_id: string };
    TestWebSocket.last.say({
      type: "error",
      code: "not_allowed",
      detail: "",
      client_id,
      retry_after: null,
      limit: null,
    });
    await drawn();
    expect(find(".failure").textContent).toContain("Not sent. You can't write in this conversation.");
    const [retry, remove] = container.querySelectorAll<HTMLButtonElement>(".failure button");
    retry?.click();
    await drawn();
    expect(TestWebSocket.last.sentOf("message.send")).toHaveLength(2);
    TestWebSocket.last.say({
      type: "error",
      code: "not_allowed",
      detail: "",
      client_id,
      retry_after: null,
      limit: null,
    });
    await drawn();
    expect(remove?.isConnected).toBe(false);
    container.querySelectorAll<HTMLButtonElement>(".failure button")[1]?.click();
    await drawn();
    expect(container.querySelector(".own")).toBeNull();
  });

  test("does not send what is too long and says by how much", async () => {
    await draw();
    await write("x".repeat(4_002));
    expect(TestWebSocket.last.sentOf("message.send")).toEqual([]);
    expect(find(".excess").textContent).toBe("The limit is 4,000 characters. This is 2 too many.");
  });

  test("says why the rest waits when the server takes no more so fast, until it is sent", async () => {
    await draw([room([text(1)])]);
    await write("one");
    await write("two");
    const answer = (over: object) => {
      const { client_id } = TestWebSocket.last.sentOf("message.send").at(-1) as { client_id: string };
      TestWebSocket.last.say({ client_id, room: "a", ...over });
    };
    answer({ type: "error", code: "too_fast", detail: "", retry_after: 0.05, limit: "messages" });
    await drawn();
    const words = "That was quick. The limit is 10 messages in 10 s. The rest is sent in 2 s.";
    expect(find(".slow").textContent).toBe(words);
    expect(find("p[role=status]").textContent).toBe(words);
    await vi.waitFor(() => expect(TestWebSocket.last.sentOf("message.send")).toHaveLength(2));
    answer({ type: "ack", seq: 2, at: 5 });
    await drawn();
    answer({ type: "ack", seq: 3, at: 6 });
    await drawn();
    expect(container.querySelector(".slow")).toBeNull();
  });

  test("does not send while an input method is composing", async () => {
    await draw();
    const field = find<HTMLTextAreaElement>("textarea");
    field.value = "にほ";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await drawn();
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true }));
    expect(TestWebSocket.last.sentOf("message.send")).toEqual([]);
  });

  test("shows markup as text and links that cannot reach back", async () => {
    await draw([room([text(1, ALICE, { body: "<b>bold</b> https://a.example/ javascript:alert(1)" })])]);
    expect(container.querySelector(".bubble b")).toBeNull();
    expect(find(".bubble").textContent).toContain("<b>bold</b>");
    const links = container.querySelectorAll<HTMLAnchorElement>(".bubble a");
    expect([...links].map((link) => [link.getAttribute("href"), link.rel])).toEqual([
      ["https://a.example/", "noopener noreferrer nofollow"],
    ]);
  });

  test("says that a conversation ended, and that writing opens it again", async () => {
    const end = text(2, ALICE, { kind: "status", body: "", data: { status: "resolved" } });
    await draw([room([text(1), end], { status: "resolved" })]);
    expect(find(".ended").textContent).toContain("This conversation has ended.");
    expect(container.textContent).not.toContain("Conversation ended");
    await write("One more thing");
    expect(container.querySelector(".ended")).toBeNull();
  });

  test("Escape closes it", async () => {
    await draw();
    find("textarea").dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    expect(closed).toBe(1);
  });

  test("wears the site's colour with an ink that can be read", async () => {
    await draw();
    expect(find("section").style.getPropertyValue("--pl-brand")).toBe("#3f5e4b");
    expect(find("section").style.getPropertyValue("--pl-on-brand")).toBe("#ffffff");
  });

  test("says when another window took over, and takes the place back on request", async () => {
    await draw();
    TestWebSocket.last.cut(4010);
    await drawn();
    expect(find(".notice-bar").textContent).toContain("open in another window");
    find(".notice-bar button").click();
    await vi.waitFor(() => expect(TestWebSocket.all).toHaveLength(2));
  });
});
