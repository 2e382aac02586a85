import { describe, expect, it, vi } from "vitest";
import { Refusal } from "../../shared/refusal";
import { strings } from "../strings";
import { all, drawn, listed, one, refuseToConnect, server, setStage } from "../testing/stage";

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

  it("survives frames of a newer server", async () => {
    await listed("1");
    server().say({ type: "fireworks" });
    await drawn();
    expect(all(".row")).toHaveLength(1);
  });
});
