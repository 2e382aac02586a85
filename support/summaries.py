"""The inbox' lines that changed, coalesced: many messages in one room make one new line, read once for all agents.

A room counts as touched until its line was published: no heartbeat makes up for a lost one.
"""

import asyncio
import logging

from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError

from support import broadcast, queries
from support.models import Message
from support.per_loop import PerLoop
from support.protocol.entities import RoomSummary
from support.threads import database_threads
from support.wire import RoomRef

logger = logging.getLogger(__name__)

COALESCE_SECONDS = 0.1
RETRY_SECONDS = 1.0
FINISH_SECONDS = 1.0


class Summaries:
    """Publishes each touched room's line within a fraction of a second, in one query for all rooms of the process."""

    def __init__(self) -> None:
        self._touched: set[int] = set()
        self._task: asyncio.Task[None] | None = None

    def touch(self, room_id: int) -> None:
        self._touched.add(room_id)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._publish(), name="summaries")

    async def finish(self) -> None:
        """Wait for what is under way, for a second at most."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=FINISH_SECONDS)

    async def _publish(self) -> None:
        async with database_threads():
            while self._touched:
                await asyncio.sleep(COALESCE_SECONDS)
                touched, self._touched = self._touched, set()
                try:
                    changed = await sync_to_async(queries.summaries)(touched)
                except (DatabaseError, InterfaceError) as error:
                    logger.warning("lines of %d rooms wait: %s", len(touched), type(error).__name__)
                    self._touched |= touched
                    await asyncio.sleep(RETRY_SECONDS)
                    continue
                unheard = await self._told(changed)
                if unheard:
                    self._touched |= unheard
                    await asyncio.sleep(RETRY_SECONDS)

    async def _told(self, changed: list[tuple[int, RoomSummary]]) -> set[int]:
        """Publish the lines; returns the rooms whose line did not go. After the first failure none is tried."""
        for index, (site_id, summary) in enumerate(changed):
            if not await broadcast.summary(site_id, summary):
                return {int(unheard.room) for _, unheard in changed[index:]}
        return set()


summaries = PerLoop(Summaries)


def announce(room: RoomRef, entries: list[Message]) -> None:
    """Tell everybody of committed entries: those who have the room open, and the inbox' lists."""
    summaries().touch(room.id)
    broadcast.entries(room, entries)
