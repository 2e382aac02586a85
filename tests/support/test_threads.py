"""The sockets' database threads: bounded, clean, and one slow query does not stall the others."""

import asyncio
from collections.abc import Awaitable, Callable
from threading import current_thread
from time import monotonic
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection

from accounts.tokens import CustomerToken
from support.threads import database_threads
from tests.support.wire import Wire

pytestmark = pytest.mark.django_db(transaction=True)


def query(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


async def test_a_slow_query_does_not_stall_other_sockets(
    connect: Callable[..., Awaitable[Wire]], carol: CustomerToken, mallory: CustomerToken
) -> None:
    """While one unit of work sleeps in PostgreSQL, another socket's message is stored and acknowledged."""
    wire = await connect(mallory)
    async with database_threads():
        slow = asyncio.create_task(sync_to_async(query)("SELECT pg_sleep(3)"))
        await asyncio.sleep(0)
        await wire.write(str(uuid4()), "Quick")
        assert not slow.done()
        await slow


async def test_several_queries_run_at_once_on_a_bounded_number_of_threads() -> None:
    """Four sleep as long as one, and no work ever makes a fifth thread."""
    names: set[str] = set()

    def sleep() -> None:
        names.add(current_thread().name)
        query("SELECT pg_sleep(0.5)")

    async with database_threads():
        await asyncio.gather(*(sync_to_async(query)("SELECT 1") for _ in range(4)))
        started = monotonic()
        await asyncio.gather(*(sync_to_async(sleep)() for _ in range(4)))
        at_once = monotonic() - started
        await asyncio.gather(*(sync_to_async(query)("SELECT 1") for _ in range(40)))
    assert at_once < 1.5
    assert 1 < len(names) <= settings.SOCKET_DATABASE_THREADS


async def test_connections_go_back_after_each_unit_of_work() -> None:
    """No thread keeps a connection between two events, so the pool can be smaller than the number of sockets."""

    def usable() -> bool:
        before = connection.connection is None
        query("SELECT 1")
        return before

    async with database_threads():
        assert await sync_to_async(usable)()
        assert all(await asyncio.gather(*(sync_to_async(usable)() for _ in range(8))))
