/** The people and conversations that the inbox' tests speak of. */
import type { LastLine, Person, RoomSummary } from "../../shared/protocol";

export const alice: Person = { ref: "agent:1", name: "Alice" };
export const bob: Person = { ref: "agent:2", name: "Bob" };
export const carol: Person = { ref: "customer:c0000000-0000-4000-8000-000000000001", name: "Carol" };

export function line(overrides: Partial<LastLine> = {}): LastLine {
  return { author: carol, text: "Is anybody there", at: 1_000, ...overrides };
}

export function room(name: string, overrides: Partial<RoomSummary> = {}): RoomSummary {
  return {
    room: name,
    site: "shop",
    customer: carol,
    status: "open",
    owner: null,
    last: null,
    waiting_since: null,
    customer_texts: 0,
    head: 1,
    created_at: 1_000,
    ...overrides,
  };
}
