import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { addressOf } from "../state/route";
import type { View } from "../state/views";
import { strings } from "../strings";
import { ConnectionBanner } from "./Connection";
import { useInbox } from "./context";
import { EmptyList } from "./EmptyList";
import { RoomRow } from "./RoomRow";
import { ListSkeleton } from "./Skeleton";

interface KeptRow {
  readonly view: View;
  readonly isCurrent: boolean;
  readonly row: VNode;
}

/** The second pane: the conversations of the view, who waits longest first. */
export function RoomList() {
  const { route, rows: shown, listing, people } = useInbox();
  const { view, room: current } = route.value;
  const rows = shown.value;
  const ready = listing.ready(view);
  const kept = useRef(new Map<string, KeptRow>());
  const list = useRef<HTMLOListElement>(null);

  const before = useRef(current);
  useEffect(() => {
    const from = before.current;
    before.current = current;
    list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    // Whoever comes back from a conversation goes on where they left the list.
    if (current === null && from !== null && document.activeElement === document.body) {
      list.current?.querySelector<HTMLElement>(`a[href="${addressOf({ view, room: from })}"]`)?.focus();
    }
  }, [current, view]);

  // The same node again tells Preact to skip the row: it renders when its own signals change.
  const rowOf = (room: string): VNode => {
    const isCurrent = room === current;
    const known = kept.current.get(room);
    if (known !== undefined && known.view === view && known.isCurrent === isCurrent) return known.row;
    const row = <RoomRow key={room} room={room} view={view} isCurrent={isCurrent} />;
    kept.current.set(room, { view, isCurrent, row });
    return row;
  };

  return (
    <section class="rooms" aria-labelledby="rooms-title">
      <header class="rooms-head">
        <h2 id="rooms-title">{strings.view[view]}</h2>
        <span class="quiet">{ready ? strings.rooms(listing.counts.value?.[view] ?? rows.length) : ""}</span>
      </header>
      <div class="rooms-scroll" key={view}>
        {rows.length > 0 && (
          <ol class="rows" ref={list}>
            {rows.map(rowOf)}
          </ol>
        )}
        {rows.length === 0 && !ready && <ListSkeleton key={view} />}
        {rows.length === 0 && ready && <EmptyList view={view} sites={people.sites.value} />}
        {ready && listing.hasMore(view) && <MoreRows key={rows.length} />}
      </div>
      <ConnectionBanner />
    </section>
  );
}

/** Asks for the next page when it comes into sight. */
function MoreRows() {
  const { listing } = useInbox();
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (mark.current === null) return;
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && listing.more(),
      { root: mark.current.parentElement, rootMargin: "600px" },
    );
    observer.observe(mark.current);
    return () => observer.disconnect();
  }, [listing]);
  return (
    <div class="rows-more quiet" ref={mark}>
      {strings.loadingMore}
    </div>
  );
}
