/** The conversations that are open, in the order they were opened, and how recently each was looked at. */
export interface Tabs {
  readonly order: readonly string[];
  /** Least recently looked at first. */
  readonly used: readonly string[];
}

export const NO_TABS: Tabs = { order: [], used: [] };

/** Open or look at a conversation; beyond `most`, the one not looked at for longest is dropped. */
export function opened(tabs: Tabs, room: string, most: number): { tabs: Tabs; dropped: string[] } {
  const used = [...tabs.used.filter((each) => each !== room), room];
  const dropped = used.splice(0, Math.max(0, used.length - most));
  const order = tabs.order.includes(room) ? tabs.order : [...tabs.order, room];
  return { tabs: { order: order.filter((each) => !dropped.includes(each)), used }, dropped };
}

export function closed(tabs: Tabs, room: string): Tabs {
  return { order: tabs.order.filter((each) => each !== room), used: tabs.used.filter((each) => each !== room) };
}
