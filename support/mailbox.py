"""Mailbox: the events that wait for one connection, never more of them than are worth their memory."""

import asyncio
from collections import deque
from typing import Any, Final

from support import limits

Event = dict[str, Any]

STALE: Final = "feed.stale"


class Mailbox:
    """Events in order. What does not fit is dropped; that something was missed is the next thing its reader hears."""

    __slots__ = ("_bytes", "_events", "_filled", "_missed")

    def __init__(self) -> None:
        self._events: deque[tuple[Event, int, str]] = deque()
        self._bytes = 0
        self._missed = False
        self._filled = asyncio.Event()

    def put(self, event: Event, size: int, feed: str = "") -> bool:
        """False when there was no room for it."""
        if len(self._events) >= limits.MAILBOX_EVENTS or self._bytes + size > limits.MAILBOX_BYTES:
            self.miss()
            return False
        self._events.append((event, size, feed))
        self._bytes += size
        self._filled.set()
        return True

    def drop(self, feed: str) -> None:
        """What came by this feed is nothing for its reader any more."""
        self._events = deque(kept for kept in self._events if kept[2] != feed)
        self._bytes = sum(size for _, size, _ in self._events)
        if not self._events and not self._missed:
            self._filled.clear()

    def miss(self) -> None:
        """Something was not put here that should have been."""
        self._missed = True
        self._filled.set()

    async def get(self) -> Event:
        await self._filled.wait()
        if self._missed:
            self._missed = False
            event: Event = {"type": STALE}
        else:
            event, size, _ = self._events.popleft()
            self._bytes -= size
        if not self._events:
            self._filled.clear()
        return event
