"""A Redis client that suits presence: it gives up soon and never asks twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import TimeoutError as RedisTimeoutError

PATIENCE = 1.0
CONNECTIONS = 20


def connect(url: str) -> Redis:
    """A client that waits at most 1 s for a connection or an answer, for one event loop.

    It does not retry: a second try would find the first one's work done and so lose the transitions it reported.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        timeout=PATIENCE,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
        max_connections=CONNECTIONS,
    )
    return Redis.from_pool(pool)


@asynccontextmanager
async def patience() -> AsyncIterator[None]:
    """Raise redis' TimeoutError after 1 s, whatever the pool, the handshake and the answer took of it."""
    try:
        async with asyncio.timeout(PATIENCE):
            yield
    except TimeoutError:
        raise RedisTimeoutError(f"no answer within {PATIENCE} s") from None
