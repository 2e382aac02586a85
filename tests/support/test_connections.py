"""What connections survive: slow neighbours, faults of Redis and PostgreSQL, lost hints, floods."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, get_args
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import InterfaceError, OperationalError
from redis.exceptions import ConnectionError as RedisIsDown

from accounts.actor import Actor
from accounts.models import Agent, ApiToken
from accounts.tokens import CustomerToken
from config.asgi import application
from support import actions, broadcast, limits, outgoing, queries
from support.attendance import attendance
from support.consumers.connection import Connection
from support.models import Message
from support.permissions import ACTIONS
from support.protocol.client import AgentFrame, CustomerFrame
from support.pulse import pulse
from support.throttle import TokenBucket
from support.wire import RoomRef
from tests.presence.conftest import until
from tests.support.wire import SHOP, Wire, handshake, opened

Connect = Callable[..., Awaitable[Wire]]


@pytest.fixture
def room(carol: CustomerToken) -> RoomRef:
    ref, _ = async_to_sync(actions.open_room)(carol.actor, str(uuid4()), "Hello", str(uuid4()))
    return ref


def connection_of(who: CustomerToken) -> Connection:
    found = [one for one in pulse()._connections if isinstance(one, Connection) and one.actor == who.actor]
    return found[0]


async def never(event: dict[str, Any]) -> None:
    await asyncio.Event().wait()


async def test_a_client_that_takes_nothing_is_let_go(
    connect: Connect, mallory: CustomerToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the server cannot even send a close: its task ends, its leases and feeds go."""
    monkeypatch.setattr(limits, "SEND_SECONDS", 0.1)
    monkeypatch.setattr(limits, "CLOSE_SECONDS", 0.1)
    wire = await connect(mallory)
    slow = connection_of(mallory)
    slow.outlet._send = never
    await wire.send("heartbeat", heads={"": -1})
    await asyncio.wait_for(asyncio.shield(wire.communicator.future), 5)
    assert attendance().leases.held == 0
    assert not pulse()._connections


async def test_a_client_that_has_gone_before_it_is_let_in_leaves_nothing(
    carol: CustomerToken, caplog: pytest.LogCaptureFixture
) -> None:
    """As in a storm of reconnects: no traceback, no connection, no lease."""
    headers = [(b"origin", SHOP.encode())]
    communicator = handshake("/ws/customer/", headers, ["porchlight.v1", "bearer." + carol.sign()])

    async def gone(event: dict[str, Any]) -> None:
        raise ConnectionResetError

    events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    events.put_nowait({"type": "websocket.connect"})
    serve: Any = application
    await asyncio.wait_for(serve(communicator.scope, events.get, gone), 10)
    assert not pulse()._connections
    assert [record for record in caplog.records if record.exc_info] == []


async def test_a_slow_client_holds_up_no_heartbeat_but_its_own(
    connect: Connect, carol: CustomerToken, mallory: CustomerToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others' go on while one is waited for."""
    monkeypatch.setattr(limits, "HEARTBEAT_SECONDS", 0.05)
    wire = await connect(carol)
    await connect(mallory)
    slow = connection_of(mallory)
    slow.outlet._send = never
    for _ in range(5):
        await wire.expect("heartbeat")
    assert slow in pulse()._beating


async def test_heartbeats_go_on_after_any_fault_of_the_database(
    connect: Connect, carol: CustomerToken, room: RoomRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the fault was, the beats after it have heads again."""
    monkeypatch.setattr(limits, "HEARTBEAT_SECONDS", 0.05)
    answers = [InterfaceError("gone"), OperationalError("down"), RuntimeError("bug")]
    real = queries.heads_by_id

    def faulty(room_ids: set[int]) -> Any:
        if answers:
            raise answers.pop()
        return real(room_ids)

    monkeypatch.setattr(queries, "heads_by_id", faulty)
    wire = await connect(carol)
    await wire.expect("heartbeat", heads={room.key: 1})
    assert not answers


async def test_a_failed_hello_is_not_a_hello(connect: Connect, alice: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client is told, may try again, and nothing else works before."""

    def down(actor: Actor) -> Any:
        raise OperationalError

    wire = await connect(alice, hello=False)
    with monkeypatch.context() as broken:
        broken.setattr(queries, "sites_of", down)
        await wire.send("hello", protocol=1)
        await wire.refused("unavailable")
    await wire.send("availability.set", state="away")
    await wire.refused("hello_first")
    await wire.hello()


async def test_the_first_message_is_acknowledged_without_redis(
    connect: Connect, carol: CustomerToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is committed is said to be, whatever happens to the feeds."""

    async def down(self: Connection, feed: str) -> None:
        raise RedisIsDown

    wire = await connect(carol)
    monkeypatch.setattr(Connection, "join", down)
    assert (await wire.write(str(uuid4()), "Hello"))["seq"] == 1


async def test_nothing_follows_an_ack_but_what_happened(
    connect: Connect, carol: CustomerToken, room: RoomRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault after the commit is never told as a failure of the message."""

    def broken(*_: object) -> None:
        raise RuntimeError

    wire = await connect(carol)
    monkeypatch.setattr(broadcast, "entries", broken)
    await wire.write(room.key, "Stored")
    await wire.send("sync", room=room.key, after=1)
    assert (await wire.next())["type"] == "entries"


async def test_a_hung_layer_holds_up_nobody(
    connect: Connect, carol: CustomerToken, room: RoomRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who writes gets one ack after the other, and what waited behind a hint that did not go is let go."""
    monkeypatch.setattr(outgoing, "PUBLISH_SECONDS", 2.0)
    wire = await connect(carol)

    async def hang(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(broadcast._outgoing(), "_send", hang)
    await wire.write(room.key, "Before the clock runs")
    started = monotonic()
    for n in range(5):
        await wire.send("typing", room=room.key, on=True)
        await wire.write(room.key, f"Text {n}")
    assert monotonic() - started < 5 * 2.0
    await until(lambda: not broadcast._outgoing()._waiting)


async def test_a_tab_finds_a_room_whose_hint_was_lost(
    connect: Connect, carol: CustomerToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next heartbeat brings it."""

    def lost(room: RoomRef) -> None:
        """Redis was away for a moment."""

    monkeypatch.setattr(limits, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(broadcast, "room_opened", lost)
    one, two = await connect(carol), await connect(carol)
    key = str(uuid4())
    await one.write(key, "Hello")
    assert (await two.expect("snapshot"))["snapshot"]["room"] == key


async def test_a_reply_in_an_older_room_arrives(
    connect: Connect, carol: CustomerToken, alice_actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in one that the welcome did not carry."""
    monkeypatch.setattr(limits, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(limits, "SNAPSHOT_ROOMS", 1)
    older, _ = await actions.open_room(carol.actor, str(uuid4()), "Older", str(uuid4()))
    newer, _ = await actions.open_room(carol.actor, str(uuid4()), "Newer", str(uuid4()))
    wire = await connect(carol)
    assert [found["room"] for found in wire.welcome["rooms"]] == [newer.key]
    await actions.post(alice_actor, older, "Reply", str(uuid4()))
    snapshot = (await wire.expect("snapshot"))["snapshot"]
    assert (snapshot["room"], snapshot["entries"][-1]["body"]) == (older.key, "Reply")


async def test_a_connection_has_a_bounded_number_of_rooms(
    connect: Connect, carol: CustomerToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rooms beyond the limit are stored and acknowledged, but not followed."""
    monkeypatch.setattr(limits, "OPEN_ROOMS", 2)
    one, _ = await connect(carol), await connect(carol)
    for _ in range(4):
        await one.write(str(uuid4()), "Hello")
    assert {len(found.rooms) for found in pulse()._connections} == {2}
    assert await Message.objects.acount() == 4


async def test_a_flood_of_what_cannot_be_read_is_closed(connect: Connect, carol: CustomerToken) -> None:
    """Refusals are not free."""
    wire = await connect(carol)
    for _ in range(limits.REFUSALS + 1):
        await wire.binary(b"x" * 60_000)
    assert await wire.expect("close") == {"type": "close", "code": 4108}


def test_buckets_refill(monkeypatch: pytest.MonkeyPatch) -> None:
    """Old refusals are forgotten: one an hour never adds up."""
    now = [0.0]
    monkeypatch.setattr("support.throttle.time.monotonic", lambda: now[0])
    bucket = TokenBucket(2, 60)
    for _ in range(100):
        assert bucket.take() == 0
        now[0] += 3600
    assert [bucket.take() for _ in range(3)] == [0, 0, 30.0]


async def test_bad_text_names_the_message_it_is_about(connect: Connect, carol: CustomerToken, room: RoomRef) -> None:
    """The frame could be read, so its client_id is repeated."""
    wire = await connect(carol)
    client_id = str(uuid4())
    await wire.send("message.send", client_id=client_id, room=room.key, body="a\x0cb")
    assert (await wire.refused("bad_text"))["client_id"] == client_id


async def test_a_mark_is_told_as_it_is(connect: Connect, alice: Agent, room: RoomRef) -> None:
    """Not as it was asked for."""
    one, two = await connect(alice), await connect(alice)
    await one.send("seen", room=str(room.id), seq=10**9)
    assert (await two.expect("seen"))["seq"] == 1


async def test_a_long_name_is_cut(connect: Connect, alice: Agent, room: RoomRef) -> None:
    """And never keeps anybody from writing."""
    await Agent.objects.filter(pk=alice.pk).aupdate(first_name="A" * 150)
    wire = await connect(alice)
    await wire.write(str(room.id), "Hello")


async def test_bots_own_nothing_and_light_no_lamp(connect: Connect, alice: Agent, room: RoomRef) -> None:
    """They may write, but nobody is there."""
    agent = await connect(alice)
    _, secret = await sync_to_async(ApiToken.issue)("Bot")
    bot = await opened(handshake("/ws/agent/", [(b"authorization", f"Bearer {secret}".encode())], ["porchlight.v1"]))
    await bot.hello()
    await bot.send("room.claim", client_id=str(uuid4()), room=str(room.id))
    await bot.refused("not_allowed")
    await bot.send("availability.set", state="away")
    await bot.refused("not_allowed")
    await bot.write(str(room.id), "Written by a program")
    await bot.close()
    assert "bot:" not in str([frame for frame in agent.frames if frame["type"] == "colleague"])


async def test_away_survives_a_wiped_redis(connect: Connect, alice: Agent, carol: CustomerToken) -> None:
    """Who chose to be away does not light the lamp because Redis forgot it."""
    agent, customer = await connect(alice), await connect(carol)
    await agent.send("availability.set", state="away")
    await customer.expect("availability", online=[])
    await attendance().roster.redis.flushdb()
    again = await connect(alice)
    assert again.welcome["you"]["state"] == "away"
    assert await attendance().agents_online(carol.site_id) == []


def test_every_action_has_its_row() -> None:
    """A new frame without a decision about who may send it fails here, and is denied."""
    customers, agents = (
        {get_args(model.model_fields["type"].annotation)[0] for model in get_args(union)}
        for union in (CustomerFrame, AgentFrame)
    )
    assert set(ACTIONS) == customers | agents
    assert {action for action, kinds in ACTIONS.items() if "customer" in kinds} == customers
