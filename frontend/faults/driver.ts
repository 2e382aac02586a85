// Many real clients in one process, for tests of faults: told what to do by JSON lines on stdin, it says on stdout what
// each of them sends, hears and shows.
import "./globals";
import { createInterface } from "node:readline";
import { AgentTab } from "./agent";
import { Browser, Tab } from "./browser";
import { CustomerTab } from "./customer";
import { dice, type Load, Writers } from "./load";
import { logOf, monotonic, write } from "./log";
import type { Member, Part } from "./member";
import { Tap } from "./tap";

type Command =
  | { do: "start"; parts: Part[]; seconds?: number }
  | { do: "open"; rooms: Record<string, string[]> }
  | ({ do: "load"; ids?: string[] } & Load)
  | { do: "quiet" }
  | { do: "say"; ids: string[] }
  | { do: "stop" | "vanish" | "stall" | "drain" | "wake" | "look"; ids: string[] }
  | { do: "state"; tag: number; ids?: string[]; brief?: boolean };

const browsers = new Map<string, Browser>();
const members = new Map<string, Member>();
const writers = new Writers();
const random = dice("driver");

for await (const line of createInterface({ input: process.stdin })) obey(JSON.parse(line) as Command);
process.exit(0);

function obey(command: Command): void {
  switch (command.do) {
    case "start":
      command.parts.forEach((part, index) => {
        setTimeout(() => enter(part), ((command.seconds ?? 0) * 1000 * index) / command.parts.length);
      });
      break;
    case "open":
      for (const [id, rooms] of Object.entries(command.rooms)) {
        for (const member of named([id])) for (const room of rooms) member.tab.run(() => member.open(room));
      }
      break;
    case "load":
      writers.start(named(command.ids), command);
      break;
    case "quiet":
      writers.stop();
      break;
    case "say":
      for (const member of named(command.ids)) writers.write(member, random);
      break;
    case "state":
      write([
        "state",
        command.tag,
        Object.fromEntries(named(command.ids).map((member) => [member.id, told(member, command.brief)])),
      ]);
      break;
    default:
      for (const member of named(command.ids)) member.tab.run(() => act(member, command.do));
  }
}

function enter(part: Part): void {
  const browser = browsers.get(part.browser) ?? new Browser(part.origin, part.cookie ?? "");
  browsers.set(part.browser, browser);
  const tab = new Tab(browser, part.kind === "agent" ? `${part.server}/inbox/` : `${part.origin}/`);
  const log = logOf(part.id);
  const tap = new Tap(log, monotonic);
  tab.run(() => {
    const Kind = part.kind === "agent" ? AgentTab : CustomerTab;
    const member = new Kind(part.id, tab, tap, log, part);
    members.set(part.id, member);
    member.start();
  });
}

function act(member: Member, what: "stop" | "vanish" | "stall" | "drain" | "wake" | "look"): void {
  const { socket } = member.tap;
  if (what === "wake") member.wake();
  else if (what === "look") member.look();
  else if (what === "stall") socket?.pause();
  else if (what === "drain") socket?.resume();
  else {
    // A closed tab says good-bye, to the server and to the other tabs; a crashed one does not.
    if (what === "vanish") {
      socket?.terminate();
      member.tab.abort.abort();
    }
    member.stop();
    member.tab.abort.abort();
    members.delete(member.id);
  }
}

// In brief: enough to see whether everybody is level.
function told(member: Member, brief = false): unknown {
  const state = member.tab.run(() => member.state());
  if (!brief) return state;
  const heads = Object.fromEntries(Object.entries(state.rooms).map(([room, { head }]) => [room, head]));
  return {
    state: state.state,
    stopReason: state.stopReason,
    waiting: state.outbox.length,
    heads,
    online: state.online,
  };
}

function named(ids?: string[]): Member[] {
  return ids ? ids.flatMap((id) => members.get(id) ?? []) : [...members.values()];
}
