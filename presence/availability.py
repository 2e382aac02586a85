"""Whether a person who is present wants to be reached: online, or away."""

from typing import Literal, get_args

from redis.asyncio import Redis

from presence.connection import patience
from presence.keys import Keys

State = Literal["online", "away"]


class Availability:
    """What people chose. It counts only while they hold a lease: `Roster.present_with_state` joins the two.

    Only "away" is stored, so the hash is bounded by the people who are away, and who never chose is online.
    A wiped Redis forgets it: the durable choice belongs into PostgreSQL and is chosen again on a `recovered` change.
    """

    def __init__(self, redis: Redis, *, prefix: str = "presence") -> None:
        self._redis = redis
        self._key = Keys(prefix).states

    async def choose(self, person: str, state: State) -> bool:
        """Set the person's state in all topics, until they choose again. True: it was another one before.

        Raises ValueError for an unknown state, RedisError within 1 s.
        """
        if state not in get_args(State):
            raise ValueError(f"unknown state: {state!r}")
        async with patience():
            if state == "away":
                return bool(await self._redis.hset(self._key, person, state))
            return bool(await self._redis.hdel(self._key, person))

    async def chosen(self, person: str) -> State:
        """What the person chose last, present or not. Raises RedisError within 1 s."""
        async with patience():
            return "away" if await self._redis.hexists(self._key, person) else "online"
