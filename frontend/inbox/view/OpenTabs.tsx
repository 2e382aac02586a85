import { useEffect, useRef } from "preact/hooks";
import { nameOf } from "../state/names";
import { unreadOf } from "../state/roomBook";
import { addressOf } from "../state/route";
import { strings } from "../strings";
import { useInbox } from "./context";
import { customerOf } from "./customer";
import { Icon } from "./Icon";

/** The conversations that are open, to switch between. One alone needs no strip. */
export function OpenTabs() {
  const { open, route } = useInbox();
  const rooms = open.tabs.value.order;
  const current = route.value.room;
  const strip = useRef<HTMLElement>(null);
  useEffect(() => {
    strip.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [current]);
  if (rooms.length < 2) return null;
  return (
    <nav class="tabs" aria-label={strings.openRooms} ref={strip} onWheel={scrollSideways}>
      <ul>
        {rooms.map((room) => (
          <OpenTab key={room} room={room} isCurrent={room === current} />
        ))}
      </ul>
    </nav>
  );
}

// A mouse's wheel turns one way only.
function scrollSideways(event: WheelEvent & { readonly currentTarget: HTMLElement }): void {
  if (event.deltaX !== 0) return;
  const forward = getComputedStyle(event.currentTarget).direction === "rtl" ? -1 : 1;
  event.currentTarget.scrollBy({ left: event.deltaY * forward });
}

function OpenTab({ room, isCurrent }: { room: string; isCurrent: boolean }) {
  const inbox = useInbox();
  const line = inbox.book.line(room);
  const customer = customerOf(inbox, room, inbox.rooms.get(room)?.value);
  const name = customer.ref === "" ? strings.conversation(room) : nameOf(customer);
  const unread = line === undefined || isCurrent ? 0 : unreadOf(line);
  return (
    <li class="tab">
      <a
        href={addressOf({ view: inbox.route.value.view, room })}
        aria-current={isCurrent ? "true" : undefined}
        title={name}
      >
        {unread > 0 && (
          <span class="tab-news">
            <span class="hidden">{strings.unread(unread)}</span>
          </span>
        )}
        <bdi>{name}</bdi>
      </a>
      <button type="button" class="tab-close" aria-label={strings.closeRoom(name)} onClick={() => inbox.close(room)}>
        <Icon name="close" />
      </button>
    </li>
  );
}
