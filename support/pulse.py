"""The heartbeat of one process: every few seconds some queries for all rooms and people that are connected here."""

import asyncio
import logging
from collections.abc import Awaitable
from datetime import timedelta
from time import monotonic
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

    Rights are read more often than the rest, as nobody may go on for more than two seconds after they ended. Nothing
    but its connections' end ends the pulse, and a slow client holds up nobody's heartbeat but its own.
    """

    def __init__(self) -> None:
        self._connections: set[Connection] = set()
        self._beating: dict[Connection, asyncio.Task[None]] = {}
        self._task: asyncio.Task[None] | None = None
        self._next_beat = 0.0

    def add(self, connection: Connection) -> None:
        self._connections.add(connection)
        if self._task is None or self._task.done():
            self._next_beat = monotonic() + limits.HEARTBEAT_SECONDS
            self._task = asyncio.create_task(self._run(), name="pulse")

    def remove(self, connection: Connection) -> None:
        self._connections.discard(connection)

    async def _run(self) -> None:
        async with database_threads():
            while self._connections:
                await asyncio.sleep(min(limits.RIGHTS_SECONDS, limits.HEARTBEAT_SECONDS))
                # Who comes while the database is read is not in what was read, and must not be judged by it.
                here = self._connections - self._beating.keys()
                rights = await _or_none(_read_rights(here))
                news = None
                if monotonic() + limits.RIGHTS_SECONDS > self._next_beat:
                    self._next_beat = monotonic() + limits.HEARTBEAT_SECONDS
                    news = await _or_none(_read_news(here)) or NO_NEWS
                for connection in here & self._connections:
                    judged = rights if rights and connection.concerned(rights) else None
                    # Most often there is nothing to do for most of ten thousand.
                    if judged or news:
                        work = self._serve(connection, judged, news)
                        self._beating[connection] = asyncio.create_task(work, name="pulse-beat")

    async def _serve(self, connection: Connection, judged: Rights | None, news: News | None) -> None:
        try:
            # A context of its own: the pulse's may end while a slow client is waited for.
            async with database_threads():
                if judged:
                    await connection.judge(judged)
                if news:
                    await connection.beat(news)
        except Exception:
            logger.exception("heartbeat failed")
        finally:
            del self._beating[connection]


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
    return News(
        await sync_to_async(queries.heads_by_id)(open_rooms) if open_rooms else {},
        await sync_to_async(queries.marks)(open_rooms) if open_rooms else {},
        await sync_to_async(queries.active_rooms)(customers, timezone.now() - LATELY) if customers else {},
        await sync_to_async(epoch)(),
    )


pulse = PerLoop(Pulse)
