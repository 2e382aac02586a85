"""The customer's socket: snapshot, acks, catching up, and an answer to whatever is sent."""

import asyncio
from collections.abc import Awaitable, Callable
from threading import Event, Thread
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection, transaction

from accounts.actor import Actor
from accounts.tokens import CustomerToken
from support import actions, limits
from support.attendance import attendance
from support.models import Customer, Message, Room, RoomHead
from support.pulse import pulse
from support.wire import RoomRef
from tests.support.wire import Wire

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
Connect = Callable[..., Awaitable[Wire]]


@pytest.fixture
def room(carol: CustomerToken) -> RoomRef:
    ref, _ = async_to_sync(actions.open_room)(carol.actor, str(uuid4()), "Hello", str(uuid4()))
    return ref


async def test_hello_stores_nothing(connect: Connect, carol: CustomerToken) -> None:
    """A customer who only looks has no row."""
    wire = await connect(carol)
    assert wire.welcome["rooms"] == []
    assert wire.welcome["you"]["ref"] == carol.actor.ref
    assert await Customer.objects.acount() == 0


async def test_an_ack_means_committed(connect: Connect, carol: CustomerToken) -> None:
    """When the ack arrives, another connection to the database sees the entry."""
    wire = await connect(carol)
    key = str(uuid4())
    for n in (1, 2, 3):
        ack = await wire.write(key, f"Message {n}")
        assert ack["seq"] == n
        assert await Message.objects.filter(seq=n, body=f"Message {n}").aexists()


async def test_no_ack_before_the_commit(
    connect: Connect, carol: CustomerToken, room: RoomRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While PostgreSQL cannot commit the entry there is no ack; when it can, there is."""
    monkeypatch.setattr(limits, "HEARTBEAT_SECONDS", 3600.0)
    wire = await connect(carol)
    held, release = Event(), Event()
    holder = Thread(target=hold_head, args=(room.id, held, release))
    holder.start()
    await asyncio.to_thread(held.wait, 10)
    client_id = str(uuid4())
    await wire.send("message.send", client_id=client_id, room=room.key, body="Wait")
    try:
        assert await wire.communicator.receive_nothing(timeout=1)
    finally:
        release.set()
        await asyncio.to_thread(holder.join, 10)
    assert (await wire.expect("ack", client_id=client_id))["seq"] == 2


def hold_head(room_id: int, held: Event, release: Event) -> None:
    """Keep the room's head locked, as a writer that has not committed does."""
    with transaction.atomic():
        RoomHead.objects.select_for_update().get(pk=room_id)
        held.set()
        release.wait(10)
    connection.close()


async def test_a_resend_on_another_connection_gets_the_same_ack(connect: Connect, carol: CustomerToken) -> None:
    """Five copies over two sockets: one row, five equal acks."""
    one, two = await connect(carol), await connect(carol)
    key, client_id = str(uuid4()), str(uuid4())
    acks = [await wire.write(key, "Hello", client_id=client_id) for wire in (one, two, one, two, one)]
    assert len({(ack["seq"], ack["at"]) for ack in acks}) == 1
    assert await Message.objects.acount() == 1


async def test_another_tab_follows_a_new_room(connect: Connect, carol: CustomerToken) -> None:
    """The room that one tab makes appears in the other, with what is said in it afterwards."""
    one, two = await connect(carol), await connect(carol)
    key = str(uuid4())
    await one.write(key, "Hello")
    snapshot = (await two.expect("snapshot"))["snapshot"]
    assert (snapshot["room"], [entry["body"] for entry in snapshot["entries"]]) == (key, ["Hello"])
    await one.write(key, "Again")
    assert (await two.expect("entry", room=key))["entry"]["body"] == "Again"


async def test_reconnecting_brings_everything(
    connect: Connect, carol: CustomerToken, room: RoomRef, alice_actor: Actor
) -> None:
    """The welcome has the room up to its head, without notes and without gaps."""
    await actions.post(alice_actor, room, "Hi, Alice here", str(uuid4()))
    await actions.post(alice_actor, room, "A note", str(uuid4()), Message.Kind.NOTE)
    await sync_to_async(actions.claim)(alice_actor, room.id, str(uuid4()))
    [snapshot] = (await connect(carol)).welcome["rooms"]
    assert [(entry["seq"], entry["kind"]) for entry in snapshot["entries"]] == [
        (1, "text"),
        (2, "text"),
        (3, "assignment"),
    ]
    assert snapshot["head"] == 3
    assert snapshot["owner"] == {"ref": alice_actor.ref, "name": "Alice"}


async def test_sync_sends_what_was_missed_in_pages(
    connect: Connect, carol: CustomerToken, room: RoomRef, alice_actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages follow one another until the head; behind the bound comes a snapshot instead."""
    monkeypatch.setattr(limits, "PAGE_ENTRIES", 3)
    monkeypatch.setattr(limits, "SYNC_ENTRIES", 6)
    for n in range(6):
        await actions.post(alice_actor, room, f"{n}", str(uuid4()))
    wire = await connect(carol)
    await wire.send("sync", room=room.key, after=1)
    pages = [await wire.expect("entries"), await wire.expect("entries")]
    assert [entry["seq"] for page in pages for entry in page["entries"]] == [2, 3, 4, 5, 6, 7]
    assert [page["more"] for page in pages] == [True, False]
    await wire.send("sync", room=room.key, after=0)
    assert [entry["seq"] for entry in (await wire.expect("snapshot"))["snapshot"]["entries"]] == [5, 6, 7]
    await wire.send("history", room=room.key, before=5)
    assert [entry["seq"] for entry in (await wire.expect("history"))["entries"]] == [2, 3, 4]
    await wire.send("sync", room=room.key, after=99)
    await wire.expect("snapshot")


async def test_heads_in_heartbeats_tell_of_what_was_missed(
    connect: Connect, carol: CustomerToken, room: RoomRef, alice_actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when no broadcast arrived; rooms in which the client is level are left out."""
    monkeypatch.setattr(limits, "HEARTBEAT_SECONDS", 0.05)
    wire = await connect(carol)
    await actions.post(alice_actor, room, "Not broadcast", str(uuid4()))
    await wire.expect("heartbeat", heads={room.key: 2})
    await wire.send("heartbeat", heads={room.key: 2})
    await wire.expect("heartbeat", heads={})


async def test_foreign_rooms_do_not_exist(connect: Connect, room: RoomRef, mallory: CustomerToken) -> None:
    """Reading, typing and marking in another customer's room: no such room. Writing makes a room of one's own."""
    wire = await connect(mallory)
    await wire.send("sync", room=room.key, after=0)
    await wire.refused("no_such_room")
    await wire.send("history", room=room.key, before=9)
    await wire.refused("no_such_room")
    await wire.send("typing", room=room.key, on=True)
    await wire.refused("no_such_room")
    await wire.send("seen", room=room.key, seq=1)
    await wire.refused("no_such_room")
    assert (await wire.write(room.key, "Mine"))["seq"] == 1
    assert await Message.objects.filter(room_id=room.id).acount() == 1
    assert await Room.objects.acount() == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "not_json"),
        ('{"type": "hello", "protocol": NaN}', "not_json"),
        ("[[[[[[[[[[[[]]]]]]]]]]]]", "too_deep"),
        ('{"type": "nothing"}', "unknown_type"),
        (f'{{"type": "room.claim", "client_id": "{ID}", "room": "1"}}', "unknown_type"),
        (f'{{"type": "message.send", "client_id": "{ID}", "room": "{ID}", "body": "a\\u0000b"}}', "bad_text"),
        (f'{{"type": "message.send", "client_id": "{ID}", "room": "{ID}", "body": "\\ud83d"}}', "bad_text"),
        (f'{{"type": "message.send", "client_id": "{ID}", "room": "7", "body": "x"}}', "no_such_room"),
        ('{"type": "sync", "room": 7, "after": 0}', "bad_frame"),
        ('{"type": "seen", "room": "7", "seq": -1}', "bad_frame"),
        ('{"body": "' + "x" * 20_000 + '"}', "too_big"),
    ],
)
async def test_bad_frames_are_answered_and_the_connection_goes_on(
    connect: Connect, carol: CustomerToken, text: str, code: str
) -> None:
    """Each gets its documented error, stores nothing, and the next good frame works."""
    wire = await connect(carol)
    await wire.raw(text)
    await wire.refused(code)
    assert await Message.objects.acount() == 0
    assert (await wire.write(str(uuid4()), "Still here"))["seq"] == 1


async def test_binary_frames_are_refused(connect: Connect, carol: CustomerToken) -> None:
    """Only text is understood."""
    wire = await connect(carol)
    await wire.binary(b"\x00\xff")
    await wire.refused("binary")


async def test_an_error_repeats_the_client_id(connect: Connect, carol: CustomerToken) -> None:
    """So that the client knows which message was refused, and keeps its text."""
    wire = await connect(carol)
    client_id = str(uuid4())
    await wire.send("message.send", client_id=client_id, room=str(uuid4()), body="")
    assert (await wire.refused("bad_frame"))["client_id"] == client_id


async def test_the_first_frame_is_hello(
    connect: Connect, carol: CustomerToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anything else is refused, and a stranger who stays silent is shown out."""
    monkeypatch.setattr(limits, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(limits, "HELLO_SECONDS", 0.2)
    wire = await connect(carol, hello=False)
    await wire.send("heartbeat", heads={})
    await wire.refused("hello_first")
    assert await wire.expect("close") == {"type": "close", "code": 4111}


async def test_a_silent_connection_is_closed(
    connect: Connect, carol: CustomerToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half-open sockets end, because heartbeats are not answered."""
    monkeypatch.setattr(limits, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(limits, "CLIENT_SILENCE_SECONDS", 0.3)
    wire = await connect(carol)
    assert await wire.expect("close") == {"type": "close", "code": 4110}


async def test_messages_beyond_the_limit_wait(connect: Connect, carol: CustomerToken) -> None:
    """The eleventh in a row is refused with the limit's name and when to retry; nothing of it is stored."""
    wire = await connect(carol)
    key = str(uuid4())
    for n in range(limits.MESSAGES):
        await wire.write(key, f"{n}")
    await wire.send("message.send", client_id=str(uuid4()), room=key, body="One too many")
    refusal = await wire.refused("too_fast")
    assert refusal["limit"] == "messages"
    assert 0 < refusal["retry_after"] <= limits.MESSAGES_WINDOW_SECONDS
    assert await Message.objects.acount() == limits.MESSAGES


async def test_a_flood_is_closed(connect: Connect, carol: CustomerToken) -> None:
    """Who goes on after many refusals is disconnected, and its neighbour is not."""
    flood, neighbour = await connect(carol), await connect(carol)
    for _ in range(limits.FRAMES + limits.REFUSALS + 20):
        await flood.send("heartbeat", heads={})
    assert await flood.expect("close") == {"type": "close", "code": 4108}
    await neighbour.write(str(uuid4()), "Hello")


@pytest.mark.parametrize("end", ["close", "vanish", "bad frame, then vanish"])
async def test_clean_up_runs_however_a_connection_ends(
    connect: Connect, carol: CustomerToken, room: RoomRef, end: str
) -> None:
    """Leases, feeds and the pulse let go of it, also when no disconnect event ever comes."""
    wire = await connect(carol)
    assert attendance().leases.held == 2
    if "bad frame" in end:
        await wire.raw("\x00{")
        await wire.refused("not_json")
    await (wire.close() if end == "close" else wire.vanish())
    assert attendance().leases.held == 0
    assert not pulse()._connections
    async with asyncio.timeout(5):
        while await attendance().roster.present(f"room.{room.id}"):  # noqa: ASYNC110  # Redis has no event for it
            await asyncio.sleep(0.05)


async def test_typing_reaches_the_others(connect: Connect, carol: CustomerToken, room: RoomRef) -> None:
    """Under the room's name as each side knows it."""
    one, two = await connect(carol), await connect(carol)
    await one.send("typing", room=room.key, on=True)
    assert (await two.expect("typing", room=room.key, on=True))["who"]["ref"] == carol.actor.ref
