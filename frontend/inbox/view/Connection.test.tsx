import { describe, expect, it, vi } from "vitest";
import { Refusal } from "../../shared/refusal";
import { strings } from "../strings";
import { carol } from "../testing/cast";
import { all, drawn, listed, one, opened, refuseToConnect, server, setStage } from "../testing/stage";

setStage();

describe("the connection", () => {
  it("that the server ends for good says why", async () => {
    await listed("1");
    server().cut(4003);
    await drawn();
    expect(one("h1").textContent).toBe(strings.stoppedTitle);
    expect(one(".quiet").textContent).toBe(strings.notAllowed);
  });

  it("whose session is over leads to the sign-in page and back", async () => {
    await listed("1");
    vi.useFakeTimers();
    refuseToConnect(new Refusal("bad_token"));
    server().cut(4001);
    await vi.advanceTimersByTimeAsync(2_000);
    vi.useRealTimers();
    await drawn();
    expect(one("h1").textContent).toBe(strings.signedOutTitle);
    expect(one(".stopped a").getAttribute("href")).toBe("/sign-in/?next=/inbox/");
  });

  it("that is gone leaves no lamp lit and nobody typing", async () => {
    await listed("1");
    await opened("1");
    server().say({ type: "typing", room: "1", who: carol, on: true });
    await drawn();
    expect(one(".thread-head .pl-lamp").className).toContain("lit");
    expect(all(".typing")).toHaveLength(1);
    refuseToConnect(new Error("gone"));
    vi.useFakeTimers();
    server().cut();
    await vi.advanceTimersByTimeAsync(2_000);
    vi.useRealTimers();
    await drawn();
    expect(all(".pl-lamp-lit, .big-lamp-lit, .typing")).toHaveLength(0);
    expect(new Set(all(".pl-lamp").map((lamp) => lamp.getAttribute("aria-label")))).toEqual(
      new Set([strings.notConnected]),
    );
    expect(one(".facts").textContent).toContain(strings.notConnected);
    expect(one(".hint").textContent).toBe(strings.writingUnreachable);
    expect(one(".banner").textContent).toBe(strings.reconnecting);
  });

  it("survives frames of a newer server", async () => {
    await listed("1");
    server().say({ type: "fireworks" });
    await drawn();
    expect(all(".row")).toHaveLength(1);
  });
});
