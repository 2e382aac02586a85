"""The heartbeat of one process: every few seconds two queries for all rooms and customers that are connected here."""

import asyncio
import logging
from datetime import timedelta
from typing import NamedTuple, Protocol

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

logger = logging.getLogger(__name__)

# A hint that was lost longer ago is made up for by the next welcome.
LATELY = timedelta(minutes=1)


class News(NamedTuple):
    """What the database knows at a beat: both heads of every open room and how far it has reached whom, the connected
    customers' active rooms, which database it is, and who may still be here. None where it could not be read.
    """

    heads: dict[int, dict[Audience, int]]
    marks: dict[int, RoomMarks]
    active: dict[str, list[RoomRef]]
    epoch: str | None
    rights: Rights | None


NO_NEWS = News({}, {}, {}, None, None)


class Connection(Protocol):
    """What the pulse needs of a socket."""

    actor: Actor
    rooms: dict[str, RoomRef]

    async def beat(self, news: News) -> None:
        """Send a heartbeat, or close a connection that has gone silent."""


class Pulse:
    """Beats for every connection that was added, until it is removed; ends with the last one.

    Nothing but that ends it, and a slow client holds up nobody's heartbeat but its own.
    """

    def __init__(self) -> None:
        self._connections: set[Connection] = set()
        self._beating: dict[Connection, asyncio.Task[None]] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, connection: Connection) -> None:
        self._connections.add(connection)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="pulse")

    def remove(self, connection: Connection) -> None:
        self._connections.discard(connection)

    async def _run(self) -> None:
        async with database_threads():
            while self._connections:
                await asyncio.sleep(limits.HEARTBEAT_SECONDS)
                # Who comes while the news are read is not in them, and must not be judged by them.
                here = self._connections - self._beating.keys()
                try:
                    news = await _read(here)
                except Exception as error:
                    # Whatever it is: without heartbeats every client would take the server for dead.
                    logger.warning("heartbeats without heads: %s", type(error).__name__)
                    news = NO_NEWS
                for connection in here & self._connections:
                    self._beating[connection] = asyncio.create_task(self._beat(connection, news), name="pulse-beat")

    async def _beat(self, connection: Connection, news: News) -> None:
        try:
            # A context of its own: the pulse's may end while a slow client is waited for.
            async with database_threads():
                await connection.beat(news)
        except Exception:
            logger.exception("heartbeat failed")
        finally:
            del self._beating[connection]


async def _read(connections: set[Connection]) -> News:
    open_rooms = {room.id for connection in connections for room in connection.rooms.values()}
    customers = {connection.actor.id for connection in connections if connection.actor.is_customer}
    return News(
        await sync_to_async(queries.heads_by_id)(open_rooms) if open_rooms else {},
        await sync_to_async(queries.marks)(open_rooms) if open_rooms else {},
        await sync_to_async(queries.active_rooms)(customers, timezone.now() - LATELY) if customers else {},
        await sync_to_async(epoch)(),
        # A connection that is not greeted yet counts as well.
        await sync_to_async(rights.read)(connection.actor for connection in connections),
    )


pulse = PerLoop(Pulse)
