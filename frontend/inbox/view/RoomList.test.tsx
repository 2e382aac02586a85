import { describe, expect, it } from "vitest";
import { strings } from "../strings";
import { alice, bob, room } from "../testing/cast";
import { all, drawn, listed, one, opened, press, server, setStage, words } from "../testing/stage";

setStage();

describe("the list", () => {
  it("shows who waits, with counts, lamps and unread", async () => {
    await listed("1", "2");
    expect(words(".view-count")).toEqual(["0", "2", "2", "3"]);
    expect(all(".row")).toHaveLength(2);
    expect(one(".row .pl-lamp").getAttribute("aria-label")).toBe("Carol is here");
    expect(one(".unread").textContent).toBe("1 1 unread message");
    expect(document.title).toBe(strings.title(2));
  });

  it("says how to make something appear when there is nothing", async () => {
    await listed();
    expect(words(".empty h3")).toEqual([strings.empty.unassigned.title]);
    expect(one<HTMLAnchorElement>(".empty a").getAttribute("href")).toBe("/chat/shop");
  });

  it("moves a row away when a colleague takes it", async () => {
    await listed("1", "2");
    server().say({ type: "summary", summary: room("1", { head: 2, owner: bob, customer_texts: 1 }) });
    await drawn();
    expect(all(".row")).toHaveLength(1);
    expect(words(".view-count")).toEqual(["0", "1", "2", "3"]);
  });

  it("keeps the row that is looked at when it is claimed, until another is chosen", async () => {
    await listed("1", "2", "3");
    await opened("2");
    server().say({ type: "summary", summary: room("2", { head: 2, owner: alice, customer_texts: 1 }) });
    await drawn();
    expect(all(".row a").map((row) => row.getAttribute("href"))).toEqual([1, 2, 3].map((n) => `#/unassigned/${n}`));
    expect(words(".view-count")).toEqual(["1", "2", "3", "3"]);
    await press("KeyJ", { altKey: true });
    expect(location.hash).toBe("#/unassigned/3");
    expect(all(".row")).toHaveLength(2);
  });

  it("counts a new conversation at once", async () => {
    await listed("1");
    server().say({ type: "summary", summary: room("2", { head: 1, waiting_since: Date.now(), customer_texts: 1 }) });
    await drawn();
    expect(words(".view-count")).toEqual(["0", "2", "2", "3"]);
    expect(words(".row-time").at(-1)).toBe(strings.waitingNew);
  });

  it("is walked through by the keyboard", async () => {
    await listed("1", "2");
    await press("KeyJ", { altKey: true });
    expect(location.hash).toBe("#/unassigned/1");
    await press("KeyJ", { altKey: true });
    expect(location.hash).toBe("#/unassigned/2");
    await press("KeyK", { altKey: true });
    expect(one(".row [aria-current]").getAttribute("href")).toBe("#/unassigned/1");
    expect(
      server()
        .sentOf("room.open")
        .map((frame) => frame.room),
    ).toEqual(["1", "2"]);
    await press("Escape", { key: "Escape" });
    expect(location.hash).toBe("#/unassigned");
  });
});
