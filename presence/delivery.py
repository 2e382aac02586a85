"""Hands changes to a callback one after the other, without ever holding up who found them."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable

from presence.journal import Change

logger = logging.getLogger(__name__)

OnChange = Callable[[Change], Awaitable[None]]

# A callback publishes a hint, which takes milliseconds. One that hangs must not make the others late for ever.
CALLBACK_PATIENCE = 5.0
# Beyond that only the latest change of each person in each topic is worth its memory.
BACKLOG = 10_000


class Delivery:
    """Calls `on_change` in the order of the changes. One that fails or takes 5 s is logged and not repeated."""

    def __init__(self, on_change: OnChange) -> None:
        self._on_change = on_change
        self._waiting: deque[Change] = deque()
        self._task: asyncio.Task[None] | None = None

    def add(self, changes: Iterable[Change]) -> None:
        """Queue changes; returns at once."""
        self._waiting.extend(changes)
        if len(self._waiting) > BACKLOG:
            latest = {(change.topic, change.person): change for change in self._waiting}
            self._waiting = deque(latest.values())
        if self._waiting and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._deliver(), name="presence-delivery")

    async def finish(self, patience: float) -> None:
        """Wait until all is delivered, at most `patience` seconds, then drop what is left."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=patience)
            self._waiting.clear()
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=patience)

    async def _deliver(self) -> None:
        while self._waiting:
            change = self._waiting.popleft()
            try:
                async with asyncio.timeout(CALLBACK_PATIENCE):
                    await self._on_change(change)
            except TimeoutError:
                logger.warning("presence change of %s in %s took too long to tell", change.person, change.topic)
            except Exception:  # It is not our code, and the next change must still be told.
                logger.exception(
                    "presence change of %s in %s was not passed on",
                    change.person,
                    change.topic,
                )
