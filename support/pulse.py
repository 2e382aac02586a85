"""The heartbeat of one process: every few seconds one query for the heads of all rooms that are open here."""

import asyncio
import logging
from typing import Protocol

from asgiref.sync import sync_to_async
from django.db import DatabaseError

from support import limits, queries
from support.per_loop import PerLoop
from support.threads import database_threads
from support.wire import Audience, RoomRef

logger = logging.getLogger(__name__)

Heads = dict[int, dict[Audience, int]]


class Connection(Protocol):
    """What the pulse needs of a socket."""

    rooms: dict[str, RoomRef]

    async def beat(self, heads: Heads) -> None:
        """Send a heartbeat, or close a connection that has gone silent."""


class Pulse:
    """Beats for every connection that was added, until it is removed; ends with the last one."""

    def __init__(self) -> None:
        self._connections: set[Connection] = set()
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
                await self._beat()

    async def _beat(self) -> None:
        connections = list(self._connections)
        open_rooms = {room.id for connection in connections for room in connection.rooms.values()}
        heads: Heads = {}
        if open_rooms:
            try:
                heads = await sync_to_async(queries.heads_by_id)(open_rooms)
            except DatabaseError as error:
                logger.warning("heartbeats without heads: %s", type(error).__name__)
        # At once, not one by one: a slow client must not hold up the others' heartbeats.
        await asyncio.gather(*(connection.beat(heads) for connection in connections), return_exceptions=True)


pulse = PerLoop(Pulse)
