"""No frame is larger than a server sends or a phone should wait for, whatever people write."""

import json
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from accounts.actor import Actor
from accounts.models import Agent
from accounts.tokens import CustomerToken
from support import actions, broadcast, limits
from support.models import Customer, Site
from support.wire import RoomRef
from tests.support.wire import Wire

Connect = Callable[..., Awaitable[Wire]]

# The largest that can be: four bytes each.
LONGEST = "\N{ROLLING ON THE FLOOR LAUGHING}" * limits.MESSAGE_CHARACTERS
TEXTS = 12


@pytest.fixture
def rooms(carol: CustomerToken) -> list[RoomRef]:
    """Three rooms of long texts."""
    post = async_to_sync(actions.post)
    found = []
    for _ in range(limits.SNAPSHOT_ROOMS):
        room, _ = async_to_sync(actions.open_room)(carol.actor, str(uuid4()), LONGEST, str(uuid4()))
        for _ in range(TEXTS - 1):
            post(carol.actor, room, LONGEST, str(uuid4()))
        found.append(room)
    return found


def sizes(wire: Wire) -> list[int]:
    return [len(json.dumps(frame, ensure_ascii=False).encode()) for frame in wire.frames]


async def test_a_customer_with_long_texts_is_welcomed_and_reads_back_to_the_first(
    connect: Connect, carol: CustomerToken, rooms: list[RoomRef]
) -> None:
    wire = await connect(carol)
    shown = wire.welcome["rooms"]
    assert [room["entries"][-1]["seq"] for room in shown] == [TEXTS] * len(rooms)
    oldest = shown[0]["entries"][0]["seq"]
    while oldest > 1:
        await wire.send("history", room=shown[0]["room"], before=oldest)
        page = (await wire.expect("history"))["entries"]
        assert page[-1]["seq"] == oldest - 1
        oldest = page[0]["seq"]
    await wire.send("sync", room=shown[0]["room"], after=0)
    synced: list[int] = []
    while len(synced) < TEXTS:
        synced += [entry["seq"] for entry in (await wire.expect("entries"))["entries"]]
    assert synced == list(range(1, TEXTS + 1))
    assert max(sizes(wire)) < limits.SOCKET_FRAME_BYTES


async def test_fresh_state_of_many_rooms_comes_in_pieces(
    connect: Connect, carol: CustomerToken, rooms: list[RoomRef]
) -> None:
    """The welcome has the newest, the others follow as snapshots."""
    wire = await connect(carol)
    for _ in range(3):
        frame = {"type": "message.send", "client_id": str(uuid4()), "room": str(uuid4()), "body": LONGEST}
        await wire.raw(json.dumps(frame, ensure_ascii=False))
        await wire.expect("ack")
    broadcast.missed_here()
    assert len((await wire.expect("welcome"))["rooms"]) == limits.SNAPSHOT_ROOMS
    others = {(await wire.expect("snapshot"))["snapshot"]["room"] for _ in rooms}
    assert others == {room.key for room in rooms}
    assert max(sizes(wire)) < limits.SOCKET_FRAME_BYTES


async def test_a_list_of_long_lines_goes_on_where_its_page_ended(connect: Connect, alice: Agent, site: Site) -> None:
    """Also when that is before as many rooms as a page has."""
    await sync_to_async(make_rooms)(site)
    wire = await connect(alice)
    found: list[str] = []
    cursor = None
    while cursor != "":
        await wire.send("rooms.list", view="all", cursor=cursor or "")
        page = await wire.expect("rooms")
        found += [room["room"] for room in page["rooms"]]
        cursor = page["next"]
    assert len(found) == len(set(found)) == limits.PAGE_ROOMS
    assert len(page["rooms"]) < limits.PAGE_ROOMS
    assert max(sizes(wire)) < limits.SOCKET_FRAME_BYTES


def make_rooms(site: Site) -> None:
    for _ in range(limits.PAGE_ROOMS):
        who = CustomerToken.fresh(site.pk).actor
        room, _ = async_to_sync(actions.open_room)(who, str(uuid4()), LONGEST, str(uuid4()))
        Customer.objects.filter(pk=who.id).update(name=LONGEST[: limits.NAME_CHARACTERS])
        writer = Actor(kind="agent", id="1", name=LONGEST[: limits.NAME_CHARACTERS])
        async_to_sync(actions.post)(writer, room, LONGEST, str(uuid4()))


async def test_a_page_says_who_of_its_rooms_is_here(
    connect: Connect, alice: Agent, carol: CustomerToken, mallory: CustomerToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many others are."""
    monkeypatch.setattr(limits, "WELCOME_CUSTOMERS", 0)
    customer, other = await connect(carol), await connect(mallory)
    await customer.write(str(uuid4()), "Here")
    await other.write(str(uuid4()), "Gone soon")
    wire = await connect(alice)
    assert wire.welcome["customers_online"] == []
    await other.close()
    await wire.expect("customer.presence", ref=mallory.actor.ref, present=False)
    await wire.send("rooms.list", view="all", cursor="")
    page = await wire.expect("rooms")
    assert len(page["rooms"]) == 2
    assert page["present"] == [carol.actor.ref]
