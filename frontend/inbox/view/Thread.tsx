import { Composer } from "./Composer";
import { useInbox } from "./context";
import { customerOf } from "./customer";
import { Log } from "./Log";
import { MissingRoom } from "./Placeholder";
import { LogSkeleton } from "./Skeleton";
import { ThreadHead } from "./ThreadHead";
import { ThreadStatus } from "./ThreadStatus";
import { VerbNotice } from "./VerbNotice";

/** The third pane: one conversation. */
export function Thread({ room }: { room: string }) {
  const inbox = useInbox();
  const timeline = inbox.rooms.get(room)?.value;
  if (inbox.open.missing.value.has(room)) return <MissingRoom />;
  const customer = customerOf(inbox, room, timeline);
  return (
    <article class="thread" aria-labelledby="thread-name">
      <ThreadHead room={room} timeline={timeline} customer={customer} />
      <VerbNotice room={room} />
      {timeline?.loaded ? <Log timeline={timeline} customer={customer} /> : <LogSkeleton />}
      <ThreadStatus timeline={timeline} />
      <Composer room={room} timeline={timeline} customer={customer} />
    </article>
  );
}
