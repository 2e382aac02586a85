import { strings } from "../strings";
import { nameOf } from "./names";
import type { Move } from "./roomBook";
import { belongs } from "./views";

/** What to tell an agent who cannot see the screen: new words of a customer that are theirs to answer, or nobody's. */
export function newsOf({ before, after }: Move, me: string, shown: string | null): string | null {
  const isNew = before === null ? after.head === 1 : after.customer_texts > before.customer_texts;
  const concerns = belongs(after, "mine", me) || belongs(after, "unassigned", me);
  if (!isNew || !concerns || after.last?.author.ref !== after.customer.ref) return null;
  const name = nameOf(after.customer);
  return after.room === shown ? strings.said(name, after.last.text) : strings.newFrom(name);
}
