"""CustomerConsumer: a widget's connection, with the customer's own rooms."""

from typing import Any

from asgiref.sync import sync_to_async

from support import actions, broadcast, limits, queries
from support.attendance import attendance, customers_topic
from support.consumers.room import RoomConsumer
from support.epoch import epoch
from support.models import Message, Site
from support.protocol import client, server
from support.protocol.codes import CloseCode, ErrorCode, Refused
from support.pulse import News
from support.queries import ROOM_KEY
from support.wire import Audience, RoomRef, now_ms, person, site_card


class CustomerConsumer(RoomConsumer):
    frames = client.CUSTOMER_FRAMES

    async def on_hello(self, frame: client.Hello) -> None:
        await self._settle()

    async def refresh(self) -> None:
        await self._settle()

    async def _settle(self) -> None:
        """Join every feed first, then read: what is committed in between arrives twice, never not at all."""
        site_id = self.actor.site_id
        site = await Site.objects.filter(pk=site_id, active=True).afirst()
        if site is None:
            await self.outlet.close(CloseCode.NOT_ALLOWED)
            return
        await self.join(broadcast.reader_feed(self.actor.ref))
        await self.join(broadcast.site_feed(site_id, Audience.PUBLIC))
        await attendance().leases.hold(customers_topic(site_id), self.actor.ref, self.connection)
        newest = await sync_to_async(queries.newest_rooms)(self.actor)
        for room in newest:
            await self.follow(room)
        self.epoch = await sync_to_async(epoch)()
        size = limits.PAGE_BYTES // max(len(newest), 1)
        snapshots = [
            await sync_to_async(queries.snapshot)(self.actor, room, await self.others_in(room), size) for room in newest
        ]
        welcome = server.CustomerWelcome(
            type="welcome",
            you=person(self.actor),
            site=site_card(site),
            online=await attendance().agents_online(site_id, self.freshness.stale),
            rooms=snapshots,
            epoch=self.epoch,
            at=now_ms(),
        )
        await self.outlet.page(welcome)
        self.greeted = True
        for room in [room for room in self.rooms.values() if room not in newest]:
            await self.send_snapshot(room)

    async def on_message_send(self, frame: client.MessageSend) -> None:
        self.throttle.message()
        try:
            room = await self.room(frame.room)
        except Refused:
            await self._open_with(frame)
            return
        entries = await actions.post(self.actor, room, frame.body, frame.client_id)
        await self.acknowledge(room, frame.client_id, entries)

    async def tell(self, room: RoomRef, entries: list[Message]) -> None:
        """A customer hears of every room they write in."""
        await self.follow(room)
        await super().tell(room, entries)

    async def feed_room(self, event: dict[str, Any]) -> None:
        """Another tab made a room: follow it here, too."""
        await self._discover(RoomRef(*event["room"]))

    async def heard(self, news: News) -> None:
        """A room that another tab made when the hint of it was lost, and a reply in one that is not open here."""
        for room in news.active.get(self.actor.id, ()):
            await self._discover(room)

    async def _discover(self, room: RoomRef) -> None:
        if room.key not in self.rooms and await self.follow(room):
            await self.send_snapshot(room)

    async def _open_with(self, frame: client.MessageSend) -> None:
        if not ROOM_KEY.fullmatch(frame.room):
            raise Refused(ErrorCode.NO_SUCH_ROOM)
        room, entries = await actions.open_room(self.actor, frame.room, frame.body, frame.client_id)
        await self.acknowledge(room, frame.client_id, entries)
        broadcast.room_opened(room)
