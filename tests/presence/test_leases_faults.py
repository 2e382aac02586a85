"""What consumers and the roster see of `Leases` while Redis is down, hangs, or its answers are lost."""

import asyncio
import logging
from collections.abc import AsyncIterator
from time import monotonic

import pytest
from redis.asyncio import Redis

from presence.leases import Leases, Pace
from presence.roster import Roster
from tests.presence.conftest import Heard, until
from tests.presence.proxy import Proxy

ALICE, BOB, CAROL = "agent:1", "agent:2", "customer:c"


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
async def leases(distant: Redis, heard: Heard) -> AsyncIterator[Leases]:
    """A process that reaches Redis through the proxy, and whose beat comes too late to be what repairs anything."""
    leases = Leases(Roster(distant), heard, pace=Pace(beat=60, sweep=0.1, retry=0.1))
    yield leases
    await leases.aclose()


async def test_a_hold_while_redis_is_down_returns_soon_and_takes_effect_later(
    proxy: Proxy, leases: Leases, heard: Heard, redis: Redis
) -> None:
    """Neither the first call nor those that follow wait or raise; when Redis is back the lease is there and told."""
    await proxy.cut()
    async with asyncio.timeout(1.3):
        await leases.hold("site:1", ALICE, "tab")
    async with asyncio.timeout(0.3):
        await leases.hold("site:1", BOB, "tab")
        await leases.hold("site:1", CAROL, "phone")
        await leases.release_all("phone")
    assert await Roster(redis).present("site:1") == set()
    await proxy.heal()
    await until(lambda: len(heard.changes) == 2)
    assert await Roster(redis).present("site:1") == {ALICE, BOB}
    assert sorted(heard.brief) == [(ALICE, True, "enter"), (BOB, True, "enter")]


async def test_a_release_while_redis_is_down_is_made_up_for(
    proxy: Proxy, leases: Leases, heard: Heard, redis: Redis
) -> None:
    """Who leaves during the fault, first of all or later in it, is gone soon after it and not when the lease ends."""
    await leases.hold("site:1", ALICE, "tab")
    await leases.hold("site:1", BOB, "tab of Bob")
    await proxy.cut()
    await leases.release_all("tab")
    await leases.release_all("tab of Bob")
    assert await Roster(redis).present("site:1") == {ALICE, BOB}
    await proxy.heal()
    await until(lambda: heard.brief[2:] == [(ALICE, False, "leave"), (BOB, False, "leave")])
    assert await Roster(redis).present("site:1") == set()


async def test_a_hung_redis_holds_nobody_up(proxy: Proxy, leases: Leases, redis: Redis) -> None:
    """The first caller waits about a second, later ones not at all; afterwards all is as wished."""
    await leases.hold("site:1", ALICE, "tab")
    proxy.hang()
    start = monotonic()
    await leases.hold("site:1", BOB, "tab")
    assert monotonic() - start < 1.3
    start = monotonic()
    await leases.release_all("tab")
    await leases.hold("site:1", CAROL, "phone")
    # One of the two may be the first to meet the fault.
    assert monotonic() - start < 1.3
    await proxy.heal()

    async def as_wished() -> bool:
        return await Roster(redis).present("site:1") == {CAROL}

    await until(as_wished)


async def test_a_fault_is_logged_once(
    proxy: Proxy, leases: Leases, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    """However long Redis is away, there is one line when it goes and one when it returns."""
    await leases.hold("site:1", ALICE, "tab")
    with caplog.at_level(logging.INFO, logger="presence.leases"):
        await proxy.cut()
        await leases.hold("site:1", BOB, "tab")
        await asyncio.sleep(0.6)
        await proxy.heal()

        async def back() -> bool:
            return BOB in await Roster(redis).present("site:1")

        await until(back)
        await until(lambda: len(caplog.messages) == 2)
        await asyncio.sleep(0.3)
    assert caplog.messages == ["presence is on hold: Redis does not answer", "presence works again: Redis answers"]


async def test_a_redis_that_returns_empty_has_everybody_again(
    proxy: Proxy, leases: Leases, heard: Heard, redis: Redis
) -> None:
    """A server that died and lost its data is filled again as soon as it answers, not only with the next beat."""
    await leases.hold("site:1", ALICE, "tab")
    await proxy.cut()
    await redis.flushdb()
    await leases.hold("site:1", BOB, "tab that notices")
    await proxy.heal()
    await until(lambda: heard.brief[1:] == [(BOB, True, "enter"), (ALICE, True, "recovered")])
    assert await Roster(redis).present("site:1") == {ALICE, BOB}


async def test_a_transition_whose_answer_was_lost_is_told_when_redis_is_back(
    proxy: Proxy, leases: Leases, heard: Heard, redis: Redis
) -> None:
    """What Redis did without our hearing of it, our own leave and our sweep, comes from the journal, once."""
    await leases.hold("site:1", ALICE, "tab")
    await leases.hold("site:1", BOB, "tab of Bob")
    await Roster(redis, lease=0.3).enter("site:1", CAROL, "phone of a dead process")
    proxy.loses_answers = True
    await leases.release_all("tab")

    async def both_gone() -> bool:
        await asyncio.sleep(0.3)
        await Roster(redis).enter("site:2", "agent:9", "tab of another process")
        return await Roster(redis).present("site:1") == {BOB}

    await until(both_gone)
    await proxy.heal()
    await until(lambda: (ALICE, False, "leave") in heard.brief and (CAROL, False, "expired") in heard.brief)
    await asyncio.sleep(0.3)
    assert sorted(heard.brief) == [
        (ALICE, False, "leave"),
        (ALICE, True, "enter"),
        (BOB, True, "enter"),
        (CAROL, False, "expired"),
    ]


async def test_a_slow_redis_does_not_reorder_hold_and_release(proxy: Proxy, leases: Leases, redis: Redis) -> None:
    """With every packet late and calls overtaking each other, the last wish is what counts."""
    proxy.delay = 0.02
    rounds = []
    for _ in range(20):
        rounds.append(asyncio.create_task(leases.hold("site:1", ALICE, "tab")))
        await asyncio.sleep(0.005)
        rounds.append(asyncio.create_task(leases.release_all("tab")))
        await asyncio.sleep(0.005)
    await asyncio.gather(*rounds)
    assert await Roster(redis).present("site:1") == set()


async def test_the_client_is_usable_after_a_fault(proxy: Proxy, leases: Leases, distant: Redis) -> None:
    """No connection is lost to the pool, and none answers with what an earlier call had asked."""
    roster = Roster(distant)
    proxy.hang()
    results = await asyncio.gather(*(roster.present(f"site:{n}") for n in range(30)), return_exceptions=True)
    assert all(isinstance(result, Exception) for result in results)
    await proxy.heal()
    await leases.hold("site:1", ALICE, "tab")

    async def held() -> bool:
        return bool(await roster.enter("site:2", BOB, "tab") or True) and ALICE in await roster.present("site:1")

    await until(held)
    answers = await asyncio.gather(*(roster.present(f"site:{n}") for n in range(60)))
    assert answers == [set(), {ALICE}, {BOB}] + [set()] * 57
