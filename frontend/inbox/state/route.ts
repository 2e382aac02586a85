import { VIEWS, type View } from "./views";

/** Where the inbox is, as its address says: a view, and perhaps a conversation in it. */
export interface Route {
  readonly view: View;
  readonly room: string | null;
}

export const HOME: Route = { view: "unassigned", room: null };

/** Reads `#/mine/12`; anything else is the home view. */
export function parseRoute(hash: string): Route {
  const [, view, room] = /^#\/([a-z]+)(?:\/(\d{1,18}))?$/.exec(hash) ?? [];
  const known = VIEWS.find((each) => each === view);
  return known === undefined ? HOME : { view: known, room: room ?? null };
}

export function addressOf(route: Route): string {
  return route.room === null ? `#/${route.view}` : `#/${route.view}/${route.room}`;
}
