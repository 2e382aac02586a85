import { computed, type ReadonlySignal } from "@preact/signals";
import type { RoomBook } from "./roomBook";
import type { Route } from "./route";

/**
 * The rows of the view. The conversation that is being looked at keeps its place there when it is claimed or resolved,
 * until another one or another view is chosen: nothing goes away under the agent's eyes.
 */
export function shownRows(route: ReadonlySignal<Route>, book: RoomBook): ReadonlySignal<readonly string[]> {
  let held: Route & { at: number } = { ...route.peek(), at: -1 };
  return computed(() => {
    const { view, room } = route.value;
    const rows = book.rows[view].value;
    const at = room === null ? -1 : rows.indexOf(room);
    if (at >= 0 || held.view !== view || held.room !== room) held = { view, room, at };
    if (room === null || at >= 0 || held.at < 0) return rows;
    return [...rows.slice(0, held.at), room, ...rows.slice(held.at)];
  });
}
