import type { Person } from "../../shared/protocol";
import { initialsOf } from "../../shared/text";

/** Somebody's initials in a circle. */
export function Face({ who }: { who: Person }) {
  return (
    <span class="face" aria-hidden="true">
      {initialsOf(who.name)}
    </span>
  );
}
