import type { Person } from "../../shared/protocol";
import { nameOf } from "../state/names";

/** Somebody's name, in its own direction whatever surrounds it. */
export function Name({ of }: { of: Person }) {
  return <bdi>{nameOf(of)}</bdi>;
}
