"""The sockets' database threads: bounded, clean, and one slow query does not stall the others."""

import asyncio
from collections.abc import Awaitable, Callable
from threading import Event, current_thread
from time import monotonic
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import OperationalError, connection, transaction

from accounts.tokens import CustomerToken
from support import limits
from support.models import Message, RoomHead
from support.threads import _threads, answer_by, database_threads
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


async def test_a_database_that_hangs_is_a_database_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody has an answer in time, also who waited behind the ones that hang; what has not begun never runs."""
    monkeypatch.setattr(limits, "ANSWER_SECONDS", 0.2)
    begun: list[int] = []
    async with database_threads():
        started = monotonic()
        hung = [sync_to_async(query)("SELECT pg_sleep(1)") for _ in range(settings.SOCKET_DATABASE_THREADS)]
        answers = await asyncio.gather(*hung, sync_to_async(begun.append)(1), return_exceptions=True)
        assert monotonic() - started < 0.9
        assert {type(answer) for answer in answers} == {OperationalError}
        monkeypatch.setattr(limits, "ANSWER_SECONDS", 5)
        await asyncio.gather(*(sync_to_async(query)("SELECT 1") for _ in range(8)))
    assert begun == []


async def test_units_of_one_frame_share_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that begins when the time is nearly over has what is left of it."""
    monkeypatch.setattr(limits, "ANSWER_SECONDS", 30)
    async with database_threads():
        started = monotonic()
        with answer_by(started + 0.4):
            await sync_to_async(query)("SELECT pg_sleep(0.2)")
            with pytest.raises(OperationalError):
                await sync_to_async(query)("SELECT pg_sleep(3)")
        assert monotonic() - started < 2
        await sync_to_async(query)("SELECT pg_sleep(0.5)")


async def test_a_task_begun_by_a_frame_has_time_of_its_own() -> None:
    """Lines of the inbox and receipts are stored long after the frame that they began with."""

    async def later() -> None:
        async with database_threads():
            await sync_to_async(query)("SELECT pg_sleep(0.2)")

    async with database_threads():
        with answer_by(monotonic()):
            task = asyncio.create_task(later())
        await task


async def test_a_message_is_refused_in_time_and_stored_once(
    connect: Callable[..., Awaitable[Wire]], carol: CustomerToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database hangs in the middle of the INSERT and commits it later: the same text sent again is that one."""
    wire = await connect(carol)
    room, client_id = str(uuid4()), str(uuid4())
    await wire.write(room, "First")
    held, release = Event(), Event()
    holding = asyncio.create_task(asyncio.to_thread(hold_heads, held, release))
    await asyncio.to_thread(held.wait, 10)
    monkeypatch.setattr(limits, "ANSWER_SECONDS", 0.3)
    await wire.send("message.send", client_id=client_id, room=room, body="Second")
    refusal = await wire.refused("unavailable")
    assert (refusal["client_id"], refusal["retry_after"]) == (client_id, 1.0)
    monkeypatch.undo()
    release.set()
    await holding
    assert (await wire.write(room, "Second", client_id=client_id))["seq"] == 2
    assert await Message.objects.filter(client_id=client_id).acount() == 1


def hold_heads(held: Event, release: Event) -> None:
    """Lock every room's head until `release`, as a transaction that hangs would."""
    try:
        with transaction.atomic():
            list(RoomHead.objects.select_for_update())
            held.set()
            release.wait(10)
    finally:
        connection.close()


async def test_what_cannot_be_served_in_time_does_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is frozen for an hour costs no more memory than one that is frozen for a minute."""
    monkeypatch.setattr(limits, "UNITS_WAITING", 10)
    monkeypatch.setattr(limits, "ANSWER_SECONDS", 0.5)
    async with database_threads():
        hung = [sync_to_async(query)("SELECT pg_sleep(2)") for _ in range(100)]
        answers = await asyncio.gather(*hung, return_exceptions=True)
        assert {type(answer) for answer in answers} == {OperationalError}
        assert _threads()._work_queue.qsize() <= 10
        monkeypatch.undo()
        await sync_to_async(query)("SELECT 1")


async def test_frames_that_hang_one_behind_the_other_are_answered_together(
    connect: Callable[..., Awaitable[Wire]], carol: CustomerToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written behind a page that hangs is refused when its own time is over, not after the page's as well."""
    wire = await connect(carol)
    room = str(uuid4())
    await wire.write(room, "First")
    release = Event()
    monkeypatch.setattr("support.queries.entries_before", lambda *_: release.wait(20))
    monkeypatch.setattr(limits, "ANSWER_SECONDS", 1.0)
    for _ in range(3):
        await wire.send("history", room=room, before=1)
    started = monotonic()
    client_id = str(uuid4())
    await wire.send("message.send", client_id=client_id, room=room, body="Behind")
    await wire.expect("error", client_id=client_id)
    assert monotonic() - started < 2.5
    release.set()
