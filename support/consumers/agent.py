"""AgentConsumer: an inbox' connection, with the sites' feeds and the rooms that are open in it."""

from asyncio import gather
from collections.abc import Callable
from typing import Any, Literal

from asgiref.sync import sync_to_async

from support import actions, broadcast, limits, queries
from support.attendance import attendance
from support.consumers.room import RoomConsumer
from support.epoch import epoch
from support.models import Message
from support.protocol import client, server
from support.protocol.codes import ErrorCode, Refused
from support.protocol.entities import Colleague
from support.rights import Rights
from support.wire import Audience, now_ms, site_card


class AgentConsumer(RoomConsumer):
    frames = client.AGENT_FRAMES
    site_ids: list[int] = []

    async def on_hello(self, frame: client.Hello) -> None:
        """An agent's feeds are per site, so that seeing a thousand rooms costs no more than seeing one."""
        await self.join(broadcast.reader_feed(self.actor.ref))
        self.epoch = await sync_to_async(epoch)()
        if self.actor.kind == "agent":
            await attendance().rest(self.actor, self.connection, idle=False)
        await self._settle()
        self.greeted = True

    async def refresh(self) -> None:
        await self._settle()
        for room in list(self.rooms.values()):
            await self.send_snapshot(room)

    def concerned(self, rights: Rights) -> bool:
        return super().concerned(rights) or (self.greeted and rights.sites_of(self.actor) != frozenset(self.site_ids))

    async def judge(self, rights: Rights) -> None:
        """Another team, another site: what may not be seen any more is left at once, the client told of the rest."""
        await super().judge(rights)
        if rights.ended(self.actor) is None:
            await self._let_go_but(rights.sites_of(self.actor))
            self.freshness.stale()

    async def _settle(self) -> None:
        """Join what the agent may see, leave what not any more, and send the welcome that goes with it."""
        sites = await sync_to_async(queries.sites_of)(self.actor)
        site_ids = [site.pk for site in sites]
        await self._let_go_but(frozenset(site_ids))
        await gather(*(self.join(broadcast.site_feed(site_id, Audience.STAFF)) for site_id in site_ids))
        choice: Literal["online", "away"] = "online"
        if self.actor.kind == "agent":
            choice = await attendance().arrive(self.actor, site_ids, self.connection)
        # Not earlier: what fails before this is found missing again by the next look at rights.
        self.site_ids = site_ids
        colleagues = await attendance().colleagues(site_ids, self.freshness.stale)
        customers = await attendance().customers_online(site_ids, self.freshness.stale)
        welcome = server.AgentWelcome(
            type="welcome",
            you=Colleague(ref=self.actor.ref, name=self.actor.name, state=choice),
            sites=[site_card(site) for site in sites],
            colleagues=colleagues,
            customers_online=customers[: limits.WELCOME_CUSTOMERS],
            epoch=self.epoch,
            at=now_ms(),
        )
        await self.outlet.page(welcome)

    async def _let_go_but(self, allowed: frozenset[int]) -> None:
        for name in [name for name, room in self.rooms.items() if room.site_id not in allowed]:
            await self._close(name)
        for site_id in set(self.site_ids) - allowed:
            await self.leave(broadcast.site_feed(site_id, Audience.STAFF))
            await attendance().depart(self.actor, site_id, self.connection)
        self.site_ids = [site_id for site_id in self.site_ids if site_id in allowed]

    async def on_message_send(self, frame: client.MessageSend) -> None:
        await self._write(frame, Message.Kind.TEXT)

    async def on_note_send(self, frame: client.NoteSend) -> None:
        await self._write(frame, Message.Kind.NOTE)

    async def on_room_open(self, frame: client.RoomOpen) -> None:
        room = await self.room(frame.room)
        if not await self.follow(room):
            raise Refused(ErrorCode.TOO_MANY_ROOMS, limit="open_rooms")
        await self.send_snapshot(room)
        # A room opened by its address may be on no page of the list that the client has.
        for _, summary in await sync_to_async(queries.summaries)([room.id]):
            await self.outlet.frame(server.SummaryChanged(type="summary", summary=summary))

    async def on_room_close(self, frame: client.RoomClose) -> None:
        await self._close(frame.room)

    async def _close(self, name: str) -> None:
        room = self.rooms.pop(name, None)
        if room is not None:
            await self.leave(broadcast.room_feed(room.id, self.audience))
            await attendance().leave_room(self.actor, room, self.connection)

    async def on_room_claim(self, frame: client.RoomClaim) -> None:
        await self._change(frame, actions.claim)

    async def on_room_resolve(self, frame: client.RoomResolve) -> None:
        await self._change(frame, actions.resolve)

    async def on_room_reopen(self, frame: client.RoomReopen) -> None:
        await self._change(frame, actions.reopen)

    async def on_rooms_list(self, frame: client.RoomsList) -> None:
        rooms, following = await sync_to_async(queries.rooms_page)(self.actor, frame.view, frame.cursor)
        page = server.RoomsPage(
            type="rooms",
            view=frame.view,
            rooms=rooms,
            seen_texts=await sync_to_async(queries.seen_texts)(self.actor, [room.room for room in rooms]),
            counts=await sync_to_async(queries.counts)(self.actor),
            present=await attendance().customers_among(self.site_ids, [room.customer.ref for room in rooms]),
            next=following,
        )
        await self.outlet.page(page)

    async def on_availability_set(self, frame: client.AvailabilitySet) -> None:
        await attendance().choose(self.actor, frame.state, self.site_ids)

    async def on_idle(self, frame: client.Idle) -> None:
        await attendance().rest(self.actor, self.connection, idle=frame.on)

    async def _write(self, frame: client.MessageSend | client.NoteSend, kind: Message.Kind) -> None:
        self.throttle.message()
        room = await self.room(frame.room)
        entries = await actions.post(self.actor, room, frame.body, frame.client_id, kind)
        await self.acknowledge(room, frame.client_id, entries)

    async def _change(
        self,
        frame: client.RoomClaim | client.RoomResolve | client.RoomReopen,
        verb: Callable[[Any, int, str], Message],
    ) -> None:
        self.throttle.message()
        room = await self.room(frame.room)
        entry = await sync_to_async(verb)(self.actor, room.id, frame.client_id)
        await self.acknowledge(room, frame.client_id, [entry])
