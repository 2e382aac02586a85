import type { Entry, Person } from "./protocol";
import { sameDay } from "./time";
import type { Pending } from "./timeline";

/** What one person said in a row: of one kind, on one day, each within two minutes of the one before. */
export interface Group {
  /** Stays the same while a text of ours turns from pending into an entry. */
  readonly key: string;
  readonly kind: Entry["kind"];
  readonly author: Person;
  readonly items: readonly (Entry | Pending)[];
}

const TOGETHER_MS = 2 * 60_000;

export function isPending(item: Entry | Pending): item is Pending {
  return "state" in item;
}

/**
 * The entries, then what is pending of `me`, in groups. A new group begins at `splitAt`, where a line is to be drawn.
 * Groups that are as they were `before` are the same objects, so that their rendering can be skipped.
 */
export function groupsOf(
  entries: readonly Entry[],
  pending: readonly Pending[],
  me: Person,
  { splitAt = 0, before = [] }: { splitAt?: number; before?: readonly Group[] } = {},
): Group[] {
  const groups: (Group & { items: (Entry | Pending)[] })[] = [];
  for (const item of [...entries, ...pending]) {
    const author = isPending(item) ? me : item.author;
    const last = groups.at(-1);
    const isNew = !isPending(item) && item.seq === splitAt;
    if (last !== undefined && !isNew && continues(last, item, author)) last.items.push(item);
    else groups.push({ key: `${author.ref} ${item.client_id}`, kind: item.kind, author, items: [item] });
  }
  const known = new Map(before.map((group) => [group.key, group]));
  return groups.map((group) => {
    const same = known.get(group.key);
    return same !== undefined && sameItems(same.items, group.items) ? same : group;
  });
}

function continues(group: Group, item: Entry | Pending, author: Person): boolean {
  const previous = group.items.at(-1);
  if (previous === undefined || (item.kind !== "text" && item.kind !== "note")) return false;
  return (
    group.kind === item.kind &&
    group.author.ref === author.ref &&
    item.at - previous.at < TOGETHER_MS &&
    sameDay(previous.at, item.at)
  );
}

function sameItems(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}
