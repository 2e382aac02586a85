"""Ticks: saved, delivered, seen; and everybody's own mark."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError

from accounts.actor import Actor
from accounts.models import Agent
from accounts.tokens import CustomerToken
from support import actions, broadcast, limits, outgoing, queries
from support.models import Message, Receipt, Site
from support.wire import Audience, RoomRef
from tests.support.wire import SECONDS, Wire

Connect = Callable[..., Awaitable[Wire]]


@pytest.fixture
def room(carol: CustomerToken) -> RoomRef:
    ref, _ = async_to_sync(actions.open_room)(carol.actor, str(uuid4()), "Hello", str(uuid4()))
    return ref


@pytest.fixture
def noted(room: RoomRef, alice_actor: Actor, carol: CustomerToken, new_id: Callable[[], str]) -> RoomRef:
    """Staff counts text, note, text, text; the customer text, text, text."""
    post = async_to_sync(actions.post)
    post(alice_actor, room, "Between us", new_id(), Message.Kind.NOTE)
    post(carol.actor, room, "Two", new_id())
    post(alice_actor, room, "Answer", new_id())
    return room


def move(room: RoomRef, actor: Actor, *, delivered: int = 0, seen: int = 0) -> list[actions.Moved]:
    return actions.move([(room.id, actor, actions.Asked(delivered, seen))])


def test_marks_are_counted_both_ways(noted: RoomRef, carol: CustomerToken, alice_actor: Actor) -> None:
    """What the agent saw is told to the customer as the customer counts, and the other way round."""
    move(noted, alice_actor, delivered=4, seen=3)
    move(noted, carol.actor, delivered=3, seen=2)
    marks = queries.marks([noted.id], [alice_actor.ref, carol.actor.ref])[noted.id]
    assert marks.of_others[Audience.PUBLIC].model_dump() == {"delivered": 3, "seen": 2}
    assert marks.of_others[Audience.STAFF].model_dump() == {"delivered": 4, "seen": 3}
    assert marks.own[alice_actor.ref].model_dump() == {"seq": 3, "texts": 2}
    assert marks.own[carol.actor.ref].model_dump() == {"seq": 2, "texts": 0}


def test_a_note_at_the_mark_counts_as_the_text_before_it(noted: RoomRef, alice_actor: Actor) -> None:
    """The customer does not learn that there is one."""
    move(noted, alice_actor, seen=2)
    assert queries.marks([noted.id])[noted.id].of_others[Audience.PUBLIC].model_dump() == {"delivered": 1, "seen": 1}


def test_marks_only_move_forward(noted: RoomRef, alice_actor: Actor) -> None:
    """What was seen has arrived; what is beyond the end is the end; what is older changes nothing."""
    assert move(noted, alice_actor, seen=3)[0].delivered == 3
    assert move(noted, alice_actor, delivered=2, seen=1) == []
    assert move(noted, alice_actor, delivered=10**12)[0][2:4] == (4, 3)
    assert move(noted, alice_actor, delivered=10**12) == []


def test_the_furthest_agent_counts(noted: RoomRef, alice_actor: Actor, bob_actor: Actor) -> None:
    """And a program that reads along is nobody."""
    move(noted, alice_actor, seen=1)
    move(noted, bob_actor, delivered=4)
    move(noted, Actor(kind="bot", id="1", name="Bot"), seen=4)
    assert queries.marks([noted.id])[noted.id].of_others[Audience.PUBLIC].model_dump() == {"delivered": 3, "seen": 1}


def test_many_marks_move_in_one_statement(
    noted: RoomRef, carol: CustomerToken, alice_actor: Actor, django_assert_num_queries: Any
) -> None:
    nowhere = (0, carol.actor, actions.Asked(1, 1))
    with django_assert_num_queries(1):
        moved = actions.move(
            [(noted.id, alice_actor, actions.Asked(4, 3)), (noted.id, carol.actor, actions.Asked(3, 0)), nowhere]
        )
    assert len(moved) == Receipt.objects.count() == 2


async def test_ticks_travel(connect: Connect, alice: Agent, carol: CustomerToken, room: RoomRef) -> None:
    """The author hears that it arrived, then that it was seen; a snapshot says the same."""
    agent, customer = await connect(alice), await connect(carol)
    await agent.send("room.open", room=str(room.id))
    assert (await agent.expect("snapshot"))["snapshot"]["receipt"] == {"delivered": 0, "seen": 0}
    await agent.send("delivered", marks={str(room.id): 1})
    await customer.expect("receipt", room=room.key, delivered=1, seen=0)
    await agent.send("seen", room=str(room.id), seq=1)
    await customer.expect("receipt", room=room.key, delivered=1, seen=1)
    await agent.write(str(room.id), "Answer")
    await customer.expect("entry")
    await customer.send("delivered", marks={room.key: 2})
    await agent.expect("receipt", room=str(room.id), delivered=2, seen=0)
    again = await connect(carol)
    assert again.welcome["rooms"][0]["receipt"] == {"delivered": 1, "seen": 1}


async def test_what_arrived_in_the_list_counts_also_without_opening(
    connect: Connect, alice: Agent, carol: CustomerToken, room: RoomRef
) -> None:
    agent, customer = await connect(alice), await connect(carol)
    await agent.send("delivered", marks={str(room.id): 1})
    await customer.expect("receipt", delivered=1, seen=0)


async def test_nobody_moves_marks_of_rooms_that_are_not_theirs(
    connect: Connect, mallory: CustomerToken, carol: CustomerToken, alice: Agent, site: Site, room: RoomRef
) -> None:
    """Neither another customer nor an agent who has left the site; what is theirs in the same frame still counts."""
    other = await connect(mallory)
    own = str(uuid4())
    await other.write(own, "Mine")
    await other.send("delivered", marks={room.key: 1, own: 1})
    await other.send("seen", room=room.key, seq=1)
    await other.refused("no_such_room")
    agent = await connect(alice)
    site.active = False
    await site.asave()
    await agent.send("delivered", marks={str(room.id): 1})
    await agent.send("seen", room=str(room.id), seq=1)
    await agent.refused("no_such_room")
    async with asyncio.timeout(SECONDS):
        while not await Receipt.objects.filter(room__key=own).aexists():  # noqa: ASYNC110  # a table tells nobody
            await asyncio.sleep(0.02)
    assert [receipt.reader async for receipt in Receipt.objects.all()] == [mallory.actor.ref]


async def test_a_lost_hint_of_a_mark_comes_with_the_heartbeat(
    connect: Connect, alice: Agent, carol: CustomerToken, room: RoomRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both of the other side's and of one's own; and it is told once."""
    monkeypatch.setattr(limits, "HEARTBEAT_SECONDS", 0.05)

    def lost(*publications: object) -> None:
        """As while Redis is down."""

    agent, tab, customer = await connect(alice), await connect(alice), await connect(carol)
    for wire in (agent, tab):
        await wire.send("room.open", room=str(room.id))
        await wire.expect("snapshot")
    monkeypatch.setattr(broadcast, "_hint", lost)
    await agent.send("seen", room=str(room.id), seq=1)
    await customer.expect("heartbeat", receipts={room.key: {"delivered": 1, "seen": 1}})
    await customer.expect("heartbeat", receipts={})
    await tab.expect("heartbeat", marks={str(room.id): {"seq": 1, "texts": 1}})
    await tab.expect("heartbeat", marks={})


async def test_marks_wait_for_a_database_that_does_not_answer(
    connect: Connect, alice: Agent, carol: CustomerToken, room: RoomRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And are stored when it does."""
    monkeypatch.setattr("support.receipts.RETRY_SECONDS", 0.05)
    faults = [OperationalError("down")] * 3
    real = actions.move

    def move(asked: Any) -> Any:
        if faults:
            raise faults.pop()
        return real(asked)

    monkeypatch.setattr("support.receipts.move", move)
    agent, customer = await connect(alice), await connect(carol)
    await agent.send("delivered", marks={str(room.id): 1})
    await agent.send("seen", room=str(room.id), seq=1)
    await customer.expect("receipt", delivered=1, seen=1)
    assert not faults


def test_a_server_of_the_version_before_moves_marks_it_knows_only(noted: RoomRef, alice_actor: Actor) -> None:
    """The same mark reported again repairs what it left out."""
    move(noted, alice_actor, delivered=4, seen=1)
    Receipt.objects.update(seen=4)
    assert move(noted, alice_actor, seen=4)[0].public_seen == 3


async def test_receipts_do_not_wait_for_a_layer_that_hangs(
    connect: Connect, alice: Agent, carol: CustomerToken, room: RoomRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are stored at their pace, whatever becomes of their hints."""
    monkeypatch.setattr(outgoing, "PUBLISH_SECONDS", 30)
    agent = await connect(alice)

    async def hang(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(broadcast._outgoing(), "_send", hang)
    for seq in range(1, 4):
        await agent.write(str(room.id), f"Text {seq}")
        await agent.send("seen", room=str(room.id), seq=seq)
        async with asyncio.timeout(SECONDS):
            while not await Receipt.objects.filter(seen=seq).aexists():  # noqa: ASYNC110  # a table tells nobody
                await asyncio.sleep(0.02)
