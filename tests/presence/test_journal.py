import pytest
from redis.asyncio import Redis

from presence.journal import Change, Journal
from presence.keys import Lease
from presence.roster import Roster
from tests.presence.conftest import Clock


async def test_the_journal_tells_the_whole_story_in_order(roster: Roster, redis: Redis, clock: Clock) -> None:
    """Every transition is there once, with its cause and Redis' time; what changed nobody's presence is not."""
    start = clock.ms
    await roster.enter("site:1", "agent:1", "tab")
    await roster.enter("site:1", "agent:1", "second tab")
    clock.advance(1)
    await roster.enter("site:1", "agent:2", "tab")
    await roster.leave("site:1", "agent:2", "tab")
    clock.advance(30)
    await roster.sweep()
    await roster.refresh([Lease("site:1", "agent:1", "tab")])

    story = [(c.topic, c.person, c.present, c.cause, c.at_ms - start) for c in await Journal(redis).read()]
    assert story == [
        ("site:1", "agent:1", True, "enter", 0),
        ("site:1", "agent:2", True, "enter", 1000),
        ("site:1", "agent:2", False, "leave", 1000),
        ("site:1", "agent:1", False, "expired", 30_000),
        ("site:1", "agent:1", True, "recovered", 31_000),
    ]


async def test_what_a_caller_was_told_is_what_the_journal_holds(roster: Roster, redis: Redis) -> None:
    """A returned change and its entry are the same value, id and actor included."""
    changes = await roster.refresh([Lease("site:1", f"agent:{n}", "tab") for n in range(3)])
    assert changes == await Journal(redis).read()
    assert {change.actor for change in changes} == {roster.actor}


async def test_pages_are_bounded_and_join_without_gap_or_overlap(roster: Roster, redis: Redis) -> None:
    """A reader that continues after its last entry sees each entry once, and an empty page at the end."""
    await roster.refresh([Lease("site:1", f"agent:{n}", "tab") for n in range(25)])
    journal = Journal(redis)
    read: list[Change] = []
    while page := await journal.read(read[-1].id if read else "0-0", limit=10):
        assert len(page) <= 10
        read += page
    assert [change.person for change in read] == [f"agent:{n}" for n in range(25)]


async def test_the_journal_is_capped(redis: Redis, clock: Clock) -> None:
    """However much happens, the stream stays near its cap and keeps the newest entries."""
    roster = Roster(redis, clock=clock, journal_cap=200)
    await roster.refresh([Lease("site:1", f"agent:{n}", "tab") for n in range(3000)])
    entries = await Journal(redis).read(limit=3000)
    assert 200 <= len(entries) <= 400
    assert entries[-1].person == "agent:2999"


@pytest.mark.parametrize("after", ["0-0", "99999999999999-0"])
async def test_an_empty_journal_is_an_empty_page(redis: Redis, after: str) -> None:
    """Before the first event, and after a wipe, there is simply nothing to read."""
    assert await Journal(redis).read(after) == []
