"""RoomConsumer: what a customer's and an agent's connection have in common."""

import asyncio
import logging
from time import monotonic
from typing import Any, ClassVar
from uuid import uuid4

from asgiref.sync import sync_to_async
from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer
from django.db import DatabaseError
from pydantic import TypeAdapter
from redis.exceptions import RedisError

from accounts.actor import Actor
from support import actions, broadcast, limits, queries
from support.attendance import attendance
from support.consumers.outlet import Outlet
from support.models import Message
from support.protocol import client, server
from support.protocol.codes import CloseCode, ErrorCode, Refused
from support.protocol.fields import Frame
from support.protocol.gate import client_id_of, decode, read_json
from support.pulse import Heads, pulse
from support.summaries import summaries
from support.threads import database_threads
from support.throttle import Throttle
from support.wire import Audience, RoomRef, milliseconds, now_ms, person, seq_for

logger = logging.getLogger(__name__)


class RoomConsumer(AsyncConsumer):
    """One connection that may have several rooms open.

    Whatever a client sends is answered by a frame or a documented close: no exception leaves a handler, as Channels
    would drop the consumer without cleaning up. Clean-up runs however the connection ends. `rooms` holds only what a
    scoped lookup gave out; nothing about presence is kept here.
    """

    frames: ClassVar[TypeAdapter[Any]]
    actor: Actor
    rooms: dict[str, RoomRef]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.actor = scope["actor"]
        self.accept_subprotocol: str | None = scope["accept_subprotocol"]
        self.audience = Audience.of(self.actor)
        self.connection = uuid4().hex
        self.rooms = {}
        self.feeds: set[str] = set()
        self.throttle = Throttle()
        self.outlet = Outlet(send)
        self.level: dict[str, int] = {}
        self.greeted = False
        self.opened_at = self.last_heard = monotonic()
        async with database_threads():
            try:
                await super().__call__(scope, receive, send)
            except (RedisError, OSError, TimeoutError) as error:
                # Without a channel nothing live could be delivered: the client comes back until there is one.
                logger.warning("connection not served: %s", type(error).__name__)
                await self.outlet.close(CloseCode.GOING_AWAY)
            finally:
                await self._clean_up()

    async def dispatch(self, message: dict[str, Any]) -> None:
        # Channels' own dispatch hops through the shared thread before every event; the sockets' threads keep
        # their connections clean themselves.
        try:
            await getattr(self, get_handler_name(message))(message)
        except StopConsumer:
            raise
        except Exception:
            logger.exception("event %s failed", message.get("type"))

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        await self.outlet.accept(self.accept_subprotocol)
        pulse().add(self)

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        raise StopConsumer

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        self.last_heard = monotonic()
        client_id = None
        try:
            text = message.get("text")
            if text is None:
                raise Refused(ErrorCode.BINARY)
            raw = read_json(text)
            client_id = client_id_of(raw)
            self.throttle.frame()
            await self._handle(decode(raw, self.frames))
        except Refused as refused:
            await self._refuse(refused, client_id)
        except (RedisError, OSError, TimeoutError) as error:
            logger.warning("frame not served: %s", type(error).__name__)
            await self.outlet.close(CloseCode.GOING_AWAY)
        except DatabaseError as error:
            logger.warning("frame not stored: %s", type(error).__name__)
            await self._refuse(Refused(ErrorCode.UNAVAILABLE, retry_after=1.0), client_id)
        except StopConsumer:
            raise
        except Exception:
            logger.exception("frame failed")
            await self._refuse(Refused(ErrorCode.INTERNAL), client_id)

    async def feed_frame(self, event: dict[str, Any]) -> None:
        """A frame that broadcast encoded for everybody."""
        await self.outlet.text(event["text"])

    async def beat(self, heads: Heads) -> None:
        """Called by the pulse, outside this connection's own events."""
        now = monotonic()
        if not self.greeted and now - self.opened_at > limits.HELLO_SECONDS:
            await self.outlet.close(CloseCode.NO_HELLO)
        elif now - self.last_heard > limits.CLIENT_SILENCE_SECONDS:
            await self.outlet.close(CloseCode.SILENT)
        elif self.greeted:
            known = {name: heads[room.id][self.audience] for name, room in self.rooms.items() if room.id in heads}
            ahead = {name: head for name, head in known.items() if self.level.get(name) != head}
            await self.outlet.frame(server.ServerHeartbeat(type="heartbeat", at=now_ms(), heads=ahead))

    async def _handle(self, frame: Frame) -> None:
        if not self.greeted and not isinstance(frame, client.Hello):
            raise Refused(ErrorCode.HELLO_FIRST)
        # The discriminator was checked against the frames this kind of connection may send.
        await getattr(self, "on_" + frame.type.replace(".", "_"))(frame)  # type: ignore[attr-defined]

    async def on_heartbeat(self, frame: client.Heartbeat) -> None:
        self.level = dict(frame.heads)

    async def on_sync(self, frame: client.Sync) -> None:
        room = await self.room(frame.room)
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
            await self.outlet.frame(page)
            if not more:
                return
            entries, head = await sync_to_async(queries.entries_after)(self.actor, room, after)

    async def on_history(self, frame: client.History) -> None:
        room = await self.room(frame.room)
        entries = await sync_to_async(queries.entries_before)(self.actor, room, frame.before)
        await self.outlet.frame(server.HistoryPage(type="history", room=frame.room, entries=entries))

    async def on_typing(self, frame: client.Typing) -> None:
        await broadcast.typing(await self.room(frame.room), person(self.actor), frame.on)

    async def on_seen(self, frame: client.Seen) -> None:
        room = await self.room(frame.room)
        moved = await sync_to_async(actions.mark_seen)(self.actor, room, frame.seq)
        if moved:
            await broadcast.seen(self.actor, room, frame.seq, moved.texts)

    async def acknowledge(self, room: RoomRef, client_id: str, entries: list[Message]) -> None:
        """Tell the author that the last of these entries is committed, then tell everybody of all of them."""
        entry = entries[-1]
        seq = seq_for(entry, self.audience) or 0
        name = room.name_for(self.audience)
        ack = server.Ack(type="ack", client_id=client_id, room=name, seq=seq, at=milliseconds(entry.created_at))
        await self.outlet.frame(ack)
        await broadcast.entries(room, entries)
        summaries().touch(room.id)

    async def room(self, name: str) -> RoomRef:
        """The room by the name this actor uses; raises Refused(no_such_room) for absent and foreign ones alike."""
        return self.rooms.get(name) or await sync_to_async(queries.find_room)(self.actor, name)

    async def follow(self, room: RoomRef) -> None:
        """Join the room's feed. To be called before its snapshot is read: overlap is harmless, a gap is not."""
        await self.join(broadcast.room_feed(room.id, self.audience))
        self.rooms[room.name_for(self.audience)] = room
        await attendance().enter_room(self.actor, room, self.connection)

    async def send_snapshot(self, room: RoomRef) -> None:
        present = await attendance().in_room(room, self.actor)
        snapshot = await sync_to_async(queries.snapshot)(self.actor, room, present)
        await self.outlet.frame(server.Snapshot(type="snapshot", snapshot=snapshot))

    async def join(self, feed: str) -> None:
        if feed not in self.feeds:
            self.feeds.add(feed)
            await self.channel_layer.group_add(feed, self.channel_name)

    async def leave(self, feed: str) -> None:
        if feed in self.feeds:
            self.feeds.discard(feed)
            await self.channel_layer.group_discard(feed, self.channel_name)

    async def _refuse(self, refused: Refused, client_id: str | None) -> None:
        if self.throttle.flooded:
            await self.outlet.close(CloseCode.TOO_FAST)
        else:
            await self.outlet.frame(server.Error.of(refused, client_id))

    async def _clean_up(self) -> None:
        pulse().remove(self)
        try:
            await attendance().leases.release_all(self.connection)
        finally:
            for feed in list(self.feeds):
                try:
                    async with asyncio.timeout(broadcast.PUBLISH_SECONDS):
                        await self.leave(feed)
                except Exception:
                    logger.warning("feed %s not left", feed)
