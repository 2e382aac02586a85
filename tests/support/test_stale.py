"""Hints may be lost; what they were about may not: whoever missed a change of state is sent it anew."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync

from accounts.actor import Actor
from accounts.models import Agent
from accounts.tokens import CustomerToken
from support import actions, broadcast, limits, stale_feeds
from support.broadcast import reader_feed, room_feed, site_feed
from support.consumers.customer import CustomerConsumer
from support.mailbox import STALE
from support.models import Site
from support.protocol.entities import Colleague, Person
from support.summaries import summaries
from support.wire import Audience, RoomRef
from tests.presence.conftest import until
from tests.presence.proxy import Proxy
from tests.support.redis_line import layer_through, redis_proxy
from tests.support.wire import Wire

Connect = Callable[..., Awaitable[Wire]]

ALICE = Person(ref="agent:1", name="Alice")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REFRESH_SPREAD_SECONDS", 0.2)


@pytest.fixture
def room(carol: CustomerToken) -> RoomRef:
    ref, _ = async_to_sync(actions.open_room)(carol.actor, str(uuid4()), "Hello", str(uuid4()))
    return ref


@pytest.fixture
async def line() -> AsyncIterator[Proxy]:
    """What this process listens and publishes through."""
    async with redis_proxy() as proxy, layer_through(proxy, listens=True):
        yield proxy


@pytest.fixture
async def way_out() -> AsyncIterator[Proxy]:
    """What this process publishes through; what others publish reaches it in any case."""
    async with redis_proxy() as proxy, layer_through(proxy, listens=False):
        yield proxy


async def test_who_was_deaf_sees_what_has_changed(
    line: Proxy, connect: Connect, carol: CustomerToken, alice: Agent, room: RoomRef
) -> None:
    """An agent came while nothing could be heard: a new welcome says so, and neither connection has ended."""
    customer = await connect(carol)
    await line.cut()
    agent = await connect(alice)
    await agent.send("room.open", room=str(room.id))
    await agent.expect("snapshot")
    await line.heal()
    assert (await customer.expect("welcome"))["online"]
    assert (await agent.expect("welcome"))["customers_online"] == [carol.actor.ref]
    present = (await agent.expect("snapshot"))["snapshot"]["present"]
    assert [who["ref"] for who in present] == [carol.actor.ref]


async def test_a_connection_that_comes_during_an_outage_is_served(
    line: Proxy, connect: Connect, carol: CustomerToken, alice: Agent
) -> None:
    """It is welcomed within seconds, writes, and hears others when Redis is back."""
    await line.cut()
    began = monotonic()
    customer = await connect(carol)
    assert monotonic() - began < 5
    key = str(uuid4())
    await customer.write(key, "Anybody there?")
    agent = await connect(alice)
    await line.heal()
    await customer.expect("welcome")
    await agent.expect("welcome")
    await agent.send("rooms.list", view="all", cursor="")
    (listed,) = (await agent.expect("rooms"))["rooms"]
    await agent.write(listed["room"], "Yes")
    assert (await customer.expect("entry"))["entry"]["body"] == "Yes"


CHANGES: dict[str, tuple[Callable[[RoomRef, Actor], Awaitable[Any]], Callable[[RoomRef, Actor], str]]] = {
    "colleague": (
        lambda room, who: broadcast.colleague(room.site_id, Colleague(ref=who.ref, name="Alice", state="away")),
        lambda room, who: site_feed(room.site_id, Audience.STAFF),
    ),
    "availability": (
        lambda room, who: broadcast.availability(room.site_id, [ALICE]),
        lambda room, who: site_feed(room.site_id, Audience.PUBLIC),
    ),
    "availability.self": (
        lambda room, who: broadcast.availability_chosen(who, "away"),
        lambda room, who: reader_feed(who.ref),
    ),
    "room.presence": (
        lambda room, who: broadcast.room_presence(room, ALICE, present=True),
        lambda room, who: room_feed(room.id, Audience.PUBLIC),
    ),
    "customer.presence": (
        lambda room, who: broadcast.customer_presence(room.site_id, room.customer, present=False),
        lambda room, who: site_feed(room.site_id, Audience.STAFF),
    ),
    "seen": (lambda room, who: broadcast.seen(who, room, 1, 1), lambda room, who: reader_feed(who.ref)),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_that_was_not_published_makes_its_feed_stale(
    way_out: Proxy, room: RoomRef, alice_actor: Actor, change: str
) -> None:
    """Its listeners hear of it as soon as this process can publish again."""
    publish, feed = CHANGES[change]
    channel = await broadcast._layer().new_channel()
    await broadcast._layer().group_add(feed(room, alice_actor), channel)
    await way_out.cut()
    await publish(room, alice_actor)
    assert len(broadcast._stale())
    await way_out.heal()
    async with asyncio.timeout(10):
        assert (await broadcast._layer().receive(channel))["type"] == STALE


async def test_what_heals_by_itself_makes_nothing_stale(way_out: Proxy, room: RoomRef, alice_actor: Actor) -> None:
    """Heads in heartbeats show entries; typing is over in seconds."""
    entries = await actions.post(alice_actor, room, "Hello", str(uuid4()))
    await way_out.cut()
    await broadcast.entries(room, entries)
    await broadcast.typing(room, ALICE, on=True)
    assert not len(broadcast._stale())


async def test_a_lost_change_is_seen_in_the_end(
    way_out: Proxy, connect: Connect, carol: CustomerToken, alice: Agent
) -> None:
    """The whole way: a customer's lamp goes out although the process that knew could not say so."""
    agent, customer = await connect(alice), await connect(carol)
    assert customer.welcome["online"]
    await way_out.cut()
    await agent.send("availability.set", state="away")
    await until(lambda: site_feed(carol.site_id, Audience.PUBLIC) in broadcast._stale()._feeds)
    await way_out.heal()
    async with asyncio.timeout(10):
        while (await customer.expect("welcome"))["online"]:
            pass


async def test_very_many_stale_feeds_are_everybody(
    way_out: Proxy, connect: Connect, carol: CustomerToken, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is remembered has an end, and nobody is forgotten by it."""
    monkeypatch.setattr(stale_feeds, "FEEDS", 2)
    customer = await connect(carol)
    await way_out.cut()
    for absent in range(5):
        await broadcast.availability(10_000 + absent, [])
    assert len(broadcast._stale()) == 1
    await way_out.heal()
    await customer.expect("welcome")


async def test_the_inbox_gets_its_line_after_an_outage(
    way_out: Proxy, connect: Connect, alice: Agent, room: RoomRef
) -> None:
    """A room is touched until its line went out."""
    agent = await connect(alice)
    await way_out.cut()
    summaries().touch(room.id)
    await until(lambda: not summaries()._touched)
    # It went out of the door and came back.
    await until(lambda: summaries()._touched == {room.id})
    await way_out.heal()
    assert (await agent.expect("summary"))["summary"]["room"] == str(room.id)


async def test_many_reasons_are_one_refresh(connect: Connect, carol: CustomerToken, alice_actor: Actor) -> None:
    """Fresh state is not sent more than once in a few seconds, and the last reason is not forgotten."""
    customer = await connect(carol)
    for _ in range(10):
        await broadcast._layer().group_send(reader_feed(carol.actor.ref), {"type": STALE})
        await broadcast.seen(carol.actor, RoomRef(1, "a", carol.site_id, carol.actor.ref), 1, 1)
        await customer.expect("seen")
    began = monotonic()
    await customer.expect("welcome")
    assert monotonic() - began < 1
    await broadcast._layer().group_send(reader_feed(carol.actor.ref), {"type": STALE})
    await customer.expect("welcome")
    assert monotonic() - began > limits.REFRESH_SECONDS - 1


async def test_fresh_state_is_read_again_when_it_could_not_be(
    connect: Connect, carol: CustomerToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that was away at that moment is no reason to stay stale."""
    monkeypatch.setattr(limits, "REFRESH_SECONDS", 0.1)
    settle, failures = CustomerConsumer._settle, [1, 2]

    async def faulty(self: CustomerConsumer) -> None:
        if failures:
            failures.pop()
            raise ConnectionError
        await settle(self)

    customer = await connect(carol)
    monkeypatch.setattr(CustomerConsumer, "_settle", faulty)
    await broadcast._layer().group_send(reader_feed(carol.actor.ref), {"type": STALE})
    await customer.expect("welcome")
    assert not failures
