"""The inbox' lines that changed, coalesced: many messages in one room make one new line, read once for all agents."""

import asyncio
import logging

from asgiref.sync import sync_to_async
from django.db import DatabaseError

from support import broadcast, queries
from support.per_loop import PerLoop
from support.threads import database_threads

logger = logging.getLogger(__name__)

COALESCE_SECONDS = 0.1


class Summaries:
    """Publishes each touched room's line within a fraction of a second, in one query for all rooms of the process."""

    def __init__(self) -> None:
        self._touched: set[int] = set()
        self._task: asyncio.Task[None] | None = None

    def touch(self, room_id: int) -> None:
        self._touched.add(room_id)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._publish(), name="summaries")

    async def _publish(self) -> None:
        async with database_threads():
            while self._touched:
                await asyncio.sleep(COALESCE_SECONDS)
                touched, self._touched = self._touched, set()
                try:
                    changed = await sync_to_async(queries.summaries)(touched)
                except DatabaseError as error:
                    # The list repairs itself when the agent's client asks for the page again.
                    logger.warning("lines of %d rooms not published: %s", len(touched), type(error).__name__)
                    continue
                for site_id, summary in changed:
                    await broadcast.summary(site_id, summary)


summaries = PerLoop(Summaries)
