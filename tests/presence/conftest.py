import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis

from presence.connection import connect
from presence.journal import Change
from presence.roster import Roster
from tests.presence.proxy import Proxy

DATABASE = 13


class Clock:
    """A clock for the roster that moves only when told."""

    def __init__(self) -> None:
        self.ms = 1_700_000_000_000

    def __call__(self) -> int:
        return self.ms

    def advance(self, seconds: float) -> None:
        self.ms += round(seconds * 1000)


class Heard:
    """A callback that keeps every change it was told of."""

    def __init__(self) -> None:
        self.changes: list[Change] = []

    async def __call__(self, change: Change) -> None:
        self.changes.append(change)

    @property
    def brief(self) -> list[tuple[str, bool, str]]:
        return [(change.person, change.present, change.cause) for change in self.changes]


def redis_url(host_and_port: str = "") -> str:
    """The database of these tests, at the real server or behind a proxy."""
    parts = urlsplit(os.environ["REDIS_URL"])
    secret, _, server = parts.netloc.rpartition("@")
    netloc = f"{secret}@{host_and_port or server}" if secret else host_and_port or server
    return parts._replace(netloc=netloc, path=f"/{DATABASE}").geturl()


async def until(holds: Callable[[], Awaitable[bool] | bool], seconds: float = 10.0) -> None:
    """Wait until the condition holds; fails after `seconds`, which is far more than it should take."""
    async with asyncio.timeout(seconds):
        while True:
            answer = holds()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.01)


@pytest.fixture
async def redis() -> AsyncIterator[Redis]:
    """A client of an empty database."""
    async with connect(redis_url()) as client:
        await client.flushdb()
        yield client
        await client.flushdb()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def roster(redis: Redis, clock: Clock) -> Roster:
    """A roster with leases of 30 s by a clock that the test moves."""
    return Roster(redis, clock=clock)


@pytest.fixture
async def proxy(redis: Redis) -> AsyncIterator[Proxy]:
    server = urlsplit(redis_url())
    async with Proxy(server.hostname or "127.0.0.1", server.port or 6379) as proxy:
        yield proxy


@pytest.fixture
async def distant(proxy: Proxy) -> AsyncIterator[Redis]:
    """A client of the same database that reaches it through the proxy."""
    async with connect(redis_url(f"127.0.0.1:{proxy.port}")) as client:
        yield client
