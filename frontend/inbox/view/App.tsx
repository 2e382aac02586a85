import { strings } from "../strings";
import type { Page } from "./Account";
import { ConnectionStatus, Stopped } from "./Connection";
import { useInbox } from "./context";
import { OpenTabs } from "./OpenTabs";
import { NoRoom } from "./Placeholder";
import { RoomList } from "./RoomList";
import { ShortcutSheet } from "./ShortcutSheet";
import { Side } from "./Side";
import { Thread } from "./Thread";
import { useShortcuts } from "./useShortcuts";

export function App({ page }: { page: Page }) {
  const inbox = useInbox();
  useShortcuts(inbox);
  if (inbox.socket.state.value === "stopped") return <Stopped />;
  const { room } = inbox.route.value;
  return (
    <div class="inbox" data-pane={room === null ? "list" : "thread"}>
      <Side page={page} />
      <main class="work">
        <h1 class="hidden">{strings.inbox}</h1>
        <RoomList />
        <div class="thread-pane">
          <OpenTabs />
          {room === null ? <NoRoom /> : <Thread key={room} room={room} />}
        </div>
      </main>
      <ConnectionStatus />
      <Announcements />
      <ShortcutSheet />
    </div>
  );
}

function Announcements() {
  return (
    <div class="hidden" role="status">
      {useInbox().announcer.text.value}
    </div>
  );
}
