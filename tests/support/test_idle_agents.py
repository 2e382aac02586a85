"""Automatic away: the lamp is lit by people who are really there."""

import asyncio
from collections.abc import Awaitable, Callable

from accounts.models import Agent
from accounts.tokens import CustomerToken
from support import broadcast
from support.attendance import attendance
from support.models import Site
from tests.support.wire import SECONDS, Wire

Connect = Callable[..., Awaitable[Wire]]


async def test_an_agent_who_is_idle_everywhere_counts_as_away(
    connect: Connect, alice: Agent, bob: Agent, carol: CustomerToken
) -> None:
    """Not while one of their browsers is in use; and at the first touch they are back."""
    one, two, other, customer = await connect(alice), await connect(alice), await connect(bob), await connect(carol)
    assert len(customer.welcome["online"]) == 2
    await one.send("idle", on=True)
    await two.send("idle", on=True)
    away = await other.expect("colleague", colleague={"ref": f"agent:{alice.pk}", "name": "Alice", "state": "away"})
    assert away
    await customer.expect("availability", online=[{"ref": f"agent:{bob.pk}", "name": "Bob"}])
    await two.send("idle", on=False)
    await other.expect("colleague", colleague={"ref": f"agent:{alice.pk}", "name": "Alice", "state": "online"})


async def test_idle_changes_no_choice(connect: Connect, site: Site, alice: Agent, bob: Agent) -> None:
    """Who chose to be away still is when they touch the browser; the choice itself is untouched by idling."""
    agent, other = await connect(alice), await connect(bob)
    await agent.send("idle", on=True)
    await other.expect("colleague", colleague={"ref": f"agent:{alice.pk}", "name": "Alice", "state": "away"})
    assert not (await Agent.objects.aget(pk=alice.pk)).away
    await agent.send("availability.set", state="away")
    await agent.send("idle", on=False)
    await agent.send("availability.set", state="online")
    await other.expect("colleague", colleague={"ref": f"agent:{alice.pk}", "name": "Alice", "state": "online"})


async def test_fresh_state_wakes_nobody(connect: Connect, site: Site, alice: Agent, bob: Agent) -> None:
    """An idle agent stays idle when feeds may have lost something, and their own choice is what they chose."""
    agent, other = await connect(alice), await connect(bob)
    await agent.send("idle", on=True)
    await other.expect("colleague", colleague={"ref": f"agent:{alice.pk}", "name": "Alice", "state": "away"})
    broadcast.missed_here()
    welcome = await agent.expect("welcome")
    assert welcome["you"]["state"] == "online"
    assert {who["name"]: who["state"] for who in welcome["colleagues"]} == {"Alice": "away", "Bob": "online"}


async def test_one_of_two_idle_browsers_lights_the_lamp(connect: Connect, alice: Agent, carol: CustomerToken) -> None:
    """The other one is somebody's."""
    one = await connect(alice)
    await connect(alice)
    before = attendance().leases.held
    await one.send("idle", on=True)
    async with asyncio.timeout(SECONDS):
        while attendance().leases.held == before:  # noqa: ASYNC110  # leases tell nobody
            await asyncio.sleep(0.01)
    assert [who.name for who in await attendance().agents_online(carol.site_id)] == ["Alice"]
