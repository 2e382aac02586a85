"""Rights that end end connections, soon and however they ended."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from threading import Event
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.db import OperationalError

from accounts.actor import Actor
from accounts.identity import actor_of_agent
from accounts.models import Agent, ApiToken, Team
from accounts.tokens import CustomerToken
from support import actions, limits, queries, rights
from support.attendance import attendance
from support.consumers.agent import AgentConsumer
from support.models import Site
from support.pulse import pulse
from tests.presence.conftest import until
from tests.support.wire import SHOP, Wire, handshake, opened

Connect = Callable[..., Awaitable[Wire]]


@pytest.fixture(autouse=True)
def _quick_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HEARTBEAT_SECONDS", 0.05)


async def close_of(wire: Wire) -> int:
    return int((await wire.expect("close"))["code"])


async def test_rights_do_not_wait_for_a_heartbeat(
    connect: Connect, alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What may be seen for two seconds at most is looked at more often than that."""
    assert limits.RIGHTS_SECONDS < 2
    monkeypatch.setattr(limits, "HEARTBEAT_SECONDS", 600)
    monkeypatch.setattr(limits, "RIGHTS_SECONDS", 0.05)
    wire = await connect(alice)
    await Agent.objects.filter(pk=alice.pk).aupdate(is_active=False)
    assert await close_of(wire) == 4001
    assert [frame["type"] for frame in wire.frames if frame["type"] == "heartbeat"] == []


async def test_signing_out_ends_the_connection(connect: Connect, alice: Agent) -> None:
    """Of that session; the same agent's other sign-in goes on."""
    gone = await connect(alice)
    first = await Session.objects.aget()
    stays = await connect(alice)
    for _ in range(3):
        await gone.expect("heartbeat")
        await stays.expect("heartbeat")
    await first.adelete()
    assert await close_of(gone) == 4001
    await stays.expect("heartbeat")


async def test_deactivating_an_agent_ends_their_connections(
    connect: Connect, alice: Agent, carol: CustomerToken
) -> None:
    """And the light goes out."""
    wire, customer = await connect(alice), await connect(carol)
    await Agent.objects.filter(pk=alice.pk).aupdate(is_active=False)
    assert await close_of(wire) == 4001
    await customer.expect("availability", online=[])


async def test_a_new_password_ends_connections(connect: Connect, alice: Agent) -> None:
    """Whoever knew the old one is out."""
    wire = await connect(alice)
    await sync_to_async(alice.set_password)("another long password")
    await alice.asave()
    assert await close_of(wire) == 4001


async def test_another_role_brings_the_client_back_as_who_it_is_now(connect: Connect, alice: Agent) -> None:
    """With the code that says: come back."""
    wire = await connect(alice)
    await Agent.objects.filter(pk=alice.pk).aupdate(role=Agent.Role.ADMIN)
    assert await close_of(wire) == 1012


async def test_switching_a_site_off_ends_its_customers_connections(
    connect: Connect, site: Site, carol: CustomerToken
) -> None:
    """Another site's customers stay."""
    other = await Site.objects.acreate(name="Other", allowed_origins=[SHOP])
    wire, elsewhere = await connect(carol), await connect(CustomerToken.fresh(other.pk))
    await Site.objects.filter(pk=site.pk).aupdate(active=False)
    assert await close_of(wire) == 4003
    await elsewhere.expect("heartbeat")


async def test_switching_a_token_off_ends_its_bots(connect: Connect, site: Site) -> None:
    """A program with a token that was taken back is out."""
    token, secret = await sync_to_async(ApiToken.issue)("Bot")
    bot = await opened(handshake("/ws/agent/", [(b"authorization", f"Bearer {secret}".encode())], ["porchlight.v1"]))
    await bot.hello()
    await ApiToken.objects.filter(pk=token.pk).aupdate(active=False)
    assert await close_of(bot) == 4001


async def test_a_new_site_reaches_agents_who_are_there(connect: Connect, alice: Agent, site: Site) -> None:
    """They see its customers, and light its lamp, without a reload."""
    wire = await connect(alice)
    fresh = await Site.objects.acreate(name="Fresh", allowed_origins=[SHOP])
    welcome = await wire.expect("welcome")
    assert {card["key"] for card in welcome["sites"]} == {site.key, fresh.key}
    customer = await connect(CustomerToken.fresh(fresh.pk))
    assert [who["name"] for who in customer.welcome["online"]] == ["Alice"]
    await customer.write(str(uuid4()), "Anybody here?")
    assert (await wire.expect("summary"))["summary"]["last"]["text"] == "Anybody here?"


async def test_who_loses_a_site_hears_no_more_of_it(
    connect: Connect, alice: Agent, bob: Agent, site: Site, carol: CustomerToken
) -> None:
    """Its rooms are closed on the connection, its feed is left, its lamp goes out for that agent."""
    room, _ = await actions.open_room(carol.actor, str(uuid4()), "Hello", str(uuid4()))
    wire, customer = await connect(alice), await connect(carol)
    await wire.send("room.open", room=str(room.id))
    await wire.expect("snapshot")
    team = await Team.objects.acreate(name="Others")
    await team.agents.aadd(bob)
    await site.teams.aadd(team)
    assert (await wire.expect("welcome"))["sites"] == []
    await customer.expect("availability", online=[])
    wire.frames.clear()
    await customer.write(room.key, "For others only")
    await wire.send("sync", room=str(room.id), after=0)
    await wire.refused("no_such_room")
    await wire.expect("heartbeat")
    assert "For others only" not in str(wire.frames)


async def test_one_read_for_all_says_what_each_handshake_would(alice: Agent, bob: Agent, site: Site) -> None:
    """The rule about sites is one rule, whichever way it is asked."""

    @sync_to_async
    def compare() -> None:
        team = Team.objects.create(name="Team")
        team.agents.add(alice)
        extra: list[Any] = [Site.objects.create(name=name) for name in ("Ours", "Off", "Free")]
        extra[0].teams.add(team)
        Site.objects.filter(name="Off").update(active=False)
        bob.role = Agent.Role.ADMIN
        bob.save()
        actors = [actor_of_agent(agent) for agent in (alice, bob, Agent.objects.create_user("new"))]
        each = Site.objects.visible_to_each(actors)
        assert each == {who.ref: frozenset(found.pk for found in queries.sites_of(who)) for who in actors}

    await compare()


async def test_who_comes_while_rights_are_read_is_not_judged_by_that_read(
    connect: Connect, alice: Agent, bob: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read that began before somebody signed in knows nothing of that session."""
    reading, go_on, real = Event(), Event(), rights.read

    def slow(actors: Iterable[Actor]) -> rights.Rights:
        found = real(actors)
        reading.set()
        go_on.wait(10)
        return found

    await connect(alice)
    with monkeypatch.context() as patched:
        patched.setattr(rights, "read", slow)
        assert await asyncio.to_thread(reading.wait, 10)
        late = await connect(bob)
        go_on.set()
    for _ in range(3):
        assert (await late.next())["type"] != "close"


async def test_news_that_take_long_delay_no_judgement(
    connect: Connect, alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the database is busy with, rights are read by themselves."""

    def slowly() -> str:
        sleep(3)
        return ""

    monkeypatch.setattr("support.pulse.epoch", slowly)
    wire = await connect(alice)
    await asyncio.sleep(0.2)
    began = monotonic()
    await Agent.objects.filter(pk=alice.pk).aupdate(is_active=False)
    assert await close_of(wire) == 4001
    assert monotonic() - began < 2.5


async def test_a_slow_client_is_judged_like_others(connect: Connect, alice: Agent) -> None:
    """Its heartbeat is still under way: what comes after it is not sent any more."""
    wire = await connect(alice)
    (slow,) = (one for one in pulse()._connections if isinstance(one, AgentConsumer))
    release = asyncio.Event()
    send = slow.outlet._send

    async def slowly(event: dict[str, Any]) -> None:
        await release.wait()
        await send(event)

    slow.outlet._send = slowly
    await until(lambda: slow in pulse()._beating)
    await Agent.objects.filter(pk=alice.pk).aupdate(is_active=False)
    await until(lambda: slow.outlet._closed)
    release.set()
    assert await close_of(wire) == 4001


async def test_a_judgement_that_failed_is_made_again(
    connect: Connect, alice: Agent, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new site is shown although the database failed when it was first noticed."""
    monkeypatch.setattr(limits, "REFRESH_SECONDS", 0.1)
    monkeypatch.setattr(limits, "REFRESH_SPREAD_SECONDS", 0.1)
    wire = await connect(alice)
    faults = [OperationalError("down")] * 2
    real = attendance()._restore_choice

    async def restore(ref: str) -> Any:
        if faults:
            raise faults.pop()
        return await real(ref)

    monkeypatch.setattr(attendance(), "_restore_choice", restore)
    await Site.objects.acreate(name="Second shop", allowed_origins=[SHOP])
    async with asyncio.timeout(30):
        while len((await wire.expect("welcome"))["sites"]) < 2:
            pass
    assert not faults


async def test_a_judgement_under_way_ends_with_its_connection(
    connect: Connect, alice: Agent, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is held for somebody who has gone: that lamp would be lit as long as the process lives."""
    wire = await connect(alice)
    begun, release = asyncio.Event(), asyncio.Event()
    real = AgentConsumer._let_go_but

    async def slowly(consumer: AgentConsumer, allowed: frozenset[int]) -> None:
        await real(consumer, allowed)
        begun.set()
        await release.wait()
        await attendance().arrive(consumer.actor, list(allowed), consumer.connection)

    monkeypatch.setattr(AgentConsumer, "_let_go_but", slowly)
    await Site.objects.acreate(name="Second shop", allowed_origins=[SHOP])
    await asyncio.wait_for(begun.wait(), 10)
    await wire.close()
    release.set()
    await until(lambda: not pulse()._judging and not pulse()._connections)
    assert attendance().leases.held == 0
