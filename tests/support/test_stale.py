"""Hints may be lost; what they were about may not: whoever missed a change of state is sent it anew."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from redis.exceptions import TimeoutError as RedisTimeoutError

from accounts.actor import Actor
from accounts.models import Agent
from accounts.tokens import CustomerToken
from support import actions, broadcast, limits, stale_feeds
from support.attendance import agents_topic, attendance
from support.broadcast import reader_feed, room_feed, site_feed
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


async def told(hint: Callable[..., None], *args: Any) -> None:
    """A hint that nobody waits for, waited for."""
    hint(*args)
    await until(lambda: (telling := broadcast._outgoing()._task) is not None and telling.done())


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
    "seen": (lambda room, who: told(broadcast.seen, who, room, 1, 1), lambda room, who: reader_feed(who.ref)),
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
    broadcast.entries(room, entries)
    broadcast.typing(room, ALICE, on=True)
    await until(lambda: (telling := broadcast._outgoing()._task) is not None and telling.done())
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
    began = monotonic()

    async def miss() -> None:
        await broadcast._layer().group_send(reader_feed(carol.actor.ref), {"type": STALE})

    for _ in range(10):
        await miss()
        broadcast.seen(carol.actor, RoomRef(1, "a", carol.site_id, carol.actor.ref), 1, 1)
        await customer.expect("seen")
    await miss()
    await customer.expect("welcome")
    await miss()
    await customer.expect("welcome")
    welcomes = [frame for frame in customer.frames if frame["type"] == "welcome"]
    # The first answered the hello, and the second came when it was asked for.
    assert len(welcomes) - 2 <= (monotonic() - began) / limits.REFRESH_SECONDS


def fail_once(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """The next question for agents is not answered."""
    faults: list[Exception] = [RedisTimeoutError("busy")]
    real = attendance()._agent_states

    async def states(site_ids: list[int]) -> Any:
        if faults:
            raise faults.pop()
        return await real(site_ids)

    monkeypatch.setattr(attendance(), "_agent_states", states)
    return faults


async def test_who_could_not_be_told_who_is_there_is_told_later(
    connect: Connect, carol: CustomerToken, mallory: CustomerToken, alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The roster did not answer for once: the lamp is dark for a moment, not for ever."""
    first = await connect(carol)
    await connect(alice)
    assert (await first.expect("availability"))["online"]
    await until(lambda: not (telling := attendance().leases._delivery._task) or telling.done())
    fail_once(monkeypatch)
    customer = await connect(mallory)
    assert customer.welcome["online"] == []
    assert (await customer.expect("welcome"))["online"]


async def test_a_change_of_presence_that_could_not_be_told_is_read_later(
    connect: Connect, carol: CustomerToken, alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading who is there now failed, so nothing could be said: listeners read it themselves."""
    customer = await connect(carol)
    faults = fail_once(monkeypatch)
    await attendance().leases.hold(agents_topic(carol.site_id), f"agent:{alice.pk}", "tab")
    await customer.expect("welcome")
    assert not faults


async def test_a_change_whose_teller_lost_patience_is_read_later(
    connect: Connect, carol: CustomerToken, alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is too busy to tell of a change in time still owes it, and says so without a traceback."""
    customer = await connect(carol)
    monkeypatch.setattr("presence.delivery.CALLBACK_PATIENCE", 0.2)
    release = asyncio.Event()

    async def slowly(change: object) -> None:
        await release.wait()

    monkeypatch.setattr(attendance(), "_tell", slowly)
    await attendance().leases.hold(agents_topic(carol.site_id), f"agent:{alice.pk}", "tab")
    await customer.expect("welcome")
    release.set()


async def test_presence_that_comes_back_is_read_by_everybody_here(
    connect: Connect, carol: CustomerToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when only presence was away, and feeds were not."""
    customer = await connect(carol)
    leases = attendance().leases
    faults = [RedisTimeoutError("busy")]
    real = leases._sweep_when_due

    async def sweep() -> None:
        if faults:
            raise faults.pop()
        await real()

    monkeypatch.setattr(leases, "_sweep_when_due", sweep)
    await customer.expect("welcome")
    assert not leases.on_hold
