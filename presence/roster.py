"""Who is present where, as leases in Redis that run out by Redis' own clock."""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from presence.availability import State
from presence.connection import patience
from presence.journal import START, Cause, Change
from presence.keys import Keys, Lease, as_text

CHUNK = 1000
JOURNAL_CAP = 100_000

Step = tuple[Literal["enter", "refresh", "leave"], Lease]


class _Script:
    def __init__(self, name: str) -> None:
        folder = Path(__file__).with_name("lua")
        self.source = (folder / "shared.lua").read_text() + (folder / f"{name}.lua").read_text()
        self.sha = hashlib.sha1(self.source.encode(), usedforsecurity=False).hexdigest()


_APPLY, _SWEEP, _PRESENT = _Script("apply"), _Script("sweep"), _Script("present")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a round did. `position` is the journal's last entry then; `more` says that another sweep is due."""

    changes: list[Change] = field(default_factory=list)
    position: str = START
    more: bool = False


class Roster:
    """Presence of people in topics: each connection holds a lease, a person is present while one of theirs runs.

    Every method is one round trip, atomic per 1,000 leases, and safe from any number of processes at once: however
    they interleave, the changes of a person in a topic alternate between join and leave and each is returned to
    exactly one caller. A lease that ran out counts no more, swept or not.

    Every method answers or raises RedisError within 1 s. The client must have a `socket_timeout` ≤ 1 s and must not
    retry, or the answer of the first try is lost: `presence.connection.connect` makes one.
    """

    def __init__(
        self,
        redis: Redis,
        *,
        lease: float = 30.0,
        prefix: str = "presence",
        journal_cap: int = JOURNAL_CAP,
        clock: Callable[[], int] | None = None,
    ) -> None:
        """`lease` in seconds. `clock` (ms since 1970) replaces Redis' clock, for tests only."""
        self.redis = redis
        self.lease = lease
        self.prefix = prefix
        self.actor = secrets.token_hex(6)
        self._keys = Keys(prefix)
        self._cap = journal_cap
        self._clock = clock

    async def enter(self, topic: str, person: str, connection: str) -> bool:
        """Hold a lease. True: the person has just become present. ValueError if `person` contains `|`."""
        return _is_there(
            await self.apply([("enter", Lease.of(topic, person, connection))]),
            present=True,
        )

    async def leave(self, topic: str, person: str, connection: str) -> bool:
        """Give a lease up. True: it was the person's last, who is gone now. Unknown leases are ignored."""
        return _is_there(
            await self.apply([("leave", Lease.of(topic, person, connection))]),
            present=False,
        )

    async def refresh(self, leases: Iterable[Lease]) -> list[Change]:
        """Renew leases. One that vanished is entered again, and what that changed is returned."""
        return (await self.apply([("refresh", lease) for lease in leases])).changes

    async def apply(self, steps: Sequence[Step]) -> Outcome:
        """Enter, refresh and leave in the order given."""
        calls = []
        for start in range(0, len(steps), CHUNK):
            flat: list[str] = []
            for op, lease in steps[start : start + CHUNK]:
                flat += (op, *lease)
            calls.append(flat)
        answers = [_outcome(answer) for answer in await self._run(_APPLY, calls)]
        if not answers:
            return Outcome()
        return Outcome(
            [change for answer in answers for change in answer.changes],
            answers[-1].position,
        )

    async def sweep(self, limit: int = CHUNK) -> Outcome:
        """Take up to `limit` expired leases away, in whatever topics, and return those who are gone by that.

        Any process may sweep at any time: each departure is returned once. Costs O(topics and leases expired).
        """
        (answer,) = await self._run(_SWEEP, [[str(limit)]])
        return _outcome(answer)

    async def present(self, topic: str) -> set[str]:
        """Who is present now. Costs O(connections in the topic)."""
        return set((await self.present_with_state([topic]))[topic])

    async def is_present(self, topic: str, person: str) -> bool:
        """Whether the person is present, as far as changes were told: until the next sweep also who has run out.

        Costs the same however many others are there.
        """
        return person in await self.told([topic], [person])

    async def told(self, topics: Iterable[str], people: Sequence[str]) -> set[str]:
        """Who of these people is in one of the topics, as far as changes were told: until the next sweep that includes
        those whose leases have run out. Costs O(topics and people), however many others are there.
        """
        if not people:
            return set()
        async with patience(), self.redis.pipeline(transaction=False) as pipe:
            for topic in topics:
                pipe.hmget(self._keys.people(topic), list(people))
            answers = await pipe.execute()
        return {person for counts in answers for person, count in zip(people, counts, strict=True) if count}

    async def present_with_state(self, topics: Iterable[str]) -> dict[str, dict[str, State]]:
        """Who is present now in each topic, and whether they are online or away; every topic is a key."""
        names = list(topics)
        (answer,) = await self._run(_PRESENT, [names])
        return {topic: _states(row) for topic, row in zip(names, answer, strict=True)}

    async def _run(self, script: _Script, calls: list[list[str]]) -> list[Any]:
        """One answer a call, in one round trip; in a second one what a Redis that forgot the script refused."""
        keys = (self._keys.topics, self._keys.journal, self._keys.states)
        now = "" if self._clock is None else str(self._clock())
        common = (
            *keys,
            self._keys.base,
            now,
            str(round(self.lease * 1000)),
            str(self._cap),
            self.actor,
        )

        async with patience(), self.redis.pipeline(transaction=False) as pipe:
            for call in calls:
                pipe.evalsha(script.sha, len(keys), *common, *call)
            answers = await pipe.execute(raise_on_error=False)
            forgotten = [i for i, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
            for i in forgotten:
                pipe.eval(script.source, len(keys), *common, *calls[i])
            for i, answer in zip(forgotten, await pipe.execute(raise_on_error=False), strict=True):
                answers[i] = answer
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return answers


def _is_there(outcome: Outcome, *, present: bool) -> bool:
    return any(change.present is present for change in outcome.changes)


def _outcome(answer: tuple[Any, int, list[list[bytes | str]]]) -> Outcome:
    position, more, rows = answer
    return Outcome([_change(row) for row in rows], as_text(position), bool(more))


def _change(row: list[bytes | str]) -> Change:
    entry, topic, person, event, cause, at_ms, actor = map(as_text, row)
    return Change(topic, person, event == "join", int(at_ms), cast("Cause", cause), entry, actor)


def _states(row: list[bytes | str]) -> dict[str, State]:
    words = map(as_text, row)
    return {person: "away" if state == "away" else "online" for person, state in zip(words, words, strict=True)}
