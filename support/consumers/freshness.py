"""When a connection that may have missed something sends its client fresh state: soon, but never all at once."""

import asyncio
import random
from collections.abc import Callable
from time import monotonic
from typing import Any, Final

from django.conf import settings

from support import limits
from support.per_loop import PerLoop

REFRESH: Final = "feed.refresh"
# Who takes longer is not waited for by those who come after.
TURN_SECONDS: Final = 3.0


class Freshness:
    """Asks its connection to read its state anew, by an event behind those that wait: older news never follow newer.

    Half of the sockets' database threads stay free for other work, however many connections are stale at once.
    """

    __slots__ = ("_asked_at", "_post", "_served", "_stale", "_task")

    def __init__(self, post: Callable[[dict[str, Any]], bool]) -> None:
        self._post = post
        self._asked_at = -limits.REFRESH_SECONDS
        self._stale = False
        self._served = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def stale(self) -> None:
        """Something was missed. Any number of these before the next reading are one."""
        self._stale = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._ask(), name="freshness")

    def served(self) -> None:
        """The connection has done what it was asked for, or failed at it."""
        self._served.set()

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _ask(self) -> None:
        while self._stale:
            rest = max(self._asked_at + limits.REFRESH_SECONDS - monotonic(), 0.0)
            await asyncio.sleep(rest + random.random() * limits.REFRESH_SPREAD_SECONDS)  # noqa: S311 - not a secret
            async with _turns():
                self._asked_at = monotonic()
                self._served.clear()
                self._stale = not self._post({"type": REFRESH})
                if not self._stale:
                    await self._turn()

    async def _turn(self) -> None:
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._served.wait()
        except TimeoutError:
            return


_turns = PerLoop(lambda: asyncio.Semaphore(max(settings.SOCKET_DATABASE_THREADS // 2, 1)))
