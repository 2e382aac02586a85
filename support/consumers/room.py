"""RoomConsumer: what a customer's and an agent's connection do with rooms."""

import logging

from asgiref.sync import sync_to_async

from support import broadcast, limits, queries
from support.attendance import attendance
from support.consumers.connection import Connection
from support.models import Message
from support.protocol import client, server
from support.protocol.entities import Person
from support.receipts import receipts
from support.summaries import announce
from support.threads import answer_by
from support.wire import RoomRef, milliseconds, person, seq_for

logger = logging.getLogger(__name__)


class RoomConsumer(Connection):
    """A connection that may have several rooms open."""

    async def on_sync(self, frame: client.Sync) -> None:
        room = await self.room(frame.room)
        followed = await self.follow(room)
        entries, head = await sync_to_async(queries.entries_after)(self.actor, room, frame.after)
        if head - frame.after > limits.SYNC_ENTRIES or frame.after > head:
            await self.send_snapshot(room)
            return
        after, sent = frame.after, 0
        while True:
            after = entries[-1].seq if entries else head
            sent += len(entries)
            more = after < head and sent < limits.SYNC_ENTRIES
            page = server.Entries(type="entries", room=frame.room, entries=entries, head=head, more=more)
            await self.outlet.page(page)
            # It may have been left, or taken away, while the client was waited for.
            if not more or (followed and frame.room not in self.rooms):
                return
            # How long the client took for a page is not the database's fault.
            with answer_by(None):
                entries, head = await sync_to_async(queries.entries_after)(self.actor, room, after)

    async def on_history(self, frame: client.History) -> None:
        room = await self.room(frame.room)
        entries = await sync_to_async(queries.entries_before)(self.actor, room, frame.before)
        await self.outlet.page(server.HistoryPage(type="history", room=frame.room, entries=entries))

    async def on_typing(self, frame: client.Typing) -> None:
        broadcast.typing(await self.room(frame.room), person(self.actor), frame.on)

    async def on_seen(self, frame: client.Seen) -> None:
        receipts().touch(self.actor, await self.room(frame.room), seen=frame.seq)

    async def on_delivered(self, frame: client.Delivered) -> None:
        """Reports of rooms that are not, or no longer, this actor's count for nothing."""
        others = frame.marks.keys() - self.rooms.keys()
        found = await sync_to_async(queries.find_rooms)(self.actor, others) if others else {}
        for name, room in {**found, **self.rooms}.items():
            if name in frame.marks:
                receipts().touch(self.actor, room, delivered=frame.marks[name])

    async def acknowledge(self, room: RoomRef, client_id: str, entries: list[Message]) -> None:
        """Tell the author that the last of these entries is committed, then tell everybody of all of them.

        What goes wrong after the ack is nothing to the author: heartbeats make up for it.
        """
        entry = entries[-1]
        seq = seq_for(entry, self.audience) or 0
        name = room.name_for(self.audience)
        ack = server.Ack(type="ack", client_id=client_id, room=name, seq=seq, at=milliseconds(entry.created_at))
        await self.outlet.frame(ack)
        try:
            await self.tell(room, entries)
        except Exception:
            logger.exception("entries committed, but not announced")

    async def tell(self, room: RoomRef, entries: list[Message]) -> None:
        announce(room, entries)

    async def room(self, name: str) -> RoomRef:
        """The room by the name this actor uses; raises Refused(no_such_room) for absent and foreign ones alike."""
        return self.rooms.get(name) or await sync_to_async(queries.find_room)(self.actor, name)

    async def follow(self, room: RoomRef) -> bool:
        """Join the room's feed, before its snapshot is read: overlap is harmless, a gap is not.

        False when as many rooms as one connection may have are open already.
        """
        name = room.name_for(self.audience)
        if name in self.rooms:
            return True
        if len(self.rooms) >= limits.OPEN_ROOMS:
            return False
        await self.join(broadcast.room_feed(room.id, self.audience))
        self.rooms[name] = room
        await attendance().enter_room(self.actor, room, self.connection)
        return True

    async def send_snapshot(self, room: RoomRef) -> None:
        snapshot = await sync_to_async(queries.snapshot)(self.actor, room, await self.others_in(room))
        await self.outlet.page(server.Snapshot(type="snapshot", snapshot=snapshot))

    async def others_in(self, room: RoomRef) -> list[Person]:
        return await attendance().in_room(room, self.actor, self.freshness.stale)
