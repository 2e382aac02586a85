"""Joins and leaves outlive Redis: the journal goes into PostgreSQL, and who was here when is remembered."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from accounts.models import Agent
from accounts.tokens import CustomerToken
from presence.journal import Change, Journal
from support import actions
from support.actions import keep_presence
from support.attendance import attendance, customers_topic, room_topic
from support.models import Customer, PresenceEvent, Site
from support.tasks import store_presence
from support.wire import RoomRef
from tests.support.wire import Wire

Connect = Callable[..., Awaitable[Wire]]


@pytest.fixture
def room(carol: CustomerToken) -> RoomRef:
    ref, _ = async_to_sync(actions.open_room)(carol.actor, str(uuid4()), "Hello", str(uuid4()))
    return ref


async def test_a_visit_is_kept(connect: Connect, alice: Agent, carol: CustomerToken, room: RoomRef) -> None:
    """Who came to the room and left it, once however often it is stored; and when the customer was last here."""
    agent, customer = await connect(alice), await connect(carol)
    await agent.send("room.open", room=str(room.id))
    await agent.expect("snapshot")
    await customer.close()
    await agent.expect("room.presence", present=False)
    await sync_to_async(store_presence)()
    events = PresenceEvent.objects.filter(topic=room_topic(room.id), person=carol.actor.ref).order_by("pk")
    assert [(event.present, event.cause) async for event in events] == [(True, "enter"), (False, "leave")]
    left = (await events.alast()).at  # type: ignore[union-attr]
    assert (await Customer.objects.aget(pk=carol.customer)).last_seen_at >= left.replace(microsecond=0)  # type: ignore[operator]
    stored = await PresenceEvent.objects.acount()
    await attendance().roster.redis.delete("{presence}:kept")
    await sync_to_async(store_presence)()
    assert await PresenceEvent.objects.acount() == stored
    await agent.send("room.open", room=str(room.id))
    snapshot = (await agent.expect("snapshot"))["snapshot"]
    assert snapshot["last_seen"] is not None


async def test_who_only_looks_leaves_no_row(connect: Connect, mallory: CustomerToken) -> None:
    """No visit of somebody who has not written is stored."""
    wire = await connect(mallory)
    await wire.close()
    await sync_to_async(store_presence)()
    assert not await PresenceEvent.objects.filter(person=mallory.actor.ref).aexists()


async def test_storing_goes_on_where_it_ended(connect: Connect, site: Site, alice: Agent) -> None:
    """The position moves with the pages, and a wiped Redis begins anew."""
    await connect(alice)
    journal = Journal(attendance().roster.redis)
    assert await sync_to_async(store_presence)() >= 1
    assert await journal.kept() == (await journal.read(limit=10**6))[-1].id
    assert await sync_to_async(store_presence)() == 0
    await attendance().roster.redis.flushdb()
    assert await journal.kept() == "0-0"


def test_an_older_leave_does_not_move_last_seen_back(room: RoomRef, carol: CustomerToken) -> None:
    def left(at_ms: int) -> None:
        topic = customers_topic(room.site_id)
        keep_presence([Change(topic, carol.actor.ref, False, at_ms, "leave", f"{at_ms}-0", "a")])

    left(2_000)
    left(1_000)
    customer = Customer.objects.get(pk=carol.customer)
    assert customer.last_seen_at is not None
    assert customer.last_seen_at.timestamp() == 2
