import { describe, expect, test, vi } from "vitest";
import { formerOutbox } from "./formerOutbox";
import { memoryStore } from "./storage";
import { browser, clock, eventually, log, quiet, setBrowser, stored, Tab } from "./testing/tabs";

setBrowser();

describe("two tabs", () => {
  test("keep the order in which was written, each sending its own", async () => {
    const [one, two] = [new Tab(), new Tab()];
    for (let turn = 0; turn < 3; turn++) {
      one.outbox.add("r", `one ${turn}`);
      await quiet();
      two.outbox.add("r", `two ${turn}`);
      await quiet();
    }
    one.outbox.resume();
    two.outbox.resume();
    const written = ["one 0", "two 0", "one 1", "two 1", "one 2", "two 2"];
    await eventually(() => expect(stored()).toEqual(written));
    expect(one.sent.map(({ body }) => body)).toEqual(["one 0", "one 1", "one 2"]);
    expect(two.sent.map(({ body }) => body)).toEqual(["two 0", "two 1", "two 2"]);
    await eventually(() => expect([...one.bodies(), ...two.bodies()]).toEqual([]));
  });

  test("show each other's texts as waiting, then as saved", async () => {
    const [one, two] = [new Tab(), new Tab()];
    await quiet();
    one.outbox.add("r", "hello");
    await eventually(() => expect(two.bodies()).toEqual(["hello"]));
    one.outbox.resume();
    await eventually(() => expect(two.events.at(-1)).toMatchObject({ type: "ack", seq: 1 }));
    expect(two.bodies()).toEqual([]);
  });

  test("do not pass a text that the server lets wait", async () => {
    const [one, two] = [new Tab(), new Tab()];
    one.answers = false;
    one.outbox.resume();
    two.outbox.resume();
    one.outbox.add("r", "first");
    await eventually(() => expect(one.sent).toHaveLength(1));
    one.refuse("too_fast", 5);
    two.outbox.add("r", "second");
    await quiet();
    await clock.pass(4_000);
    await quiet();
    expect(two.sent).toEqual([]);
    one.answers = true;
    await clock.pass(1_000);
    await eventually(() => expect(stored()).toEqual(["first", "second"]));
  });

  test("say that the rest waits only while it does, also when the other one sends it", async () => {
    const [one, two] = [new Tab(), new Tab()];
    one.answers = false;
    one.outbox.resume();
    one.outbox.add("r", "first");
    await eventually(() => expect([one.sent, two.bodies()]).toMatchObject([[{ body: "first" }], ["first"]]));
    one.refuse("too_fast", 5);
    expect(one.outbox.slowUntil.value).not.toBeNull();
    two.acknowledge(one.sent[0] as { client_id: string; body: string });
    await eventually(() => expect(one.bodies()).toEqual([]));
    expect(one.outbox.slowUntil.value).toBeNull();
  });

  test("that are closed look no more whether it is their turn", async () => {
    const database = browser.database();
    const [gone, here] = [new Tab(), new Tab("carol", "carol", database)];
    gone.outbox.add("r", "left");
    await eventually(() => expect(here.bodies()).toEqual(["left"]));
    here.outbox.resume();
    await quiet();
    here.close();
    await quiet();
    const run = vi.spyOn(database, "run");
    await clock.pass(10_000);
    expect(run).not.toHaveBeenCalled();
  });

  test("one sends for the other that was closed, after two quiet seconds", async () => {
    const [gone, here] = [new Tab(), new Tab()];
    gone.answers = false;
    gone.outbox.resume();
    gone.outbox.add("r", "left");
    gone.outbox.add("r", "behind");
    await quiet();
    gone.channel.close();
    gone.outbox.close();
    here.outbox.resume();
    here.outbox.add("r", "mine");
    await quiet();
    await clock.pass(1_999);
    await quiet();
    expect(log).toEqual([]);
    await clock.pass(1);
    await eventually(() => expect(stored()).toEqual(["left", "behind", "mine"]));
  });

  test("one sends at once for the other that says it is cut off", async () => {
    const [cutOff, here] = [new Tab(), new Tab()];
    here.outbox.resume();
    cutOff.outbox.add("r", "hello");
    await eventually(() => expect(stored()).toEqual(["hello"]));
    expect(here.sent).toHaveLength(1);
  });

  test("that come back one after the other send what each wrote", async () => {
    const [one, two] = [new Tab(), new Tab()];
    one.outbox.add("r", "of one");
    await eventually(() => expect(two.bodies()).toEqual(["of one"]));
    two.outbox.resume();
    await quiet();
    one.outbox.resume();
    await eventually(() => expect(stored()).toEqual(["of one"]));
    expect(two.sent).toEqual([]);
  });

  test("keep their order also when one has not heard what the other wrote before", async () => {
    browser.cut = true;
    const [one, two] = [new Tab(), new Tab()];
    two.outbox.resume();
    await quiet();
    one.outbox.add("r", "first");
    await quiet();
    two.outbox.add("r", "second");
    await quiet();
    expect(log).toEqual([]);
    await clock.pass(2_000);
    await eventually(() => expect(stored()).toEqual(["first", "second"]));
  });

  test("that send the same text harm nobody", async () => {
    const [frozen, here] = [new Tab(), new Tab()];
    frozen.answers = false;
    frozen.outbox.resume();
    here.outbox.resume();
    frozen.outbox.add("r", "hello");
    await eventually(() => expect(frozen.sent).toHaveLength(1));
    await quiet();
    await clock.pass(2_000);
    await eventually(() => expect(here.sent).toHaveLength(1));
    frozen.acknowledge(frozen.sent[0] ?? { client_id: "", body: "" });
    frozen.answers = true;
    frozen.outbox.add("r", "next");
    await eventually(() => expect(stored()).toEqual(["hello", "next"]));
  });

  test("that hear nothing of each other come to the same end", async () => {
    browser.cut = true;
    const [one, two] = [new Tab(), new Tab()];
    one.outbox.resume();
    two.outbox.resume();
    for (let turn = 0; turn < 3; turn++) {
      one.outbox.add("r", `one ${turn}`);
      two.outbox.add("r", `two ${turn}`);
    }
    for (let turn = 0; turn < 6; turn++) {
      await quiet();
      await clock.pass(2_000);
    }
    await eventually(() => expect(stored()).toHaveLength(6));
    for (const name of ["one", "two"]) {
      expect(stored().filter((body) => body.startsWith(name))).toEqual([`${name} 0`, `${name} 1`, `${name} 2`]);
    }
    one.outbox.look();
    two.outbox.look();
    await eventually(() => expect([...one.bodies(), ...two.bodies()]).toEqual([]));
  });

  test("take over once what an older version left", async () => {
    const storage = memoryStore();
    const left = { client_id: "x", room: "r", kind: "text", body: "left", at: 1, state: "queued" };
    storage.set("outbox:x", JSON.stringify(left));
    const [one, two] = [new Tab(""), new Tab("")];
    for (const { outbox } of [one, two]) outbox.own("carol", "carol", formerOutbox(storage, "outbox:"));
    await eventually(() => expect(storage.keys("outbox:")).toEqual([]));
    one.outbox.resume();
    await quiet();
    await clock.pass(2_000);
    await eventually(() => expect(stored()).toEqual(["left"]));
    await eventually(() => expect(two.bodies()).toEqual([]));
  });
});
