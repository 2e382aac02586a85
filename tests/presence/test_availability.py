import pytest
from redis.asyncio import Redis

from presence.availability import Availability
from presence.roster import Roster

ALICE, BOB = "agent:1", "agent:2"


async def test_who_is_present_is_online_until_they_choose_away(roster: Roster, redis: Redis) -> None:
    """The choice holds in every topic and for every tab, until the next choice."""
    availability = Availability(redis)
    for topic in ("site:1", "site:2"):
        await roster.enter(topic, ALICE, "tab")
        await roster.enter(topic, BOB, "tab")
    assert await availability.choose(ALICE, "away")
    assert await roster.present_with_state(["site:1", "site:2"]) == {
        "site:1": {ALICE: "away", BOB: "online"},
        "site:2": {ALICE: "away", BOB: "online"},
    }
    assert await availability.choose(ALICE, "online")
    assert (await roster.present_with_state(["site:1"]))["site:1"] == {ALICE: "online", BOB: "online"}


async def test_a_choice_makes_nobody_present(roster: Roster, redis: Redis) -> None:
    """A state without a lease is invisible, and is still there when the person returns."""
    availability = Availability(redis)
    await availability.choose(ALICE, "away")
    assert await roster.present_with_state(["site:1"]) == {"site:1": {}}
    await roster.enter("site:1", ALICE, "tab")
    assert await roster.present_with_state(["site:1"]) == {"site:1": {ALICE: "away"}}


async def test_choosing_the_same_again_is_no_change(redis: Redis) -> None:
    """Only a choice that differs from the last one is reported, and online, the default, is not stored."""
    availability = Availability(redis)
    assert [await availability.choose(ALICE, state) for state in ("online", "away", "away", "online", "online")] == [
        False,
        True,
        False,
        True,
        False,
    ]
    assert await availability.chosen(ALICE) == "online"
    assert await redis.keys() == []


async def test_unknown_states_are_refused(redis: Redis) -> None:
    """A state out of the two is a ValueError and changes nothing."""
    with pytest.raises(ValueError, match="busy"):
        await Availability(redis).choose(ALICE, "busy")  # type: ignore[arg-type]
