"""Feeds that a change of state could not be published to: their listeners are told to read it anew."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from redis.exceptions import RedisError

from support.mailbox import STALE

logger = logging.getLogger(__name__)

# What everybody who is connected listens to, for when more than that many feeds are stale.
EVERYBODY: Final = "everybody"
FEEDS: Final = 1_000
RETRY_SECONDS: Final = 1.0


class StaleFeeds:
    """Publishes `feed.stale` to each remembered feed until it worked. One instance per event loop."""

    def __init__(self, send: Callable[[str, dict[str, str]], Awaitable[None]]) -> None:
        self._send = send
        self._feeds: dict[str, None] = {}
        self._task: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._feeds)

    def add(self, feed: str) -> None:
        if EVERYBODY not in self._feeds:
            self._feeds[feed] = None
        if len(self._feeds) > FEEDS:
            self._feeds = {EVERYBODY: None}
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._tell(), name="stale-feeds")

    async def _tell(self) -> None:
        while self._feeds:
            await asyncio.sleep(RETRY_SECONDS)
            try:
                while self._feeds:
                    # Forgotten first: what fails while this one is told is a reason of its own.
                    feed, _ = self._feeds.popitem()
                    await self._tell_one(feed)
            except (RedisError, OSError, TimeoutError) as error:
                logger.warning("%d feeds stay stale: %s", len(self._feeds), type(error).__name__)

    async def _tell_one(self, feed: str) -> None:
        try:
            await self._send(feed, {"type": STALE})
        except BaseException:
            self.add(feed)
            raise
