"""Hints on their way to Redis that nobody waits for: who wrote has an ack already, and heads make up for a lost one."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

PUBLISH_SECONDS = 1.0

# A feed, and the event for everybody in it.
Publication = tuple[str, dict[str, Any]]


class Outgoing:
    """Publishes in order. When one is not taken within a second, those that wait behind it are let go as well, so that
    never more than a second's hints are in memory. `lost` is called with the feed of each. One instance per event loop.
    """

    def __init__(self, send: Callable[[str, dict[str, Any]], Awaitable[None]], lost: Callable[[str], None]) -> None:
        self._send = send
        self._lost = lost
        self._waiting: deque[Publication] = deque()
        self._task: asyncio.Task[None] | None = None

    def add(self, publication: Publication) -> None:
        self._waiting.append(publication)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._publish(), name="outgoing")

    async def _publish(self) -> None:
        while self._waiting:
            publication = self._waiting.popleft()
            try:
                async with asyncio.timeout(PUBLISH_SECONDS):
                    await self._send(*publication)
            except (RedisError, OSError, TimeoutError) as error:
                logger.warning("%d hints not published: %s", len(self._waiting) + 1, type(error).__name__)
                unheard, self._waiting = [publication, *self._waiting], deque()
                for feed, _ in unheard:
                    self._lost(feed)
