"""What one process listens to in Redis: brought to what is wanted, again and again, whatever happens to Redis."""

import asyncio
import logging
import math
from collections import Counter
from collections.abc import Iterable
from time import monotonic
from typing import Any, Final, Protocol

from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import TimeoutError as RedisTimeoutError

logger = logging.getLogger(__name__)

# What Redis has not confirmed by then is listened to later; nobody waits for it.
PATIENCE: Final = 1.0
CONNECT_SECONDS: Final = 2.0
RETRY_SECONDS: Final = 0.5
# A connection that answers no ping for so long is dead, or as good as that.
PING_SECONDS: Final = 2.0
SILENCE_SECONDS: Final = 6.0
# One command names so many: 10,000 feeds in ten of them, with answers read in between.
ROUND: Final = 1_000


class Listener(Protocol):
    """Who is told what happens here. None of these may wait."""

    def heard(self, name: str, data: bytes) -> None:
        """A message was published there."""

    def lost(self) -> None:
        """Nothing is heard from now on."""

    def regained(self) -> None:
        """Everything that is wanted is heard from now on; what was published until now may be lost."""


class Subscriptions:
    """One connection to Redis, held by one task, which alone subscribes, unsubscribes, reads and pings.

    `want` never raises and waits at most a second. While Redis is known to be away it does not wait at all: the task
    makes all subscriptions as soon as Redis answers. One instance per event loop.
    """

    def __init__(self, url: str, listener: Listener) -> None:
        # RESP2: in RESP3 redis-py logs every push. It never retries either, as this task does.
        self._pool = ConnectionPool.from_url(
            url, protocol=2, retry=Retry(NoBackoff(), 0), socket_timeout=CONNECT_SECONDS
        )
        self._listener = listener

        self._wanted: set[str] = set()
        # As this connection to Redis knows them: asked for, not answered yet, in force.
        self._asked: set[str] = set()
        self._unanswered: Counter[str] = Counter()
        self._made: set[str] = set()
        # Wanted by somebody who did not wait for it to be in force.
        self._late: set[str] = set()
        self._waiting: dict[str, asyncio.Future[None]] = {}

        self._changed: set[str] = set()
        self._wake = asyncio.Event()
        self._heard_at = 0.0
        self._failing = False
        self._task: asyncio.Task[None] | None = None

    async def want(self, name: str) -> bool:
        """Listen there. True when Redis has confirmed it; else `regained` says when it has."""
        self._wanted.add(name)
        if name in self._made:
            return True
        self._change(name)
        if not self._failing:
            waiting = self._waiting.setdefault(name, asyncio.get_running_loop().create_future())
            await asyncio.wait({waiting}, timeout=PATIENCE)
        if name in self._made:
            return True
        if name in self._wanted:
            self._late.add(name)
        return False

    def unwant(self, name: str) -> None:
        self._wanted.discard(name)
        self._change(name)
        _resolve(self._waiting.pop(name, None))
        self._in_time(name)

    async def aclose(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    def _change(self, name: str) -> None:
        self._changed.add(name)
        self._wake.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="subscriptions")

    async def _run(self) -> None:
        while True:
            try:
                await self._hold()
            except Exception as error:  # noqa: BLE001 - whatever it is, without this loop every socket here is deaf
                self._lost(error)
            await asyncio.sleep(RETRY_SECONDS)

    async def _hold(self) -> None:
        """Connect, and stay connected; raises what ended it."""
        connection = self._pool.make_connection()  # type: ignore[no-untyped-call]
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await connection.connect()
            self._heard_at = monotonic()
            self._changed |= self._wanted
            await _first_to_fail(self._read(connection), self._keep(connection))
        finally:
            await connection.disconnect(nowait=True)

    async def _read(self, connection: AbstractConnection) -> None:
        while True:
            answer = await connection.read_response(timeout=math.inf, disconnect_on_error=False, push_request=True)
            self._heard_at = monotonic()
            match answer:
                case [b"message", bytes() as name, bytes() as data]:
                    self._listener.heard(name.decode(), data)
                case [b"subscribe", bytes() as name, _]:
                    self._confirmed(name.decode())
                case _:
                    # An end of a subscription, or the answer to a ping.
                    pass
            if self._failing and not self._late:
                self._answers()

    async def _keep(self, connection: AbstractConnection) -> None:
        """Tell Redis what has changed, and ask now and then whether it is still there."""
        pinged_at = -math.inf
        while True:
            self._wake.clear()
            await self._tell(connection)
            now = monotonic()
            if now - self._heard_at > SILENCE_SECONDS:
                raise RedisTimeoutError(f"nothing heard for {SILENCE_SECONDS} s")
            if now - pinged_at >= PING_SECONDS:
                pinged_at = now
                await connection.send_command("PING", check_health=False)
            try:
                async with asyncio.timeout(PING_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def _tell(self, connection: AbstractConnection) -> None:
        changed, self._changed = self._changed, set()
        for names in _rounds(name for name in changed if name in self._asked and name not in self._wanted):
            self._asked.difference_update(names)
            self._made.difference_update(names)
            await connection.send_command("UNSUBSCRIBE", *names, check_health=False)
        for names in _rounds(name for name in changed if name in self._wanted and name not in self._asked):
            self._asked.update(names)
            self._unanswered.update(names)
            await connection.send_command("SUBSCRIBE", *names, check_health=False)

    def _confirmed(self, name: str) -> None:
        self._unanswered[name] -= 1
        if self._unanswered[name] > 0:
            # An answer to an earlier subscription, which has ended since.
            return
        del self._unanswered[name]
        if name in self._asked:
            self._made.add(name)
        _resolve(self._waiting.pop(name, None))
        self._in_time(name)

    def _in_time(self, name: str) -> None:
        if name in self._late:
            self._late.discard(name)
            if not self._late and not self._failing:
                self._answers()

    def _answers(self) -> None:
        if self._failing:
            self._failing = False
            logger.warning("feeds work again: Redis answers")
        self._listener.regained()

    def _lost(self, error: Exception) -> None:
        self._asked.clear()
        self._unanswered.clear()
        self._made.clear()
        self._late = set(self._wanted)
        if not self._failing:
            self._failing = True
            logger.warning("feeds are on hold: Redis does not answer (%s: %s)", type(error).__name__, error)
        self._listener.lost()
        for waiting in self._waiting.values():
            _resolve(waiting)
        self._waiting.clear()


def _rounds(names: Iterable[str]) -> list[list[str]]:
    ordered = list(names)
    return [ordered[start : start + ROUND] for start in range(0, len(ordered), ROUND)]


def _resolve(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)


async def _first_to_fail(*coroutines: Any) -> None:
    """Run them side by side until one fails, and raise that."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        # Looked at, so that nobody complains that it was not.
        _ = [task.exception() for task in tasks if not task.cancelled()]
