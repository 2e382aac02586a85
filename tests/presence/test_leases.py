import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest
from redis.asyncio import Redis

from presence.journal import Change
from presence.leases import Leases, Pace
from presence.roster import Roster
from tests.presence.conftest import Heard, until

ALICE, BOB = "agent:1", "agent:2"

Make = Callable[..., tuple[Leases, Heard]]


@pytest.fixture
async def make(redis: Redis) -> AsyncIterator[Make]:
    """Makes processes: each call one `Leases` with a roster and a callback of its own, quick unless told otherwise."""
    made: list[Leases] = []

    def process(
        *, client: Redis = redis, lease: float = 30.0, beat: float = 0.1, sweep: float = 0.05
    ) -> tuple[Leases, Heard]:
        heard = Heard()
        made.append(Leases(Roster(client, lease=lease), heard, pace=Pace(beat=beat, sweep=sweep)))
        return made[-1], heard

    yield process
    for leases in made:
        await leases.aclose()


async def commands(redis: Redis, name: str) -> int:
    """How often the server has run a command."""
    stats = await redis.info("commandstats")
    return int(stats.get(f"cmdstat_{name}", {"calls": 0})["calls"])


async def test_who_holds_is_present_until_released(make: Make, redis: Redis) -> None:
    """When `hold` returns Redis knows; when `release_all` returns it has forgotten; both are told once."""
    leases, heard = make()
    await leases.hold("site:1", ALICE, "tab")
    assert await Roster(redis).present("site:1") == {ALICE}
    await leases.release_all("tab")
    assert await Roster(redis).present("site:1") == set()
    await until(lambda: heard.brief == [(ALICE, True, "enter"), (ALICE, False, "leave")])


async def test_release_all_ends_one_connection_only(make: Make, redis: Redis) -> None:
    """All topics of the closed tab are left, and none of the other tab's."""
    leases, _ = make()
    for topic in ("site:1", "site:2", "room:3"):
        await leases.hold(topic, ALICE, "closing")
    await leases.hold("site:1", ALICE, "staying")
    await leases.release_all("closing")
    assert [
        bool(people) for people in (await Roster(redis).present_with_state(["site:1", "site:2", "room:3"])).values()
    ] == [
        True,
        False,
        False,
    ]
    await leases.release("site:1", ALICE, "staying")
    assert leases.held == 0


async def test_five_tabs_in_two_processes_are_one_person(make: Make) -> None:
    """Whatever process a tab is connected to, there is one join and one leave."""
    (first, heard), (second, heard_too) = make(), make()
    for tab in range(5):
        await (first, second)[tab % 2].hold("site:1", ALICE, f"tab{tab}")
    for tab in range(5):
        await (first, second)[tab % 2].release_all(f"tab{tab}")
    await until(lambda: len(heard.changes + heard_too.changes) == 2)
    assert sorted(heard.brief + heard_too.brief) == [(ALICE, False, "leave"), (ALICE, True, "enter")]


async def test_a_page_reload_is_not_told(make: Make) -> None:
    """The old tab's end and the new one's start, met in one round, leave the person present without a word."""
    leases, heard = make()
    await leases.hold("site:1", ALICE, "old")
    await asyncio.gather(leases.release_all("old"), leases.hold("site:1", ALICE, "new"))
    await leases.hold("site:1", BOB, "tab")
    await until(lambda: heard.brief == [(ALICE, True, "enter"), (BOB, True, "enter")])


async def test_the_beat_keeps_leases_alive(make: Make, redis: Redis) -> None:
    """A held lease outlives its own length many times, silently."""
    leases, heard = make(lease=0.6)
    await leases.hold("site:1", ALICE, "tab")
    for _ in range(15):
        await asyncio.sleep(0.1)
        assert await Roster(redis).present("site:1") == {ALICE}
    assert heard.brief == [(ALICE, True, "enter")]


async def test_a_beat_is_one_script_call_however_many_leases(make: Make, redis: Redis) -> None:
    """Five hundred sockets cost one call a beat, and those that connect together share calls too."""
    leases, _ = make(beat=0.5, sweep=1000)
    before = await commands(redis, "evalsha")
    await asyncio.gather(*(leases.hold(f"site:{n % 20}", f"customer:{n}", f"tab{n}") for n in range(500)))
    assert await commands(redis, "evalsha") - before <= 4
    before = await commands(redis, "evalsha")
    await asyncio.sleep(1.1)
    assert 1 <= await commands(redis, "evalsha") - before <= 3


async def test_a_killed_process_is_noticed_by_its_neighbours_once(make: Make, redis: Redis) -> None:
    """Leases nobody renews end, and exactly one of two neighbours is told each departure."""
    (first, heard), (second, heard_too) = make(), make()
    await first.hold("site:1", "agent:8", "tab")
    await second.hold("site:1", "agent:9", "tab")
    killed = Roster(redis, lease=0.3)
    for n in range(40):
        await killed.enter(f"site:{n % 3}", f"customer:{n}", "tab")

    def departed() -> list[str]:
        return [c.person for c in heard.changes + heard_too.changes if c.cause == "expired"]

    await until(lambda: len(departed()) >= 40)
    await asyncio.sleep(0.2)
    assert sorted(departed()) == sorted(f"customer:{n}" for n in range(40))


async def test_a_wiped_redis_repairs_itself_with_the_next_beat(make: Make, redis: Redis) -> None:
    """After a FLUSHDB everybody is back and told as recovered, without any consumer's doing."""
    leases, heard = make()
    await leases.hold("site:1", ALICE, "tab")
    await leases.hold("site:1", ALICE, "second tab")
    await redis.flushdb()
    await until(lambda: len(heard.changes) == 2)
    assert await Roster(redis).present("site:1") == {ALICE}
    assert heard.brief == [(ALICE, True, "enter"), (ALICE, True, "recovered")]


async def test_a_process_that_hung_re_enters(make: Make, redis: Redis) -> None:
    """Leases swept by a neighbour while the process was not running are taken again, and told."""
    leases, heard = make(lease=0.2, beat=0.6, sweep=1000)
    await leases.hold("site:1", ALICE, "tab")
    neighbour = Roster(redis)
    await until(lambda: _swept(neighbour, ALICE))
    await until(lambda: heard.brief == [(ALICE, True, "enter"), (ALICE, True, "recovered")])


async def _swept(neighbour: Roster, person: str) -> bool:
    return any(change.person == person for change in (await neighbour.sweep()).changes)


@pytest.mark.parametrize("turns", range(12))
@pytest.mark.parametrize("cancelled", [False, True])
async def test_release_all_wins_against_a_hold_under_way(make: Make, redis: Redis, turns: int, cancelled: bool) -> None:
    """However far a hold has come, or if it is cancelled, the release that follows it leaves nothing behind."""
    leases, heard = make(beat=0.01)
    await leases.hold("site:1", BOB, "warm")
    hold = asyncio.create_task(leases.hold("site:1", ALICE, "tab"))
    for _ in range(turns):
        await asyncio.sleep(0)
    if cancelled:
        hold.cancel()
    await leases.release_all("tab")
    with suppress(asyncio.CancelledError):
        await hold
    # If the release came first, the hold is the later wish: a consumer never does that, its receive has begun before.
    if turns == 0:
        await leases.release_all("tab")
    await asyncio.sleep(0.03)
    assert await Roster(redis).present("site:1") == {BOB}
    about_alice = [change.present for change in heard.changes if change.person == ALICE]
    assert about_alice in ([], [True, False])


async def test_a_storm_of_holds_and_releases_ends_as_wished(make: Make, redis: Redis) -> None:
    """Hundreds of interleaved calls on shared connections end with exactly the leases last wished for."""
    leases, heard = make(beat=0.01, sweep=0.01)

    async def tab(n: int) -> None:
        for turn in range(6):
            await leases.hold(f"site:{n % 3}", f"agent:{n}", f"tab{n}")
            await asyncio.sleep(0.001 * ((n * 7 + turn) % 5))
            if turn < 5 or n % 2:
                await leases.release_all(f"tab{n}")

    await asyncio.gather(*(tab(n) for n in range(60)))
    present = await Roster(redis).present_with_state([f"site:{n}" for n in range(3)])
    assert {person for people in present.values() for person in people} == {f"agent:{n}" for n in range(0, 60, 2)}
    assert leases.held == 30
    await until(lambda: len(heard.changes) == 30 * 11 + 30 * 12)


async def test_the_task_ends_when_idle_and_starts_again(redis: Redis) -> None:
    """Without leases nothing runs after a while; the next hold starts anew."""
    heard = Heard()
    leases = Leases(Roster(redis), heard, pace=Pace(beat=0.02, sweep=0.02, idle=0.1))

    def running() -> bool:
        return "presence-leases" in {task.get_name() for task in asyncio.all_tasks()}

    assert not running()
    await leases.hold("site:1", ALICE, "tab")
    await asyncio.sleep(0.2)
    assert running()
    await leases.release_all("tab")
    await until(lambda: not running())
    await leases.hold("site:1", ALICE, "tab")
    assert await Roster(redis).present("site:1") == {ALICE}
    await leases.aclose()
    assert not running()


async def test_closing_releases_and_tells_everything(make: Make, redis: Redis) -> None:
    """A process that ends gracefully leaves nobody behind, and its last changes are passed on."""
    leases, heard = make()
    for n in range(50):
        await leases.hold("site:1", f"agent:{n}", f"tab{n}")
    await leases.aclose()
    assert await Roster(redis).present("site:1") == set()
    assert len(heard.changes) == 100


async def test_closing_always_ends(make: Make) -> None:
    """A process that closes at whatever moment of a round trip is done soon, and its task is gone."""
    for n in range(60):
        leases, _ = make(beat=0.002, sweep=0.001)
        await leases.hold("site:1", ALICE, "tab")
        await asyncio.sleep(n * 0.0001)
        async with asyncio.timeout(2):
            await leases.aclose()
    assert "presence-leases" not in {task.get_name() for task in asyncio.all_tasks()}


async def test_a_callback_that_fails_or_hangs_stops_neither_leases_nor_callers(redis: Redis) -> None:
    """An error in the callback is logged and the next change is told; a slow one holds up nobody's hold."""
    told: list[str] = []

    async def grumpy(change: Change) -> None:
        told.append(change.person)
        if change.person == ALICE:
            raise RuntimeError("no")
        await asyncio.sleep(10)

    leases = Leases(Roster(redis), grumpy, pace=Pace(patience=0.2))
    await leases.hold("site:1", ALICE, "tab")
    await leases.hold("site:1", BOB, "tab")
    async with asyncio.timeout(1):
        await leases.hold("site:1", "agent:3", "tab")
        await until(lambda: told == [ALICE, BOB])
        await leases.aclose()
    assert await Roster(redis).present("site:1") == set()


@pytest.mark.parametrize("person", ["", "a|b", "agent:\ud800"])
async def test_impossible_names_are_refused_before_they_spoil_a_beat(make: Make, redis: Redis, person: str) -> None:
    """A name that cannot be stored raises ValueError at once, and the others' leases go on."""
    leases, _ = make()
    with pytest.raises(ValueError, match=r"person|surrogates"):
        await leases.hold("site:1", person, "tab")
    await leases.hold("site:1", ALICE, "tab")
    assert await Roster(redis).present("site:1") == {ALICE}
