import asyncio

import pytest
from redis.asyncio import Redis

from presence.journal import Journal
from presence.keys import Lease
from presence.roster import Roster
from tests.presence.conftest import Clock, redis_url

ALICE, BOB, CAROL = "agent:1", "agent:2", "customer:c"


async def test_five_tabs_are_one_person(roster: Roster) -> None:
    """Only the first of five tabs makes Alice present, and only the last one's end makes her gone."""
    assert [await roster.enter("site:1", ALICE, f"tab{n}") for n in range(5)] == [True] + [False] * 4
    assert await roster.present("site:1") == {ALICE}
    assert [await roster.leave("site:1", ALICE, f"tab{n}") for n in range(5)] == [False] * 4 + [True]
    assert await roster.present("site:1") == set()


async def test_entering_twice_is_entering_once(roster: Roster) -> None:
    """A repeated enter of the same connection changes nothing, so that one leave ends it."""
    await roster.enter("site:1", ALICE, "tab")
    assert not await roster.enter("site:1", ALICE, "tab")
    assert await roster.leave("site:1", ALICE, "tab")


async def test_leaving_without_having_entered_changes_nothing(roster: Roster) -> None:
    """A leave for an unknown connection does not disturb the person's real one."""
    await roster.enter("site:1", ALICE, "tab")
    assert not await roster.leave("site:1", ALICE, "another")
    assert await roster.present("site:1") == {ALICE}


async def test_topics_are_apart(roster: Roster) -> None:
    """Somebody present in one topic is not in another."""
    await roster.enter("site:1", ALICE, "tab")
    assert await roster.present_with_state(["site:1", "site:2"]) == {"site:1": {ALICE: "online"}, "site:2": {}}


async def test_an_expired_lease_does_not_count_before_it_is_swept(roster: Roster, clock: Clock) -> None:
    """A lease counts until the millisecond in which it runs out, whether somebody sweeps or not."""
    await roster.enter("site:1", ALICE, "tab")
    clock.advance(29.999)
    assert await roster.present("site:1") == {ALICE}
    clock.advance(0.001)
    assert await roster.present("site:1") == set()


async def test_a_refreshed_lease_lives_on(roster: Roster, clock: Clock) -> None:
    """Renewals in time keep a person present without a word to anybody."""
    await roster.enter("site:1", ALICE, "tab")
    for _ in range(10):
        clock.advance(20)
        assert await roster.refresh([Lease("site:1", ALICE, "tab")]) == []
    assert await roster.present("site:1") == {ALICE}
    assert (await roster.sweep()).changes == []


async def test_a_sweep_returns_the_departed_with_the_time_their_lease_ran_out(roster: Roster, clock: Clock) -> None:
    """A departure is dated when the lease ended, not when somebody looked."""
    await roster.enter("site:1", ALICE, "tab")
    ran_out = clock.ms + 30_000
    clock.advance(3600)
    (change,) = (await roster.sweep()).changes
    assert (change.topic, change.person, change.present) == ("site:1", ALICE, False)
    assert (change.cause, change.at_ms) == ("expired", ran_out)
    assert (await roster.sweep()).changes == []


async def test_a_dead_tab_does_not_end_a_living_one(roster: Roster, clock: Clock) -> None:
    """A person whose one connection died is present as long as another is renewed."""
    await roster.enter("site:1", ALICE, "dead")
    await roster.enter("site:1", ALICE, "living")
    clock.advance(20)
    await roster.refresh([Lease("site:1", ALICE, "living")])
    clock.advance(20)
    assert (await roster.sweep()).changes == []
    assert await roster.present("site:1") == {ALICE}


async def test_a_dead_tab_does_not_delay_a_graceful_leave(roster: Roster, clock: Clock) -> None:
    """Who closes their last living tab is gone at once, though a dead tab's lease waits to be swept."""
    await roster.enter("site:1", ALICE, "dead")
    clock.advance(20)
    await roster.enter("site:1", ALICE, "living")
    clock.advance(15)
    assert await roster.leave("site:1", ALICE, "living")
    assert (await roster.sweep()).changes == []


@pytest.mark.parametrize("connection", ["the same", "a new one"])
async def test_returning_before_the_sweep_is_a_leave_and_a_join(
    roster: Roster, redis: Redis, clock: Clock, connection: str
) -> None:
    """Who read the roster between expiry and sweep saw nobody, so the return must be told like any other."""
    await roster.enter("site:1", ALICE, "the same")
    clock.advance(33)
    assert await roster.present("site:1") == set()
    assert await roster.enter("site:1", ALICE, connection)
    events = [(change.present, change.cause) for change in await Journal(redis).read()]
    assert events == [(True, "enter"), (False, "expired"), (True, "enter")]


async def test_a_vanished_lease_returns_with_the_refresh(roster: Roster, redis: Redis) -> None:
    """After Redis lost its data the next renewal brings everybody back, one join a person."""
    leases = [Lease("site:1", ALICE, f"tab{n}") for n in range(3)] + [Lease("site:1", BOB, "tab")]
    assert len(await roster.refresh(leases)) == 2
    await redis.flushdb()
    changes = await roster.refresh(leases)
    assert [(change.person, change.present, change.cause) for change in changes] == [
        (ALICE, True, "recovered"),
        (BOB, True, "recovered"),
    ]
    assert await roster.present("site:1") == {ALICE, BOB}


async def test_a_redis_that_forgot_the_scripts_is_taught_again(roster: Roster, redis: Redis) -> None:
    """A restarted server has no scripts; the call works nevertheless."""
    await redis.script_flush()
    assert await roster.enter("site:1", ALICE, "tab")
    await redis.script_flush()
    assert len(await roster.refresh([Lease("site:1", f"agent:{n}", "tab") for n in range(2500)])) == 2499
    await redis.script_flush()
    assert len(await roster.present("site:1")) == 2500


async def test_thousands_of_departures_are_swept_in_bounded_steps_each_once(clock: Clock, redis: Redis) -> None:
    """Four sweepers at once share a dead process's leases: each departure is returned to exactly one of them."""
    roster = Roster(redis, clock=clock)
    leases = [Lease(f"site:{n % 7}", f"customer:{n}", "tab") for n in range(3000)]
    await roster.refresh(leases)
    clock.advance(31)

    async def sweeper() -> list[tuple[str, str]]:
        own, departed, more = Roster(redis, clock=clock), [], True
        while more:
            outcome = await own.sweep(limit=100)
            assert len(outcome.changes) <= 100
            departed += [(change.topic, change.person) for change in outcome.changes]
            more = outcome.more
        return departed

    found = [departure for part in await asyncio.gather(*(sweeper() for _ in range(4))) for departure in part]
    assert sorted(found) == sorted((lease.topic, lease.person) for lease in leases)


async def test_empty_topics_leave_no_keys(roster: Roster, redis: Redis, clock: Clock) -> None:
    """After the last leave or sweep of a topic only the journal is left in Redis."""
    await roster.enter("site:1", ALICE, "tab")
    await roster.enter("site:2", BOB, "tab")
    assert sorted(await redis.keys()) == [
        b"{presence}:journal",
        b"{presence}:leases:site:1",
        b"{presence}:leases:site:2",
        b"{presence}:people:site:1",
        b"{presence}:people:site:2",
        b"{presence}:topics",
    ]
    await roster.leave("site:1", ALICE, "tab")
    clock.advance(31)
    await roster.sweep()
    assert await redis.keys() == [b"{presence}:journal"]


async def test_prefixes_are_apart(redis: Redis) -> None:
    """Two rosters with different prefixes share a Redis without seeing each other."""
    await Roster(redis, prefix="one").enter("site:1", ALICE, "tab")
    assert await Roster(redis, prefix="two").present("site:1") == set()


async def test_time_is_redis_time(redis: Redis) -> None:
    """Without a test's clock, leases run out by the server's clock."""
    roster = Roster(redis, lease=0.05)
    await roster.enter("site:1", ALICE, "tab")
    seconds, _ = await redis.time()
    await asyncio.sleep(0.1)
    (change,) = (await roster.sweep()).changes
    assert seconds * 1000 <= change.at_ms <= seconds * 1000 + 5000


async def test_clients_that_decode_are_served_too(clock: Clock, redis: Redis) -> None:
    """A client with `decode_responses` gets the same answers."""
    async with Redis.from_url(redis_url(), decode_responses=True) as client:
        roster = Roster(client, clock=clock)
        assert await roster.enter("site:1", "customer:Zoë", "tab")
        assert await roster.present_with_state(["site:1"]) == {"site:1": {"customer:Zoë": "online"}}
        assert [change.person for change in await Journal(client).read()] == ["customer:Zoë"]


@pytest.mark.parametrize("person", ["", "a|b", "agent:\ud800"])
async def test_impossible_names_are_refused(roster: Roster, person: str) -> None:
    """A person whose name would corrupt the roster, or cannot be encoded, is a ValueError."""
    with pytest.raises(ValueError, match=r"person|surrogates"):
        await roster.enter("site:1", person, "tab")
