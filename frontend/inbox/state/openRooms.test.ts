import { beforeEach, describe, expect, it } from "vitest";
import type { AgentFrame } from "../../shared/protocol";
import { Rooms } from "../../shared/rooms";
import { TestClock } from "../../shared/testing/clock";
import { OpenRooms } from "./openRooms";

let clock: TestClock;
let sent: string[];
let rooms: Rooms;
let open: OpenRooms;

beforeEach(() => {
  clock = new TestClock();
  sent = [];
  rooms = new Rooms({ send: () => {}, clock });
  const send = (frame: AgentFrame) => sent.push(`${frame.type} ${"room" in frame ? frame.room : ""}`) > 0;
  open = new OpenRooms(rooms, send, clock);
});

describe("open rooms", () => {
  it("are followed on the server once, however often they are looked at", () => {
    open.connected();
    open.open("1");
    open.open("2");
    open.open("1");
    expect(sent).toEqual(["room.open 1", "room.open 2"]);
    expect(open.tabs.value.order).toEqual(["1", "2"]);
  });

  it("are asked for again after a reconnect, what was looked at last first", () => {
    open.connected();
    for (const room of ["1", "2", "1"]) open.open(room);
    open.disconnected();
    sent = [];
    open.connected();
    expect(sent).toEqual(["room.open 1", "room.open 2"]);
  });

  it("wait for the connection", () => {
    open.open("1");
    expect(sent).toEqual([]);
    open.connected();
    expect(sent).toEqual(["room.open 1"]);
  });

  it("make room for the twenty-first by closing the one not looked at for longest", () => {
    open.connected();
    for (let room = 1; room <= 20; room++) open.open(String(room));
    open.open("1");
    open.open("21");
    expect(sent.at(-2)).toBe("room.close 2");
    expect(rooms.get("2")).toBeUndefined();
    expect(open.tabs.value.order).toHaveLength(20);
  });

  it("are asked for again when no answer comes, and not after it came", async () => {
    open.connected();
    open.open("1");
    open.open("2");
    open.answered("1");
    await clock.pass(6_000);
    expect(sent).toEqual(["room.open 1", "room.open 2", "room.open 2"]);
  });

  it("come back after a reload around what the address opened, and go without a word when they are gone", () => {
    open.open("2");
    open.restore({ order: ["1", "2", "3"], used: ["3", "2", "1"] });
    expect(open.tabs.value).toEqual({ order: ["1", "2", "3"], used: ["3", "1", "2"] });
    open.connected();
    expect(sent).toEqual(["room.open 2", "room.open 1", "room.open 3"]);
    open.answered("2");
    open.refused("no_such_room");
    expect(open.tabs.value.order).toEqual(["2", "3"]);
    expect(open.missing.value.size).toBe(0);
  });

  it("say that they are missing when they are looked at before the answer", () => {
    open.restore({ order: ["1"], used: ["1"] });
    open.connected();
    open.open("1");
    open.refused("no_such_room");
    expect([...open.missing.value]).toEqual(["1"]);
  });

  it("are missing when the server does not know them, in the order of asking", () => {
    open.connected();
    open.open("1");
    open.open("2");
    open.answered("1");
    open.refused("no_such_room");
    expect([...open.missing.value]).toEqual(["2"]);
    open.close("2");
    expect([...open.missing.value]).toEqual([]);
  });
});
