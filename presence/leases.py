"""The leases that one process holds for its connections: kept alive, given up, and their changes passed on."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic

from presence.delivery import Delivery, OnChange
from presence.journal import PAGE, START, Journal
from presence.keys import Lease
from presence.roster import Outcome, Roster, Step

logger = logging.getLogger(__name__)

# The roster gives up after 1 s. 10,000 renewals took 0.17 s on two busy cores.
ROUND = 5_000


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a process does what, in seconds. `beat` must be well below the roster's lease."""

    beat: float = 10.0
    sweep: float = 5.0
    retry: float = 1.0
    patience: float = 1.0
    idle: float = 60.0


class Leases:
    """Keeps in Redis what `hold` and `release` asked for, whatever happens to Redis in between.

    One background task is the only one that writes: it compares what is wanted with what Redis was told and sends the
    difference, with the renewals when they are due, in one round trip (per 5,000 leases). So a release can never be
    overtaken by the `hold` or the renewal it follows, and calls that come at once share a round trip.

    `hold` and `release` never raise for a fault of Redis and wait at most `pace.patience`; while Redis is known to be
    down they do not wait at all. The task starts with the first lease and ends after `pace.idle` without any: until
    then it sweeps, as the neighbours that died may have left nobody else to notice.

    `on_change` gets every transition that this process caused or noticed, once, in order, also those whose answer was
    lost on the way (they are read from the journal when Redis is back). It may run shortly after `hold` returned.

    `on_return` is called when Redis answers after it did not: whoever read the roster meanwhile knows nothing.

    One instance per event loop.
    """

    def __init__(
        self,
        roster: Roster,
        on_change: OnChange,
        on_return: Callable[[], None] = lambda: None,
        *,
        pace: Pace | None = None,
    ) -> None:
        self._roster = roster
        self._journal = Journal(roster.redis, prefix=roster.prefix)
        self._delivery = Delivery(on_change)
        self._on_return = on_return
        self._pace = pace or Pace()

        self._held: dict[str, dict[Lease, None]] = {}
        self._entering: dict[Lease, None] = {}
        self._leaving: dict[Lease, float] = {}

        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._next_round: asyncio.Future[None] | None = None
        self._next_beat = self._next_sweep = self._idle_at = 0.0
        self._failing = self._closing = False
        self._position = START

    @property
    def held(self) -> int:
        """How many leases this process wants to have."""
        return sum(map(len, self._held.values()))

    @property
    def on_hold(self) -> bool:
        """Whether Redis is known not to answer; `on_return` is called when it does again."""
        return self._failing

    async def hold(self, topic: str, person: str, connection: str) -> None:
        """The person is present in the topic until this lease is released or the process ends.

        Raises ValueError if a name cannot be stored (see `Lease.of`), never for a fault of Redis.
        """
        lease = Lease.of(topic, person, connection)
        mine = self._held.setdefault(connection, {})
        if lease not in mine:
            mine[lease] = None
            self._leaving.pop(lease, None)
            self._entering[lease] = None
        if lease in self._entering:
            await self._told()

    async def release(self, topic: str, person: str, connection: str) -> None:
        """Give one lease up. One that is not held is ignored."""
        lease = Lease(topic, person, connection)
        if lease in self._held.get(connection, {}):
            self._let_go(lease)
            await self._told()

    async def release_all(self, connection: str) -> None:
        """Give up every lease of a connection, also one whose `hold` is still under way."""
        mine = list(self._held.get(connection, {}))
        for lease in mine:
            self._let_go(lease)
        if mine:
            await self._told()

    async def aclose(self) -> None:
        """Release every lease, pass on what that changed, end the task; each within `pace.patience`. Call it last."""
        for lease in list(self._all()):
            self._let_go(lease)
        if self._leaving:
            await self._told()
        if self._task is not None:
            # Asked before it is cancelled: on Python 3.11 `wait_for`, and so redis-py, may swallow a cancellation.
            self._closing = True
            self._wake.set()
            await asyncio.wait({self._task}, timeout=self._pace.patience)
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=self._pace.patience)
            self._task, self._closing = None, False
        await self._delivery.finish(self._pace.patience)

    def _all(self) -> Iterator[Lease]:
        for leases in self._held.values():
            yield from leases

    def _let_go(self, lease: Lease) -> None:
        mine = self._held[lease.connection]
        del mine[lease]
        if not mine:
            del self._held[lease.connection]
        self._entering.pop(lease, None)
        # After that time it has run out by itself, so a long fault does not pile these up.
        self._leaving[lease] = monotonic() + self._roster.lease

    async def _told(self) -> None:
        """Return when Redis has answered to what is wanted now, or when waiting for it is no use."""
        if self._task is None or self._task.done():
            self._idle_at = monotonic() + self._pace.idle
            self._task = asyncio.create_task(self._run(), name="presence-leases")
        self._wake.set()
        if self._failing:
            return
        if self._next_round is None:
            self._next_round = asyncio.get_running_loop().create_future()
        await asyncio.wait({self._next_round}, timeout=self._pace.patience)

    async def _run(self) -> None:
        while not self._is_idle():
            await self._pause()
            if self._closing:
                return
            try:
                if self._failing:
                    await self._recover()
                await self._tell()
                if self._failing:
                    self._failing = False
                    logger.warning("presence works again: Redis answers")
                    self._on_return()
                await self._sweep_when_due()
            except Exception as error:  # noqa: BLE001 - whatever it is, without this loop every lease here runs out
                self._failed(error)

    def _is_idle(self) -> bool:
        if self._held or self._leaving:
            self._idle_at = monotonic() + self._pace.idle
        return monotonic() >= self._idle_at

    async def _pause(self) -> None:
        """Sleep until there is something to do. During a fault nothing but the next try is."""
        due = self._next_beat if self._failing else min(self._next_beat, self._next_sweep)
        while (left := due - monotonic()) > 0:
            try:
                async with asyncio.timeout(left):
                    await self._wake.wait()
            except TimeoutError:
                break
            self._wake.clear()
            if self._closing or not self._failing:
                break

    async def _tell(self) -> None:
        """Bring Redis to what is wanted, and those who wait for that their answer."""
        entering, self._entering = self._entering, {}
        leaving, self._leaving = self._leaving, {}
        told, self._next_round = self._next_round, None
        beat_due = monotonic() >= self._next_beat

        # Who reloads a page enters before they leave, and so is not gone in between.
        steps: list[Step] = [("enter", lease) for lease in entering]
        if beat_due:
            steps += [("refresh", lease) for lease in self._all() if lease not in entering]
        steps += [("leave", lease) for lease in leaving]
        try:
            for start in range(0, len(steps), ROUND):
                self._heard(await self._roster.apply(steps[start : start + ROUND]))
        except BaseException:
            held = set(self._all())
            self._entering = {lease: None for lease in entering if lease in held} | self._entering
            self._leaving = {lease: end for lease, end in leaving.items() if lease not in held} | self._leaving
            raise
        finally:
            _resolve(told)
        if beat_due:
            self._next_beat = monotonic() + self._pace.beat

    async def _sweep_when_due(self) -> None:
        if monotonic() < self._next_sweep:
            return
        outcome = await self._roster.sweep()
        self._heard(outcome)
        # What one sweep leaves over is for the next round, after those who wait to enter.
        if not outcome.more:
            self._next_sweep = monotonic() + self._pace.sweep

    async def _recover(self) -> None:
        """Pass on what this process caused or noticed during the fault without ever getting the answer.

        A small read comes first also so that a hung Redis does not collect a copy of all leases with every try.
        """
        while changes := await self._journal.read(self._position, PAGE):
            self._delivery.add(change for change in changes if change.actor == self._roster.actor)
            self._position = changes[-1].id

    def _heard(self, outcome: Outcome) -> None:
        self._position = outcome.position
        self._delivery.add(outcome.changes)

    def _failed(self, error: Exception) -> None:
        now = monotonic()
        self._leaving = {lease: end for lease, end in self._leaving.items() if end > now}
        # Redis may have lost its data meanwhile: when it answers, every lease is renewed at once.
        self._next_beat = now + self._pace.retry
        _resolve(self._next_round)
        self._next_round = None
        if not self._failing:
            self._failing = True
            logger.error("presence is on hold: Redis does not answer", exc_info=error)


def _resolve(waited_for: asyncio.Future[None] | None) -> None:
    if waited_for is not None and not waited_for.done():
        waited_for.set_result(None)
