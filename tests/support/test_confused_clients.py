"""Clients that are wrong about what is there: late, early, doubled, cut off, or from another day."""

import json
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync

from accounts.models import Agent
from accounts.tokens import CustomerToken
from support import actions, limits
from support.models import Message
from support.wire import RoomRef
from tests.support.wire import Wire

Connect = Callable[..., Awaitable[Wire]]

FUTURE = limits.MAX_INTEGER


@pytest.fixture
def room(carol: CustomerToken) -> RoomRef:
    ref, _ = async_to_sync(actions.open_room)(carol.actor, str(uuid4()), "Hello", str(uuid4()))
    return ref


async def test_a_seq_from_the_future_is_answered_with_what_is_there(
    connect: Connect, carol: CustomerToken, room: RoomRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a sync, a page of history, a heartbeat and a mark alike; and the connection goes on."""
    monkeypatch.setattr(limits, "HEARTBEAT_SECONDS", 0.05)
    wire = await connect(carol)
    await wire.send("sync", room=room.key, after=FUTURE)
    assert (await wire.expect("snapshot"))["snapshot"]["head"] == 1
    await wire.send("history", room=room.key, before=FUTURE)
    assert [entry["seq"] for entry in (await wire.expect("history"))["entries"]] == [1]
    await wire.send("heartbeat", heads={room.key: FUTURE})
    await wire.expect("heartbeat", heads={room.key: 1})
    await wire.send("seen", room=room.key, seq=FUTURE)
    assert (await wire.expect("seen"))["seq"] == 1
    for wrong, code in ((FUTURE + 1, "not_json"), (-1, "bad_frame"), (1.5, "bad_frame"), ("1", "bad_frame")):
        await wire.send("sync", room=room.key, after=wrong)
        await wire.refused(code)
    await wire.write(room.key, "Still here")


async def test_a_client_id_stands_for_its_first_words_for_ever(
    connect: Connect, carol: CustomerToken, room: RoomRef
) -> None:
    """Other words under it are refused, on any connection, and the first stay as they were."""
    one, two = await connect(carol), await connect(carol)
    client_id = str(uuid4())
    first = await one.write(room.key, "First words", client_id=client_id)
    for wire in (one, two):
        await wire.send("message.send", client_id=client_id, room=room.key, body="Other words")
        refused = await wire.refused("client_id_reused")
        assert refused["client_id"] == client_id
        again = await wire.write(room.key, "First words", client_id=client_id)
        assert again == first
    stored = Message.objects.filter(client_id=client_id)
    assert [message.body async for message in stored] == ["First words"]


async def test_a_client_id_of_somebody_else_takes_nothing_away(
    connect: Connect, carol: CustomerToken, alice: Agent, room: RoomRef
) -> None:
    """Ids are each sender's own: nobody can occupy another's, or read by it."""
    client_id = str(uuid4())
    customer, agent = await connect(carol), await connect(alice)
    assert (await agent.write(str(room.id), "The agent's", client_id=client_id))["seq"] == 2
    assert (await customer.write(room.key, "The customer's", client_id=client_id))["seq"] == 3


async def test_frames_that_come_twice_in_a_row_are_stored_once(
    connect: Connect, carol: CustomerToken, room: RoomRef
) -> None:
    """Replayed in another order as well: each keeps the place it had."""
    wire = await connect(carol)
    ids = [str(uuid4()) for _ in range(3)]
    acks = [await wire.write(room.key, f"Text {n}", client_id=client_id) for n, client_id in enumerate(ids)]
    replayed = [(ids[n], acks[n], f"Text {n}") for n in (2, 0, 1, 1)]
    for client_id, ack, body in replayed:
        assert await wire.write(room.key, body, client_id=client_id) == ack
    assert await Message.objects.filter(room_id=room.id).acount() == 4


async def test_a_truncated_frame_costs_itself_only(connect: Connect, carol: CustomerToken, room: RoomRef) -> None:
    """Wherever it is cut, the answer has a code, and the whole frame is taken afterwards."""
    wire = await connect(carol)
    client_id = str(uuid4())
    whole = json.dumps({"type": "message.send", "client_id": client_id, "room": room.key, "body": "Whole"})
    for end in range(0, len(whole), 9):
        await wire.raw(whole[:end])
        await wire.refused("not_json")
    await wire.raw(whole)
    assert (await wire.expect("ack", client_id=client_id))["seq"] == 2


async def test_no_time_of_a_client_is_ever_asked(connect: Connect, carol: CustomerToken, room: RoomRef) -> None:
    """A clock that is a day off orders nothing: frames have no time, and entries get the database's."""
    wire = await connect(carol)
    await wire.send("message.send", client_id=str(uuid4()), room=room.key, body="Yesterday", at=0)
    await wire.refused("bad_frame")
    first = await wire.write(room.key, "One")
    second = await wire.write(room.key, "Two")
    assert first["at"] <= second["at"]
    times = [message.created_at async for message in Message.objects.filter(room_id=room.id).order_by("seq")]
    assert times == sorted(set(times))
