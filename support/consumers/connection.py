"""Connection: what every socket does, whoever speaks: frames in through the gate, frames out, heartbeats, clean-up."""

import asyncio
import logging
from time import monotonic
from typing import Any, ClassVar, NamedTuple, TypeVar
from uuid import uuid4

from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer
from django.db import InterfaceError, OperationalError
from pydantic import TypeAdapter
from redis.exceptions import RedisError

from accounts.actor import Actor
from support import limits
from support.attendance import attendance
from support.consumers.freshness import Freshness
from support.consumers.intake import Intake
from support.consumers.outlet import Outlet
from support.permissions import require
from support.protocol import client, server
from support.protocol.codes import CloseCode, ErrorCode, Refused
from support.protocol.entities import Mark, Receipt
from support.protocol.fields import Frame
from support.pulse import News, pulse
from support.rights import Rights
from support.stale_feeds import EVERYBODY
from support.threads import answer_by, database_threads
from support.throttle import Throttle
from support.wire import Audience, RoomRef, now_ms

logger = logging.getLogger(__name__)

_T = TypeVar("_T")


class Told(NamedTuple):
    """What heartbeats have said of each room."""

    receipts: dict[str, Receipt]
    marks: dict[str, Mark]


class Connection(AsyncConsumer):
    """One socket.

    Whatever a client sends is answered by a frame or a documented close: no exception leaves a handler, as Channels
    would drop the consumer without cleaning up. Clean-up runs however the connection ends. `rooms` holds only what a
    scoped lookup gave out; nothing about presence is kept here.
    """

    frames: ClassVar[TypeAdapter[Any]]
    actor: Actor
    rooms: dict[str, RoomRef]
    # Ours (support.layer): it forgets channels, which Channels' own cannot.
    channel_layer: Any

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.actor = scope["actor"]
        self.accept_subprotocol: str | None = scope["accept_subprotocol"]
        self.audience = Audience.of(self.actor)
        self.connection = uuid4().hex
        self.rooms = {}
        self.throttle = Throttle()
        # What ends a connection from here is the end of its task; clean-up runs as for any other end.
        self.outlet = Outlet(send, self._end, scope.get("porchlight.abort", _nothing))
        self.freshness = Freshness(lambda event: self.channel_layer.post(self.channel_name, event))
        intake = Intake(receive, self.frames, self.throttle, self._seen, self._flooded, self.outlet.gone)
        reading = asyncio.create_task(intake.run(), name="intake")
        self._task = asyncio.current_task()
        self._ended = False
        self.level: dict[str, int] = {}
        self.told = Told({}, {})
        self.epoch = ""
        self.greeted = False
        self.opened_at = self.last_heard = monotonic()
        async with database_threads():
            try:
                await super().__call__(scope, intake.receive, send)
            except asyncio.CancelledError:
                # Whoever cancels a connection wants it to end, and that it does. It is not us: the server stops.
                if not self._ended:
                    self._task = None
                    await self.outlet.close(CloseCode.GOING_AWAY)
            finally:
                # Nothing may cut the clean-up short.
                self._task = None
                reading.cancel()
                await self._clean_up()

    def _end(self) -> None:
        self._ended = True
        if self._task is not None:
            self._task.cancel()

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
        if not await self.outlet.accept(self.accept_subprotocol):
            raise StopConsumer
        pulse().add(self)
        await self.join(EVERYBODY)

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        raise StopConsumer

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        client_id = message["client_id"]
        try:
            if message["refused"]:
                raise message["refused"]
            # A frame that has waited behind others has that much less to wait for the database; a hello has no others.
            is_first = isinstance(message["frame"], client.Hello)
            with answer_by(None if is_first else message["at"] + limits.ANSWER_SECONDS):
                await self._handle(message["frame"])
        except Refused as refused:
            await self._refuse(refused, client_id)
        except (RedisError, OSError, TimeoutError) as error:
            logger.warning("frame not served: %s", type(error).__name__)
            await self.outlet.close(CloseCode.GOING_AWAY)
        except (OperationalError, InterfaceError) as error:
            logger.warning("frame not stored: %s", type(error).__name__)
            await self._refuse(Refused(ErrorCode.UNAVAILABLE, retry_after=1.0), client_id)
        except StopConsumer:
            raise
        except Exception:
            logger.exception("frame failed")
            await self._refuse(Refused(ErrorCode.INTERNAL), client_id)

    def _seen(self, frame: Frame | None) -> None:
        """Called for every frame when it arrives, while an earlier one may still be handled."""
        self.last_heard = monotonic()
        if isinstance(frame, client.Heartbeat):
            self.outlet.answered()
            if self.outlet.behind and not self.outlet.full:
                self.outlet.behind = False
                self.freshness.stale()

    async def _flooded(self) -> None:
        await self.outlet.close(CloseCode.TOO_FAST)

    async def feed_frame(self, event: dict[str, Any]) -> None:
        """A frame that broadcast encoded for everybody."""
        await self.outlet.hint(event["text"])

    async def judge(self, rights: Rights) -> None:
        """Called by the pulse, outside this connection's own events."""
        if ended := rights.ended(self.actor):
            await self.outlet.close(ended)

    def concerned(self, rights: Rights) -> bool:
        """Whether these rights are not the ones this connection works with."""
        return rights.ended(self.actor) is not None

    async def feed_stale(self, event: dict[str, Any]) -> None:
        """Something was missed: the client is to get fresh state, when it has room for it."""
        if self.outlet.full:
            self.outlet.behind = True
        else:
            self.freshness.stale()

    async def feed_refresh(self, event: dict[str, Any]) -> None:
        try:
            if self.outlet.full:
                # Acknowledgements must not wait behind it.
                self.outlet.behind = True
            elif self.greeted:
                await self.refresh()
            # Who says hello later reads everything then.
        except Exception as error:
            logger.warning("fresh state has to wait: %s", type(error).__name__)
            self.freshness.stale()
        finally:
            self.freshness.served()

    async def refresh(self) -> None:
        """Send everything that a client cannot find out by itself, as if it had just come."""

    async def beat(self, news: News) -> None:
        """Called by the pulse, outside this connection's own events."""
        now = monotonic()
        if not self.greeted and now - self.opened_at > limits.HELLO_SECONDS:
            await self.outlet.close(CloseCode.NO_HELLO)
        elif self.outlet.stuck:
            await self.outlet.close(CloseCode.TOO_SLOW)
        elif now - self.last_heard > limits.CLIENT_SILENCE_SECONDS:
            await self.outlet.close(CloseCode.SILENT)
        elif self.greeted and news.epoch not in (None, self.epoch):
            # What this connection and its client remember is of a database that is no more.
            await self.outlet.close(CloseCode.GOING_AWAY)
        elif self.greeted:
            await self.heard(news)
            await self.outlet.frame(self._heartbeat(news))

    def _heartbeat(self, news: News) -> server.ServerHeartbeat:
        known = {name: news.heads[room.id] for name, room in self.rooms.items() if room.id in news.heads}
        heads = {name: both[self.audience] for name, both in known.items()}
        marks = {name: news.marks[room.id] for name, room in self.rooms.items() if room.id in news.marks}
        receipts = {name: reached.of_others[self.audience] for name, reached in marks.items()}
        own = {name: reached.own[self.actor.ref] for name, reached in marks.items() if self.actor.ref in reached.own}
        frame = server.ServerHeartbeat(
            type="heartbeat",
            at=now_ms(),
            heads=_not_in(self.level, heads),
            receipts=_not_in(self.told.receipts, receipts),
            marks=_not_in(self.told.marks, own),
        )
        # What is sent on a connection arrives, or the connection ends: told once is enough.
        self.told = Told(receipts, own)
        return frame

    async def heard(self, news: News) -> None:
        """What a kind of connection makes of the news besides sending heads."""

    async def _handle(self, frame: Frame) -> None:
        if not self.greeted and not isinstance(frame, client.Hello):
            raise Refused(ErrorCode.HELLO_FIRST)
        action: str = frame.type  # type: ignore[attr-defined]  # every frame of a union has one
        require(self.actor, action)
        await getattr(self, "on_" + action.replace(".", "_"))(frame)

    async def on_heartbeat(self, frame: client.Heartbeat) -> None:
        self.level = dict(frame.heads)

    async def join(self, feed: str) -> None:
        """Hear what is published there, or be told later that something was missed; never fails for Redis."""
        await self.channel_layer.group_add(feed, self.channel_name)

    async def leave(self, feed: str) -> None:
        await self.channel_layer.group_discard(feed, self.channel_name)

    async def _refuse(self, refused: Refused, client_id: str | None) -> None:
        if self.throttle.refuse():
            await self.outlet.frame(server.Error.of(refused, client_id))
        else:
            await self.outlet.close(CloseCode.TOO_FAST)

    async def _clean_up(self) -> None:
        pulse().remove(self)
        self.freshness.close()
        self.channel_layer.forget(self.channel_name)
        await attendance().leases.release_all(self.connection)


def _nothing() -> None:
    """What a server that is not one of ours can do to end a connection at once."""


def _not_in(before: dict[str, _T], now: dict[str, _T]) -> dict[str, _T]:
    return {name: value for name, value in now.items() if before.get(name) != value}
