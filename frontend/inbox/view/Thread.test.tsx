import { describe, expect, it, vi } from "vitest";
import { strings } from "../strings";
import { alice, bob, carol } from "../testing/cast";
import { all, button, drawn, entry, listed, one, opened, press, server, setStage, type, words } from "../testing/stage";

setStage();

const progress = () => all(".group-ours .pl-ticks").map((each) => each.getAttribute("aria-label"));

describe("a conversation", () => {
  it("that a colleague took first says who has it", async () => {
    await listed("1");
    await opened("1");
    button("Claim").click();
    const [claim] = server().sentOf("room.claim");
    server().say({
      type: "error",
      code: "already_owned",
      detail: "Bob",
      client_id: claim?.client_id,
      retry_after: null,
      limit: null,
    });
    server().say({
      type: "entry",
      room: "1",
      entry: entry(2, { kind: "assignment", author: bob, data: { owner: bob } }),
    });
    await drawn();
    expect(words(".notice span")).toEqual(["Taken by Bob."]);
    expect(one(".facts").textContent).toContain("Owner: Bob");
    expect(all("button").some((each) => each.textContent === "Claim")).toBe(false);
    expect(words(".system span:first-child")[0]).toContain("Bob took this conversation");
    const end = entry(3, { kind: "status", author: bob, data: { status: "resolved" } });
    server().say({ type: "entry", room: "1", entry: end });
    await drawn();
    expect(all(".notice")).toHaveLength(0);
  });

  it("of a colleague says so before one answers in it, and names them once", async () => {
    await listed("1");
    await opened("1", { owner: bob, present: [carol, bob] });
    expect(one(".hint").textContent).toBe(strings.ownedReply("Bob"));
    expect(one(".facts").textContent?.match(/Bob/g)).toHaveLength(1);
  });

  it("shows on each reply that it waits, and why when they come too fast", async () => {
    await listed("1");
    await opened("1");
    for (const reply of ["one", "two", "three"]) {
      await type(reply);
      button("Send").click();
      await drawn();
    }
    const { client_id } = server().sentOf("message.send")[0] ?? {};
    server().say({ type: "error", code: "too_fast", detail: "", client_id, retry_after: 2.5, limit: "messages" });
    await drawn();
    expect(words(".group-ours title")).toEqual([strings.sending, strings.sending, strings.sending]);
    expect(one(".hint").textContent).toBe(strings.tooFast(5));
    expect(words("[role=status]")).toContain(strings.tooFast(5));
  });

  it("is resolved by the keyboard and shows it when the entry is there", async () => {
    await listed("1");
    await opened("1", { owner: alice });
    await press("KeyE", { altKey: true });
    const [resolve] = server().sentOf("room.resolve");
    server().say({ type: "ack", client_id: resolve?.client_id, room: "1", seq: 2, at: 2 });
    await drawn();
    expect(button("Resolve").disabled).toBe(true);
    const change = entry(2, { kind: "status", author: alice, data: { status: "resolved" } });
    server().say({ type: "entry", room: "1", entry: change });
    await drawn();
    expect(button("Reopen").disabled).toBe(false);
  });

  it("shows a reply at once, and ticks it when it is saved", async () => {
    await listed("1");
    await opened("1");
    await type("Good morning");
    one("textarea").dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    await drawn();
    expect(one<HTMLTextAreaElement>("textarea").value).toBe("");
    expect(words(".group-ours .bubble")).toEqual(["Good morning"]);
    expect(words(".group-ours title")).toEqual([strings.sending]);
    const [send] = server().sentOf("message.send");
    server().say({ type: "ack", client_id: send?.client_id, room: "1", seq: 2, at: 2 });
    await drawn();
    expect(progress()).toEqual([strings.saved]);
  });

  it("says how far a reply has got, by heartbeats where the hint was lost", async () => {
    await listed("1");
    await opened("1", { head: 2, entries: [entry(1), entry(2, { author: alice })] });
    expect(progress()).toEqual([strings.saved]);
    server().say({ type: "receipt", room: "1", delivered: 2, seen: 0 });
    await drawn();
    expect(progress()).toEqual([strings.delivered]);
    server().say({ type: "heartbeat", at: 1, heads: {}, receipts: { "1": { delivered: 2, seen: 2 } }, marks: {} });
    await drawn();
    expect(progress()).toEqual([strings.seen]);
    server().say({ type: "receipt", room: "1", delivered: 1, seen: 1 });
    await drawn();
    expect(progress()).toEqual([strings.seen]);
  });

  it("says when the customer was last here, from the server and then from what it sees itself", async () => {
    await listed("1");
    await opened("1", { present: [], last_seen: Date.now() - 5.5 * 60_000 });
    expect(one(".facts").textContent).toContain("Last here 5 min ago");
    server().say({ type: "room.presence", room: "1", who: carol, present: true });
    await drawn();
    expect(one(".facts").textContent).toContain(strings.here);
    server().say({ type: "room.presence", room: "1", who: carol, present: false });
    server().say({ type: "customer.presence", ref: carol.ref, present: false });
    await drawn();
    expect(one(".facts").textContent).toContain(strings.justGone);
  });

  it("keeps refused words, says why, and can send them again", async () => {
    await listed("1");
    await opened("1");
    await type("Good morning");
    button("Send").click();
    const [send] = server().sentOf("message.send");
    const refusal = { type: "error", code: "not_allowed", detail: "", retry_after: null, limit: null };
    server().say({ ...refusal, client_id: send?.client_id });
    await drawn();
    expect(one(".failure").textContent).toContain("Not sent. Your role does not allow this.");
    button("Retry").click();
    expect(server().sentOf("message.send")).toHaveLength(2);
  });

  it("takes a note apart from replies", async () => {
    await listed("1");
    await opened("1");
    await type("half a reply");
    await press("KeyP", { altKey: true });
    expect(one<HTMLTextAreaElement>("textarea").value).toBe("");
    await type("Ask Bob");
    button("Save note").click();
    await drawn();
    expect(server().sentOf("note.send")).toMatchObject([{ room: "1", body: "Ask Bob" }]);
    expect(server().sentOf("message.send")).toEqual([]);
    await press("KeyP", { altKey: true });
    expect(one<HTMLTextAreaElement>("textarea").value).toBe("half a reply");
  });

  it("keeps its draft while another is looked at", async () => {
    await listed("1", "2");
    await opened("1");
    await type("half a reply");
    await opened("2");
    expect(one<HTMLTextAreaElement>("textarea").value).toBe("");
    location.hash = "#/unassigned/1";
    await drawn();
    expect(one<HTMLTextAreaElement>("textarea").value).toBe("half a reply");
    expect(all(".tab")).toHaveLength(2);
  });

  it("that does not exist says so", async () => {
    await listed();
    location.hash = "#/all/404";
    await drawn();
    server().say({ type: "error", code: "no_such_room", detail: "", client_id: null, retry_after: null, limit: null });
    await drawn();
    expect(words(".placeholder h2")).toEqual([strings.missingTitle]);
  });

  it("draws a line above what is new, and reports what was on screen", async () => {
    vi.spyOn(document, "hasFocus").mockReturnValue(true);
    await listed("1");
    await opened("1", { head: 3, entries: [entry(1), entry(2), entry(3)], seen: 1 });
    expect(one(".news").nextElementSibling?.textContent).toContain("text 2");
    expect(server().sentOf("seen")).toEqual([{ type: "seen", room: "1", seq: 3 }]);
    server().say({ type: "seen", room: "1", seq: 3, texts: 3 });
    await drawn();
    expect(all(".unread")).toHaveLength(0);
    await type("Here it is");
    button("Send").click();
    await drawn();
    expect(all(".news")).toHaveLength(0);
  });
});
