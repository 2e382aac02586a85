"""Joins and leaves, as they happened, in a capped Redis stream."""

from dataclasses import dataclass
from typing import Literal, cast

from redis.asyncio import Redis

from presence.connection import patience
from presence.keys import Keys, as_text

Cause = Literal["enter", "leave", "expired", "recovered"]

START = "0-0"
PAGE = 1000


@dataclass(frozen=True, slots=True)
class Change:
    """A person became present in a topic, or is gone from it.

    `at_ms` is Redis' time in ms since 1970; of a lease that ran out it is that moment, not the later one in which
    somebody noticed. `id` is the entry of the journal: ids grow, so of two changes of a person the greater is newer.
    `recovered` is the return of a lease that had vanished. `actor` names the roster that made the change.
    """

    topic: str
    person: str
    present: bool
    at_ms: int
    cause: Cause
    id: str
    actor: str


class Journal:
    """The changes of all topics in the order they happened.

    The scripts of `Roster` append each entry in the same atomic step as the transition itself: an entry exists
    if and only if the transition happened, also when the answer never reached the process that asked for it.
    """

    def __init__(self, redis: Redis, *, prefix: str = "presence") -> None:
        self._redis = redis
        self._key = Keys(prefix).journal
        self._kept = Keys(prefix).kept

    async def read(self, after: str = START, limit: int = PAGE) -> list[Change]:
        """The first `limit` changes after the entry `after`, oldest first; an empty list is the end.

        Beyond the cap (about 100,000) old entries are gone, and a wiped Redis forgets all. Raises RedisError.
        """
        async with patience():
            rows = await self._redis.xrange(self._key, f"({after}", "+", count=limit)
        return [_from_entry(as_text(entry), fields) for entry, fields in rows or () if entry and fields]

    async def kept(self) -> str:
        """The entry up to which `keep` was told that everything is stored elsewhere."""
        async with patience():
            return as_text(await self._redis.get(self._kept) or START)

    async def keep(self, entry: str) -> None:
        """Everything up to this entry is stored elsewhere. A wiped Redis forgets it together with the entries."""
        async with patience():
            await self._redis.set(self._kept, entry)


def _from_entry(entry: str, fields: dict[bytes | str, bytes | str]) -> Change:
    named = {as_text(name): as_text(value) for name, value in fields.items()}
    return Change(
        topic=named["topic"],
        person=named["person"],
        present=named["event"] == "join",
        at_ms=int(named["at_ms"]),
        cause=cast("Cause", named["cause"]),
        id=entry,
        actor=named["actor"],
    )
