"""The agent's socket: the live list, open rooms, notes, claims, and what customers see of it."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync

from accounts.models import Agent, Team
from accounts.tokens import CustomerToken
from support import actions, limits
from support.models import Site
from support.summaries import summaries
from support.wire import RoomRef
from tests.support.wire import Wire

Connect = Callable[..., Awaitable[Wire]]


@pytest.fixture
def room(carol: CustomerToken) -> RoomRef:
    ref, _ = async_to_sync(actions.open_room)(carol.actor, str(uuid4()), "Hello", str(uuid4()))
    return ref


async def opened(wire: Wire, room: RoomRef) -> dict[str, object]:
    await wire.send("room.open", room=str(room.id))
    snapshot: dict[str, object] = (await wire.expect("snapshot"))["snapshot"]
    return snapshot


async def test_a_customer_and_an_agent_talk(connect: Connect, alice: Agent, carol: CustomerToken) -> None:
    """A new room appears in the list; both sides see each other's words under their own numbering."""
    agent, customer = await connect(alice), await connect(carol)
    key = str(uuid4())
    await customer.write(key, "Where is my order?")
    summary = (await agent.expect("summary"))["summary"]
    assert (summary["last"]["text"], summary["customer_texts"], summary["owner"]) == ("Where is my order?", 1, None)
    room = summary["room"]
    await agent.send("room.open", room=room)
    assert (await agent.expect("snapshot"))["snapshot"]["entries"][0]["body"] == "Where is my order?"
    await agent.write(room, "Only for us", type="note.send")
    await agent.write(room, "Let me look")
    entry = (await customer.expect("entry", room=key))["entry"]
    while entry["author"]["ref"] == carol.actor.ref:
        entry = (await customer.expect("entry", room=key))["entry"]
    assert (entry["seq"], entry["body"], entry["author"]["name"]) == (2, "Let me look", "Alice")
    await customer.write(key, "Thanks")
    while entry["body"] != "Thanks":
        entry = (await agent.expect("entry", room=room))["entry"]
    assert entry["seq"] == 4


async def test_notes_never_reach_customers(connect: Connect, alice: Agent, carol: CustomerToken, room: RoomRef) -> None:
    """Not live, not by sync, not by history, not in the list of frames at all."""
    agent, customer = await connect(alice), await connect(carol)
    await opened(agent, room)
    await agent.write(str(room.id), "Secret note", type="note.send")
    await agent.write(str(room.id), "Public answer")
    await customer.expect("entry", room=room.key)
    await customer.send("sync", room=room.key, after=0)
    await customer.expect("entries")
    await customer.send("history", room=room.key, before=99)
    await customer.expect("history")
    assert "Secret" not in str(customer.frames)
    assert "'note'" not in str(customer.frames)


async def test_the_loser_of_a_claim_is_told_who_was_faster(
    connect: Connect, alice: Agent, bob: Agent, room: RoomRef
) -> None:
    """One owner, and everybody's list shows it."""
    first, second = await connect(alice), await connect(bob)
    await first.send("room.claim", client_id=str(uuid4()), room=str(room.id))
    await first.expect("ack")
    await second.send("room.claim", client_id=str(uuid4()), room=str(room.id))
    assert (await second.refused("already_owned"))["detail"] == "Alice"
    summary = await second.expect("summary") if not second.frames else None
    while not (summary and summary["summary"]["owner"]):
        summary = await second.expect("summary")
    assert summary["summary"]["owner"]["name"] == "Alice"


async def test_status_reaches_the_customer_as_an_entry(
    connect: Connect, alice: Agent, carol: CustomerToken, room: RoomRef
) -> None:
    """Assignment and status are entries of the log, so they are replayed like all others."""
    agent, customer = await connect(alice), await connect(carol)
    for verb, kind in (("room.claim", "assignment"), ("room.resolve", "status"), ("room.reopen", "status")):
        await agent.send(verb, client_id=str(uuid4()), room=str(room.id))
        await agent.expect("ack")
        entry = (await customer.expect("entry"))["entry"]
        assert entry["kind"] == kind
    assert [frame["entry"]["seq"] for frame in customer.frames if frame["type"] == "entry"] == [2, 3, 4]


async def test_unread_is_the_same_in_all_tabs_of_an_agent(
    connect: Connect, alice: Agent, bob: Agent, room: RoomRef
) -> None:
    """A mark in one tab reaches the other, and nobody else."""
    one, two, other = await connect(alice), await connect(alice), await connect(bob)
    await one.send("rooms.list", view="all")
    page = await one.expect("rooms")
    assert (page["seen_texts"], page["rooms"][0]["customer_texts"]) == ({}, 1)
    await one.send("seen", room=str(room.id), seq=1)
    assert (await two.expect("seen"))["texts"] == 1
    await two.send("rooms.list", view="all")
    assert (await two.expect("rooms"))["seen_texts"] == {str(room.id): 1}
    await other.send("rooms.list", view="mine")
    page = await other.expect("rooms")
    assert page["counts"] == {"mine": 0, "unassigned": 1, "all": 1, "resolved": 0}
    assert "seen" not in [frame["type"] for frame in other.frames]


async def test_rooms_of_other_teams_sites_do_not_exist(
    connect: Connect, alice: Agent, bob: Agent, site: Site, room: RoomRef
) -> None:
    """Neither in the list nor by number."""
    team = await Team.objects.acreate(name="Shop team")
    await team.agents.aadd(alice)
    await site.teams.aadd(team)
    wire = await connect(bob)
    await wire.send("rooms.list", view="all")
    assert (await wire.expect("rooms"))["rooms"] == []
    for verb in ("room.open", "sync", "room.claim"):
        fields = {"room.open": {}, "sync": {"after": 0}, "room.claim": {"client_id": str(uuid4())}}[verb]
        await wire.send(verb, room=str(room.id), **fields)  # type: ignore[arg-type]
        await wire.refused("no_such_room")


async def test_the_light_is_on_while_an_agent_is_there(connect: Connect, alice: Agent, carol: CustomerToken) -> None:
    """It goes on and off with the agent's connections and choice; two tabs are one person."""
    customer = await connect(carol)
    assert customer.welcome["online"] == []
    one, two = await connect(alice), await connect(alice)
    assert [who["name"] for who in (await customer.expect("availability"))["online"]] == ["Alice"]
    await one.send("availability.set", state="away")
    await customer.expect("availability", online=[])
    await two.expect("availability.self", state="away")
    await two.send("availability.set", state="online")
    assert len((await customer.expect("availability"))["online"]) == 1
    await one.close()
    await two.close()
    assert (await customer.expect("availability"))["online"] == []


async def test_coming_and_leaving_shows_in_the_room(
    connect: Connect, alice: Agent, carol: CustomerToken, room: RoomRef
) -> None:
    """Agents see the customer come and go; the customer sees the agent."""
    agent = await connect(alice)
    assert (await opened(agent, room))["present"] == []
    customer = await connect(carol)
    who = {"ref": carol.actor.ref, "name": carol.actor.name}
    await agent.expect("room.presence", present=True, who=who)
    await agent.send("room.close", room=str(room.id))
    frame = await customer.expect("room.presence", present=False)
    assert (frame["room"], frame["who"]["name"]) == (room.key, "Alice")
    await opened(agent, room)
    await customer.close()
    await agent.expect("room.presence", present=False, who=who)


async def test_customers_are_not_told_of_other_customers(
    connect: Connect, alice: Agent, carol: CustomerToken, mallory: CustomerToken
) -> None:
    """Nothing of one customer's room, presence or words is in the other's frames."""
    agent, customer, stranger = await connect(alice), await connect(carol), await connect(mallory)
    key = str(uuid4())
    await customer.write(key, "Private words")
    await agent.expect("summary")
    await stranger.write(str(uuid4()), "Mine")
    await agent.expect("summary")
    seen = str(stranger.frames)
    assert "Private" not in seen
    assert carol.actor.ref not in seen
    assert key not in seen


async def test_an_agent_opens_a_bounded_number_of_rooms(
    connect: Connect, alice: Agent, room: RoomRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is named, and closing a room makes place."""
    monkeypatch.setattr(limits, "OPEN_ROOMS", 0)
    wire = await connect(alice)
    await wire.send("room.open", room=str(room.id))
    assert (await wire.refused("too_many_rooms"))["limit"] == "open_rooms"
    monkeypatch.setattr(limits, "OPEN_ROOMS", 1)
    await opened(wire, room)


async def test_many_changes_make_one_line(connect: Connect, alice: Agent, room: RoomRef) -> None:
    """The list's feed is coalesced: what changed ten times within a moment is told once."""
    agent = await connect(alice)
    for _ in range(10):
        summaries().touch(room.id)
    await agent.expect("summary")
    await agent.send("rooms.list", view="all")
    await agent.expect("rooms")
    assert [frame["type"] for frame in agent.frames].count("summary") == 1
