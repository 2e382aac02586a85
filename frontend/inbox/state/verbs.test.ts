import { beforeEach, describe, expect, it } from "vitest";
import type { AgentFrame, ErrorCode, Error as ErrorFrame } from "../../shared/protocol";
import { TestClock } from "../../shared/testing/clock";
import { Verbs } from "./verbs";

let sent: AgentFrame[];
let verbs: Verbs;
let clock: TestClock;

beforeEach(() => {
  sent = [];
  clock = new TestClock();
  verbs = new Verbs((frame) => sent.push(frame), clock);
});

const clientId = () => (sent.at(-1) as { client_id: string }).client_id;
const refusal = (code: ErrorCode, detail = ""): ErrorFrame => ({
  type: "error",
  code,
  detail,
  client_id: clientId(),
  retry_after: null,
  limit: null,
});

describe("claiming", () => {
  it("asks once, however often the button is pressed", () => {
    verbs.ask("1", "claim");
    verbs.ask("1", "claim");
    expect(sent).toEqual([{ type: "room.claim", room: "1", client_id: clientId() }]);
  });

  it("is done with the ack, at its place in the log", () => {
    verbs.ask("1", "claim");
    expect(verbs.answer({ type: "ack", client_id: clientId(), room: "1", seq: 9, at: 0 })).toBe(true);
    expect(verbs.deeds.value.get("1")).toMatchObject({ state: "done", seq: 9 });
  });

  it("that was lost names who took it", () => {
    verbs.ask("1", "claim");
    verbs.answer(refusal("already_owned", "Bob"));
    expect(verbs.deeds.value.get("1")).toMatchObject({ state: "refused", code: "already_owned", detail: "Bob" });
  });

  it("that was lost is forgotten after a while", async () => {
    verbs.ask("1", "claim");
    verbs.answer(refusal("already_owned", "Bob"));
    await clock.pass(10_000);
    expect(verbs.deeds.value.has("1")).toBe(false);
  });

  it("can be tried again after a refusal, under a new client_id", () => {
    verbs.ask("1", "claim");
    const first = clientId();
    verbs.answer(refusal("unavailable"));
    verbs.ask("1", "claim");
    expect(clientId()).not.toBe(first);
    expect(verbs.deeds.value.get("1")?.state).toBe("asked");
  });

  it("of what is claimed already is no failure", () => {
    verbs.ask("1", "claim");
    verbs.answer(refusal("not_changed"));
    expect(verbs.deeds.value.has("1")).toBe(false);
  });

  it("asks again with the same client_id after a lost connection", () => {
    verbs.ask("1", "claim");
    const first = clientId();
    verbs.resume();
    expect(sent).toHaveLength(2);
    expect(clientId()).toBe(first);
  });

  it("leaves answers to others alone", () => {
    verbs.ask("1", "claim");
    expect(verbs.answer({ type: "ack", client_id: "another", room: "1", seq: 9, at: 0 })).toBe(false);
  });
});
