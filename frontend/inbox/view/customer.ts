import type { Person } from "../../shared/protocol";
import type { Timeline } from "../../shared/timeline";
import type { Inbox } from "../state/inbox";

const UNKNOWN: Person = { ref: "", name: "" };

/** The customer of an open room: the list knows; for a room that was opened by its address, its entries do. */
export function customerOf(inbox: Inbox, room: string, timeline: Timeline | undefined): Person {
  const line = inbox.book.line(room);
  if (line !== undefined) return line.summary.customer;
  const people = [...(timeline?.present ?? []), ...(timeline?.entries.map(({ author }) => author) ?? [])];
  return people.find(({ ref }) => ref.startsWith("customer:")) ?? UNKNOWN;
}
