"""The roster against a model of a few lines, under every order of events that Hypothesis thinks of."""

import asyncio
from collections.abc import Awaitable
from typing import Any, Literal, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from redis.asyncio import Redis

from presence.availability import Availability, State
from presence.connection import connect
from presence.journal import Change, Journal
from presence.keys import Lease, as_text
from presence.roster import Roster, Step
from tests.presence.conftest import Clock, redis_url

LEASE_MS = 30_000
PROCESSES = (0, 1)
TOPICS = ("site:1", "site:2")
PEOPLE = ("agent:1", "customer:c")

processes = st.sampled_from(PROCESSES)
topics = st.sampled_from(TOPICS)
people = st.sampled_from(PEOPLE)
tabs = st.integers(0, 1)

T = TypeVar("T")
Event = tuple[str, str, bool, str, int]


class Model:
    """What presence means: a person is present while one of their leases runs, and each change is told once."""

    def __init__(self) -> None:
        self.leases: dict[Lease, int] = {}
        self.told: set[tuple[str, str]] = set()

    def present(self, topic: str, now: int) -> set[str]:
        return {lease.person for lease, end in self.leases.items() if lease.topic == topic and end > now}

    def hold(self, lease: Lease, now: int, cause: str) -> list[Event]:
        events: list[Event] = []
        if lease.person not in self.present(lease.topic, now):
            events += self.bury(lease.topic, lease.person)
            events.append((lease.topic, lease.person, True, cause, now))
            self.told.add(lease[:2])
        self.leases[lease] = now + LEASE_MS
        return events

    def leave(self, lease: Lease, now: int) -> list[Event]:
        if self.leases.pop(lease, None) is None or lease.person in self.present(lease.topic, now):
            return []
        self.bury(lease.topic, lease.person)
        self.told.discard(lease[:2])
        return [(*lease[:2], False, "leave", now)]

    def sweep(self, now: int) -> list[Event]:
        gone = [(topic, person) for topic, person in self.told if person not in self.present(topic, now)]
        events = [event for topic, person in gone for event in self.bury(topic, person)]
        self.leases = {lease: end for lease, end in self.leases.items() if end > now}
        return events

    def bury(self, topic: str, person: str) -> list[Event]:
        """Forget a person without a running lease; tell it if they were thought to be there."""
        ends = [self.leases.pop(lease) for lease in list(self.leases) if lease[:2] == (topic, person)]
        if (topic, person) not in self.told:
            return []
        self.told.discard((topic, person))
        return [(topic, person, False, "expired", max(ends))] if ends else []


class RosterMachine(RuleBasedStateMachine):
    """Two processes with tabs of two people in two topics."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = Clock()
        self.model = Model()
        self.kept: dict[int, set[Lease]] = {process: set() for process in PROCESSES}
        self.away: set[str] = set()
        self.seen: list[Change] = []
        self.clients: list[Redis] = []
        self.rosters: list[Roster] = []
        for _ in PROCESSES:
            self.clients.append(connect(redis_url()))
            self.rosters.append(Roster(self.clients[-1], clock=self.clock))
        self.wait(self.clients[0].flushdb())

    def teardown(self) -> None:
        async def close() -> None:
            assert await Journal(self.clients[0]).read(limit=100_000) == sorted(self.seen, key=_order)
            await self.clients[0].flushdb()
            for client in self.clients:
                await client.aclose()

        try:
            self.wait(close())
        finally:
            self.runner.close()

    def wait(self, answer: Awaitable[T]) -> T:
        async def ask() -> T:
            return await answer

        return self.runner.run(ask())

    def apply(self, process: int, op: Literal["enter", "refresh", "leave"], leases: list[Lease]) -> list[Event]:
        steps: list[Step] = [(op, lease) for lease in leases]
        changes = self.wait(self.rosters[process].apply(steps)).changes
        self.seen += changes
        return [_event(change) for change in changes]

    @rule(process=processes, topic=topics, person=people, tab=tabs)
    def enter(self, process: int, topic: str, person: str, tab: int) -> None:
        lease = Lease(topic, person, f"{process}.{tab}")
        self.kept[process].add(lease)
        assert self.apply(process, "enter", [lease]) == self.model.hold(lease, self.clock.ms, "enter")

    @rule(process=processes, topic=topics, person=people, tab=tabs)
    def leave_perhaps_never_entered(self, process: int, topic: str, person: str, tab: int) -> None:
        self.leave(process, Lease(topic, person, f"{process}.{tab}"))

    @precondition(lambda self: any(self.kept.values()))
    @rule(pick=st.integers(0, 15))
    def leave_one_held(self, pick: int) -> None:
        held = sorted((process, lease) for process in PROCESSES for lease in self.kept[process])
        self.leave(*held[pick % len(held)])

    def leave(self, process: int, lease: Lease) -> None:
        self.kept[process].discard(lease)
        assert self.apply(process, "leave", [lease]) == self.model.leave(lease, self.clock.ms)

    @rule(process=processes)
    def refresh(self, process: int) -> None:
        leases = sorted(self.kept[process])
        expected = [event for lease in leases for event in self.model.hold(lease, self.clock.ms, "recovered")]
        assert self.apply(process, "refresh", leases) == expected

    @precondition(lambda self: any(self.kept.values()))
    @rule(process=processes)
    def kill(self, process: int) -> None:
        """The process ends without a word: nobody renews its leases."""
        self.kept[process].clear()

    @rule(seconds=st.sampled_from([0.001, 5, 10, 15, 29.999, 30, 40]))
    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule(limit=st.integers(1, 4))
    def sweep_from_both_at_once(self, limit: int) -> None:
        async def sweep(roster: Roster) -> list[Change]:
            changes, more = [], True
            while more:
                outcome = await roster.sweep(limit)
                changes += outcome.changes
                more = outcome.more
            return changes

        async def both() -> list[Change]:
            return [change for part in await asyncio.gather(*map(sweep, self.rosters)) for change in part]

        changes = self.wait(both())
        self.seen += changes
        assert sorted(map(_event, changes)) == sorted(self.model.sweep(self.clock.ms))

    @rule()
    def wipe(self) -> None:
        """Redis loses its data: nobody is told, and the next renewals bring everybody back."""
        self.wait(self.clients[0].flushdb())
        self.model = Model()
        self.away.clear()
        self.seen.clear()

    @rule(person=people, state=st.sampled_from(["online", "away"]))
    def choose(self, person: str, state: State) -> None:
        self.wait(Availability(self.clients[0]).choose(person, state))
        (self.away.add if state == "away" else self.away.discard)(person)

    @invariant()
    def readers_see_the_model(self) -> None:
        expected = {
            topic: {
                person: "away" if person in self.away else "online"
                for person in self.model.present(topic, self.clock.ms)
            }
            for topic in TOPICS
        }
        assert self.wait(self.rosters[0].present_with_state(TOPICS)) == expected

    @invariant()
    def counts_agree_with_leases_and_nothing_else_is_stored(self) -> None:
        async def look() -> None:
            redis = self.clients[0]
            allowed = {"{presence}:journal", "{presence}:states"}
            for topic in TOPICS:
                leases: list[Any] = await redis.zrange(f"{{presence}}:leases:{topic}", 0, -1, withscores=True)
                people = [as_text(member).split("|")[0] for member, _ in leases]
                counts = await redis.hgetall(f"{{presence}}:people:{topic}")
                assert {as_text(k): int(v) for k, v in counts.items()} == {p: people.count(p) for p in people}
                first = leases[0][1] if leases else None
                assert await redis.zscore("{presence}:topics", topic) == first
                if leases:
                    allowed |= {f"{{presence}}:{kind}{topic}" for kind in ("leases:", "people:")} | {
                        "{presence}:topics"
                    }
            assert {as_text(key) for key in await redis.keys()} <= allowed

        self.wait(look())


def _event(change: Change) -> Event:
    return (change.topic, change.person, change.present, change.cause, change.at_ms)


def _order(change: Change) -> tuple[int, ...]:
    return tuple(map(int, change.id.split("-")))


TestRoster = RosterMachine.TestCase
TestRoster.__doc__ = "Transitions, readers and storage follow the model; departures are told once; the journal agrees."
TestRoster.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
