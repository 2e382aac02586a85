"""The heartbeat of one process: every few seconds some queries for all rooms and people that are connected here."""

import asyncio
import logging
from collections.abc import Awaitable
from datetime import timedelta
from typing import NamedTuple, Protocol, TypeVar

from asgiref.sync import sync_to_async
from django.utils import timezone

from accounts.actor import Actor
from support import limits, queries, rights
from support.epoch import epoch
from support.per_loop import PerLoop
from support.queries import RoomMarks
from support.rights import Rights
from support.threads import database_threads
from support.wire import Audience, RoomRef

_T = TypeVar("_T")

logger = logging.getLogger(__name__)

# A hint that was lost longer ago is made up for by the next welcome.
LATELY = timedelta(minutes=1)


class News(NamedTuple):
    """What the database knows at a beat: both heads of every open room and how far it has reached whom, the connected
    customers' active rooms, and which database it is; None where it could not be read.
    """

    heads: dict[int, dict[Audience, int]]
    marks: dict[int, RoomMarks]
    active: dict[str, list[RoomRef]]
    epoch: str | None


NO_NEWS = News({}, {}, {}, None)


class Connection(Protocol):
    """What the pulse needs of a socket."""

    actor: Actor
    rooms: dict[str, RoomRef]

    def concerned(self, rights: Rights) -> bool:
        """Whether `judge` has anything to do."""

    async def judge(self, rights: Rights) -> None:
        """Close a connection that may not be here any more, and leave what it may not see any more."""

    async def beat(self, news: News) -> None:
        """Send a heartbeat, or close a connection that has gone silent."""


class Pulse:
    """Beats for every connection that was added, until it is removed; ends with the last one.

    Rights are read apart from the rest and more often, and whoever they concern is judged whatever else is going on for
    them, as nobody may go on for more than two seconds after a right ended. A slow client holds up nobody's heartbeat
    but its own. Nothing is done for a connection after it was removed.
    """

    def __init__(self) -> None:
        self._connections: set[Connection] = set()
        self._judging: dict[Connection, asyncio.Task[None]] = {}
        self._beating: dict[Connection, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, connection: Connection) -> None:
        self._connections.add(connection)
        self._tasks = [task for task in self._tasks if not task.done()] or [
            asyncio.create_task(self._judge_all(), name="pulse"),
            asyncio.create_task(self._beat_all(), name="pulse"),
        ]

    def remove(self, connection: Connection) -> None:
        self._connections.discard(connection)
        for under_way in (self._judging.pop(connection, None), self._beating.pop(connection, None)):
            # It would join and hold what nobody leaves and releases any more.
            if under_way is not None and under_way is not asyncio.current_task():
                under_way.cancel()

    async def _judge_all(self) -> None:
        async with database_threads():
            while self._connections:
                await asyncio.sleep(min(limits.RIGHTS_SECONDS, limits.HEARTBEAT_SECONDS))
                # Who comes while the database is read is not in what was read, and must not be judged by it.
                here = set(self._connections)
                rights = await _or_none(_read_rights(here))
                for connection in here & self._connections - self._judging.keys():
                    if rights and connection.concerned(rights):
                        self._serve(self._judging, connection, connection.judge(rights))

    async def _beat_all(self) -> None:
        async with database_threads():
            while self._connections:
                await asyncio.sleep(limits.HEARTBEAT_SECONDS)
                here = self._connections - self._beating.keys()
                news = await _or_none(_read_news(here)) or NO_NEWS
                for connection in here & self._connections:
                    self._serve(self._beating, connection, connection.beat(news))

    def _serve(
        self, under_way: dict[Connection, asyncio.Task[None]], connection: Connection, work: Awaitable[None]
    ) -> None:
        async def serve() -> None:
            try:
                # A context of its own: the pulse's may end while a slow client is waited for.
                async with database_threads():
                    await work
            except Exception:
                logger.exception("heartbeat failed")
            finally:
                under_way.pop(connection, None)

        under_way[connection] = asyncio.create_task(serve(), name="pulse-beat")


async def _or_none(reading: Awaitable[_T]) -> _T | None:
    try:
        return await reading
    except Exception as error:
        # Whatever it is: without heartbeats every client would take the server for dead.
        logger.warning("heartbeats know less: %s", type(error).__name__)
        return None


async def _read_rights(connections: set[Connection]) -> Rights:
    # A connection that is not greeted yet counts as well.
    return await sync_to_async(rights.read)(connection.actor for connection in connections)


async def _read_news(connections: set[Connection]) -> News:
    open_rooms = {room.id for connection in connections for room in connection.rooms.values()}
    customers = {connection.actor.id for connection in connections if connection.actor.is_customer}
    readers = {connection.actor.ref for connection in connections}
    return News(
        await sync_to_async(queries.heads_by_id)(open_rooms) if open_rooms else {},
        await sync_to_async(queries.marks)(open_rooms, readers) if open_rooms else {},
        await sync_to_async(queries.active_rooms)(customers, timezone.now() - LATELY) if customers else {},
        await sync_to_async(epoch)(),
    )


pulse = PerLoop(Pulse)
