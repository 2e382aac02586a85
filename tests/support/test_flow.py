"""Flow control: what one client does not take costs little, and ends; whoever takes it gets everything."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from hypothesis import given
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.models import Agent
from accounts.tokens import CustomerToken
from support import actions, broadcast, limits, queries
from support.broadcast import reader_feed
from support.consumers.connection import Connection
from support.consumers.window import Window
from support.protocol.codes import CloseCode
from support.pulse import pulse
from support.wire import RoomRef
from tests.presence.conftest import until
from tests.support.wire import Wire

Connect = Callable[..., Awaitable[Wire]]

KIB = 1024


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WINDOW_BYTES", 64 * KIB)
    monkeypatch.setattr(limits, "REFRESH_SPREAD_SECONDS", 0.1)
    monkeypatch.setattr(limits, "REFRESH_SECONDS", 0.1)


@pytest.fixture
def room(carol: CustomerToken) -> RoomRef:
    ref, _ = async_to_sync(actions.open_room)(carol.actor, str(uuid4()), "Hello", str(uuid4()))
    return ref


def connection_of(who: Actor) -> Connection:
    (found,) = [one for one in pulse()._connections if isinstance(one, Connection) and one.actor == who]
    return found


async def hints(who: Actor, count: int, start: int = 0) -> None:
    """So many frames of 8 KiB to all connections of one person."""
    for n in range(start, start + count):
        text = json.dumps({"type": "hint", "n": n, "text": "x" * (8 * KIB)})
        await broadcast._layer().group_send(reader_feed(who.ref), {"type": "feed.frame", "text": text})


async def test_a_client_that_answers_nothing_gets_no_more_than_a_window(connect: Connect, carol: CustomerToken) -> None:
    """Hints are left out; its own messages are acknowledged all the same."""
    wire = await connect(carol)
    await hints(carol.actor, 100)
    await until(lambda: connection_of(carol.actor).outlet.behind)
    await wire.write(str(uuid4()), "Still there")
    heard = sum(len(json.dumps(frame)) for frame in wire.frames if frame["type"] == "hint")
    assert 64 * KIB - 10 * KIB < heard < 64 * KIB + 10 * KIB


async def test_a_client_that_reads_gets_everything(connect: Connect, carol: CustomerToken) -> None:
    """Ten windows in a row: extra heartbeats let it say so, long before the next beat of the pulse."""
    wire = await connect(carol)
    wire.answers = True
    for n in range(80):
        await hints(carol.actor, 1, n)
        await wire.expect("hint", n=n)
    assert not connection_of(carol.actor).outlet.behind
    assert [frame["n"] for frame in wire.frames if frame["type"] == "hint"] == list(range(80))


async def test_who_catches_up_gets_fresh_state(connect: Connect, carol: CustomerToken) -> None:
    """What was left out is made up for as soon as there is room."""
    wire = await connect(carol)
    await hints(carol.actor, 20)
    await until(lambda: connection_of(carol.actor).outlet.behind)
    wire.answers = True
    await wire.expect("welcome")
    await hints(carol.actor, 1, start=99)
    await wire.expect("hint", n=99)


@pytest.mark.parametrize("is_asked", [False, True])
async def test_a_client_that_stays_stuck_is_closed(
    connect: Connect, carol: CustomerToken, alice_actor: Actor, monkeypatch: pytest.MonkeyPatch, is_asked: bool
) -> None:
    """By the beat, also while a page waits for it: no server has to notice that it does not read."""
    monkeypatch.setattr(limits, "STUCK_SECONDS", 0.5)
    monkeypatch.setattr(limits, "HEARTBEAT_SECONDS", 0.1)
    room, _ = await actions.open_room(carol.actor, str(uuid4()), "Hello", str(uuid4()))
    wire = await connect(carol)
    await hints(carol.actor, 20)
    await until(lambda: connection_of(carol.actor).outlet.full)
    if is_asked:
        await wire.send("history", room=room.key, before=2)
    assert await wire.expect("close") == {"type": "close", "code": CloseCode.TOO_SLOW}
    assert not [frame for frame in wire.frames if frame["type"] == "history"]


async def everything(wire: Wire) -> list[dict[str, Any]]:
    """What was sent until nothing more comes."""
    frames = []
    while not await wire.communicator.receive_nothing(0.5):
        frames.append(await wire.next())
    return frames


async def test_pages_wait_for_a_slow_client_and_no_longer(
    connect: Connect, alice: Agent, alice_actor: Actor, room: RoomRef
) -> None:
    """A long sync is not in memory at once; heartbeats are understood while a page waits."""
    for _ in range(2 * limits.PAGE_ENTRIES):
        await actions.post(alice_actor, room, "x" * 3_000, str(uuid4()))
    wire = await connect(alice)
    outlet = connection_of(alice_actor).outlet
    await wire.send("sync", room=str(room.id), after=0)
    await until(lambda: outlet.full)
    under_way = [frame["type"] for frame in await everything(wire)]
    assert {"entries", "heartbeat"} <= set(under_way)
    assert outlet.full, "the next page waits"
    await wire.send("heartbeat", heads={})
    while (page := await wire.expect("entries"))["more"]:
        await wire.send("heartbeat", heads={})
    assert page["entries"][-1]["seq"] == 2 * limits.PAGE_ENTRIES + 1


async def test_answers_have_an_end_as_well(
    connect: Connect, carol: CustomerToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that asks on and on and reads nothing does not make us keep the answers."""
    monkeypatch.setattr(limits, "OUTLET_BYTES", 1 * KIB)
    wire = await connect(carol)
    for _ in range(20):
        await wire.raw("{")
    assert await wire.expect("close") == {"type": "close", "code": CloseCode.TOO_SLOW}
    assert len(wire.frames) < 15


def connection_of_or_none(who: Actor) -> Connection | None:
    return next((one for one in pulse()._connections if isinstance(one, Connection) and one.actor == who), None)


async def test_a_flood_is_closed_while_its_connection_is_busy(
    connect: Connect, carol: CustomerToken, room: RoomRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read ahead has an end: it does not wait for a handler that hangs."""
    let_go = asyncio.Event()

    async def hang(self: Connection, frame: object) -> None:
        await let_go.wait()

    monkeypatch.setattr(Connection, "on_heartbeat", hang)
    wire = await connect(carol)
    for _ in range(limits.INTAKE_FRAMES + 2):
        await wire.send("heartbeat", heads={})
    assert await wire.expect("close") == {"type": "close", "code": CloseCode.TOO_FAST}
    let_go.set()


async def test_a_client_that_leaves_while_its_connection_is_busy_is_gone(
    connect: Connect, carol: CustomerToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last frames are handled, and then its end: nothing waits for what it might still say."""
    asked = asyncio.Event()
    real = queries.entries_before

    def slow(*arguments: object) -> object:
        asked.set()
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(queries, "entries_before", slow)
    room, _ = await actions.open_room(carol.actor, str(uuid4()), "Hello", str(uuid4()))
    wire = await connect(carol)
    await wire.send("history", room=room.key, before=2)
    await wire.communicator.send_input({"type": "websocket.disconnect", "code": 1006})
    wire._ended = True
    await asyncio.wait_for(asyncio.shield(wire.communicator.future), 5)
    assert asked.is_set()
    assert connection_of_or_none(carol.actor) is None


@given(st.lists(st.one_of(st.integers(1, 40_000), st.just("beat"), st.just("answer"))))
def test_a_window_counts_what_is_not_known_to_have_arrived(steps: list[int | str]) -> None:
    """Against the plainest model: a list of everything sent, of which answered heartbeats cut off the front."""
    window, sent, answered = Window(), list[int | str](), 0
    for step in steps:
        if step == "answer":
            window.answered()
            if sent.count("beat") > answered:
                answered += 1
        elif step == "beat":
            sent.append("beat")
            window.beat()
        else:
            sent.append(step)
            window.sent(int(step))
        rest, seen = list(sent), 0
        while seen < answered:
            seen += rest.pop(0) == "beat"
        waiting = sum(size for size in rest if size != "beat")  # type: ignore[misc]
        assert window.waiting == waiting
        assert window.full == (waiting >= limits.WINDOW_BYTES)


def test_who_never_answers_costs_no_memory() -> None:
    """Beats are remembered up to a number; what was sent is still counted."""
    window = Window()
    for _ in range(10 * limits.HEARTBEATS_UNANSWERED):
        window.sent(10)
        window.beat()
    assert len(window._beats) == limits.HEARTBEATS_UNANSWERED
    assert window.waiting == 100 * limits.HEARTBEATS_UNANSWERED
