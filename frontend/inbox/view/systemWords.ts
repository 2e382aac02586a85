import type { Entry, Person } from "../../shared/protocol";
import { nameOf } from "../state/names";
import { strings } from "../strings";

/** What an entry that nobody wrote says: a change of owner or status. */
export function wordsOf(entry: Entry): string {
  const name = nameOf(entry.author);
  if (entry.kind === "assignment") {
    const owner = entry.data.owner as Person | null;
    if (owner === null) return strings.putBack(name);
    return owner.ref === entry.author.ref ? strings.tookThis(name) : strings.gaveThis(name, nameOf(owner));
  }
  if (entry.data.status === "resolved") return strings.resolvedBy(name);
  return entry.author.ref.startsWith("customer:") ? strings.wroteAgain(name) : strings.reopenedBy(name);
}
