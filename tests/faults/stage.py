"""Stage: one repeat of a row: the cast comes on, writes, meets the fault, and is judged."""

import json
import os
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any, Self

import environ
from django.core.management import call_command
from django.db import connections

from config.embedded import Servers
from tests.faults import logs, oracle, truth
from tests.faults.cast import make_cast
from tests.faults.cluster import Cluster
from tests.faults.driver import BUILT, Driver, Event, Part
from tests.faults.effort import Effort
from tests.faults.expected import expected_presence, own_people, own_rooms
from tests.faults.plan import Plan
from tests.faults.record import Record
from tests.faults.resources import Held, all_held, nothing_kept
from tests.faults.verdict import Verdict

# A sync may have to wait for the next heartbeat's heads.
SETTLE_SECONDS = 8.0
PRESENCE_SECONDS = 20.0
CONNECTS_PER_SECOND = 50
LATE_SECONDS = 35.0
# Everybody writes on for this long after the time for recovery: what is steady afterwards is measured, too.
AFTER_SECONDS = 2.5
WRITING_SECONDS = 3600.0


class Stage:
    """What a row works with. Times are of the monotonic clock; `began` is when the writing began."""

    def __init__(self, cluster: Cluster, plan: Plan, seed: int, say: Callable[[str], None]) -> None:
        self.cluster, self.plan, self.seed, self.say = cluster, plan, seed, say
        self.verdict = Verdict()
        self.events: list[Event] = []
        self.ends = ExitStack()
        self.drivers: list[Driver] = []
        self.began = self.fault = self.healed = 0.0
        self.left: set[str] = set()
        self.farewells: dict[str, Any] = {}
        self.before: list[Held] = []
        self._log_starts = {web.log: web.log.stat().st_size for web in cluster.webs}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.ends.close()
        if os.environ.get("KEEP_LOGS"):
            lines = [
                json.dumps([event.at - self.began, event.client, event.what, *event.rest]) for event in self.events
            ]
            (self.cluster.folder / f"events-{self.seed}.jsonl").write_text("\n".join(lines))
        connections.close_all()

    @property
    def servers(self) -> Servers:
        return self.cluster.servers

    @property
    def driver(self) -> Driver:
        return self.drivers[0]

    def move_to(self, servers: Servers) -> None:
        """From now on everything runs on these, for as long as the stage stands."""
        here = connections["default"].settings_dict
        self.ends.callback(here.update, dict(here))
        connections.close_all()
        here.update(environ.Env.db_url_config(servers.database_url), OPTIONS=here["OPTIONS"])
        call_command("migrate", verbosity=0)
        connections.close_all()
        self.cluster.move_to(servers)

    def add_driver(self, **options: Any) -> Driver:
        options = {"program": self.cluster.source / BUILT, **options}
        driver = self.ends.enter_context(Driver(self.events, **options))
        self.drivers.append(driver)
        return driver

    def assemble(
        self, *, choose: Callable[[Part], Driver] | None = None, server: Callable[[Part], str] | None = None
    ) -> None:
        """Everybody is connected and has their room open. `choose` says who is played by which driver."""
        if not self.drivers:
            self.add_driver()
        self.cast = make_cast(self.plan.rooms, server or (lambda part: self.cluster.url), self.cluster.url)
        connections.close_all()
        self._choose = choose or (lambda part: self.driver)
        self.enter(self.cast.first_tabs)
        self.act("say", (part.id for part in self.cast.first_tabs))
        self.until_all(lambda state: bool(not state["waiting"] and state["heads"]), 20, "rooms")
        self.cast.learn_rooms({name: state["you"] for name, state in self.states().items()})
        self.enter([*self.cast.second_tabs, *self.cast.staff])
        for driver in self.drivers:
            driver.open(
                {part.id: [self.cast.name_of_room(part)] for part in self.cast.staff if self._choose(part) is driver}
            )
        self.until_all(lambda state: all(state["heads"].values()) and bool(state["heads"]), 30, "open rooms")
        self.people = {name: str(state["you"]) for name, state in self.states().items()}
        connections.close_all()

    def enter(self, parts: Iterable[Part]) -> None:
        """Open these tabs, not faster than two busy cores can take them."""
        parts = list(parts)
        seconds = len(parts) / CONNECTS_PER_SECOND
        for driver in self.drivers:
            driver.start([part for part in parts if self._choose(part) is driver], seconds)
        expected = sum(len(driver.parts) for driver in self.drivers) - len(self.left)
        for driver in self.drivers:
            mine = len(set(driver.parts) - self.left)
            driver.until(
                lambda states, mine=mine: (
                    len(states) == mine  # type: ignore[misc]
                    and all(state["state"] == "online" for state in states.values())
                ),
                30 * self.plan.patience,
                f"{expected} clients online",
            )

    def act(self, verb: str, ids: Iterable[str]) -> None:
        ids = list(ids)
        for driver in self.drivers:
            driver.act(verb, [name for name in ids if name in driver.parts])
        if verb in ("stop", "vanish"):
            self.left |= set(ids)

    def dismiss(self, ids: Iterable[str]) -> None:
        """These have to leave. What they have heard and show until now is judged all the same."""
        ids = list(ids)
        self.farewells |= {name: state for name, state in self.states().items() if name in ids}
        self.act("stop", ids)

    def states(self, *, brief: bool = False) -> dict[str, Any]:
        return {name: state for driver in self.drivers for name, state in driver.states(brief=brief).items()}

    def until_all(self, ready: Callable[[dict[str, Any]], bool], seconds: float, what: str) -> float:
        """Return after how long every client's brief state was as wanted."""
        began = time.monotonic()
        while True:
            states = self.states(brief=True)
            waiting = [name for name, state in states.items() if not ready(state)]
            if not waiting:
                return time.monotonic() - began
            if time.monotonic() - began > seconds:
                first = {name: states[name] for name in waiting[:3]}
                raise TimeoutError(f"{what}: {len(waiting)} of {len(states)} not within {seconds:.0f} s: {first}")
            time.sleep(0.1)

    def begin(self, seconds: float = 0.0, rates: dict[str, float] | None = None) -> None:
        """The writing begins, and goes on for as long as the plan says, or longer where the row needs it, and at least
        until `settle` has seen what is steady after the fault.

        `rates` are those of clients that write less, or more, than the others.
        """
        self.before = all_held(self.cluster)
        self._effort = Effort()
        self.load_seconds = max(self.plan.seconds, seconds)
        self.began = time.monotonic()
        self.fault = self.healed = self.began + self.load_seconds
        self.write(rates or {})

    def write(self, rates: dict[str, float]) -> None:
        """Everybody who is there writes until told to stop."""
        for driver in self.drivers:
            for name in driver.parts:
                driver.load(WRITING_SECONDS, rates.get(name, self._rate(name)), self.seed, [name])

    def hush(self) -> None:
        """Nobody writes any more, and soon everybody is level."""
        for driver in self.drivers:
            driver.quiet()
        level_by = max(self.healed + oracle.RECOVERY_SECONDS, time.monotonic() + SETTLE_SECONDS)
        self._in_time("not level in time", self._not_level, level_by)

    def _rate(self, name: str) -> float:
        """All together write as much as if each wrote `plan.rate`; who has five tabs does not write five times more."""
        if name.endswith(".0"):
            return self.plan.rate / 5
        return self.plan.rate * (1 if name.startswith("c") else 1.4)

    def until(self, seconds: float) -> None:
        """So many seconds from the beginning. The clock is the row's script, not a wait for a condition."""
        time.sleep(max(0.0, self.began + seconds - time.monotonic()))

    def until_fault(self) -> None:
        self.until(self.plan.fault_at)

    def until_heal(self, held: float = 0.0) -> None:
        """When the plan says, or after `held` seconds of the fault, where the row names a time of its own."""
        self.until(self.plan.fault_at + held if held else self.plan.heal_at)

    def broken(self) -> None:
        self.fault = time.monotonic()
        self.say("fault")

    def mended(self) -> None:
        self.healed = time.monotonic()
        self.say("healed")

    def room_of(self, part: Part) -> int:
        """The index of the room a part is in."""
        return int(part.id[1:].partition(".")[0])

    def settle(self, seconds: float = SETTLE_SECONDS, presence: float = PRESENCE_SECONDS) -> None:
        """The writing goes on past the recovery, and ends; soon everybody is connected and level. Who is there is shown
        `presence` seconds after the fault's end at the latest.
        """
        recovered = self.healed - self.began + oracle.RECOVERY_SECONDS
        self.until(max(self.load_seconds, recovered + AFTER_SECONDS))
        for driver in self.drivers:
            driver.quiet()
        self.say("settling")
        level_by = max(self.healed + oracle.RECOVERY_SECONDS, time.monotonic() + seconds)
        self._in_time("not level in time", self._not_level, level_by)
        self._in_time("presence not true in time", self._untrue, max(self.healed + presence, time.monotonic() + 5))

    def _in_time(self, name: str, different: Callable[[], list[str]], deadline: float) -> None:
        deadline += (deadline - time.monotonic()) * (self.plan.patience - 1)
        late: list[str] = []
        # Late is one fault, lost another: what was late is given its chance before the lists are compared.
        while (found := different()) and time.monotonic() < deadline + LATE_SECONDS:
            if time.monotonic() > deadline and not late:
                late = found
                self.say(f"{name}: {found[:2]}"[:300])
            time.sleep(0.2)
        self.verdict.none(name, late)

    def _not_level(self) -> list[str]:
        heads = self._heads()
        return [
            f"{name} {state['state']} waiting {state['waiting']} heads {state['heads']} of {heads[name]}"
            for name, state in self.states(brief=True).items()
            if state["state"] != "online" or state["waiting"] or list(state["heads"].values()) != [heads[name]]
        ]

    def _untrue(self) -> list[str]:
        expected = expected_presence(self.cast, self.people, self.left)
        return [
            f"{name} shows {sorted(state['online'] or [])} of {expected[name]}"
            for name, state in self.states(brief=True).items()
            if sorted(state["online"] or []) != expected[name]
        ]

    def judge(self, **options: Any) -> Record:
        """Compare what everybody did and shows with PostgreSQL, and the servers with how they were."""
        states = {name: state for name, state in self.states().items() if name not in self.left}
        record = Record(
            parts={part.id: part for part in self.cast.parts},
            rooms={part.id: self.cast.rooms[self.cast.places[part.id]] for part in self.cast.parts},
            events=list(self.events),
            states=states,
            logs=truth.read(self.servers.database_url, [number for number, _ in self.cast.rooms.values()]),
            former={name for driver in self.drivers if driver.is_previous for name in driver.parts},
            own=own_rooms(self.cast, self.servers.database_url),
            own_people=own_people(self.cast, self.people, self.servers.database_url),
            farewells=self.farewells,
            began=self.began,
            fault=self.fault,
            healed=self.healed,
        )
        oracle.judge(record, self.verdict, patience=self.plan.patience, **options)
        nothing_kept(self.cluster, self.before, self.healed, self.verdict)
        self.verdict.none("tracebacks", self.tracebacks())
        # Times say little of the product when the machine has much else to do.
        self.verdict.add("cores busy with others", self._effort.of_others())
        return record

    def tracebacks(self) -> list[str]:
        """G7: what a server's log says of errors that nobody handled."""
        return [line for path, start in self._log_starts.items() for line in logs.unhandled(path, start)]

    def _heads(self) -> dict[str, int]:
        logs_of = truth.heads(self.servers.database_url, [number for number, _ in self.cast.rooms.values()])
        return {
            part.id: logs_of[self.cast.rooms[self.cast.places[part.id]][0]][part.kind == "customer"]
            for part in self.cast.parts
        }
