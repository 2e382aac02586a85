"""A Redis client that suits presence: it gives up soon and never asks twice."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

PATIENCE = 1.0


def connect(url: str) -> Redis:
    """A client that waits at most 1 s for a connection or an answer.

    It does not retry: a second try would find the first one's work done and so lose the transitions it reported.
    """
    return Redis.from_url(
        url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0), max_connections=50
    )
