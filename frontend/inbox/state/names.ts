import type { Person } from "../../shared/protocol";
import { cleanName } from "../../shared/text";
import { strings } from "../strings";

/** What to call somebody; anonymous customers are told apart by the beginning of their id. */
export function nameOf(person: Person): string {
  const name = cleanName(person.name);
  if (name !== "") return name;
  const [kind, id = ""] = person.ref.split(":");
  return kind === "customer" ? strings.visitor(id.slice(0, 4)) : strings.somebody;
}

export function isCustomer(ref: string): boolean {
  return ref.startsWith("customer:");
}
