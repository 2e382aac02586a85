"""Rows 11 and 14: a network that comes and goes, and one that goes without a word."""

import random
import time
from collections import defaultdict
from dataclasses import replace

from tests.faults.namespace import Namespace, needs_namespaces
from tests.faults.plan import Plan
from tests.faults.record import Record
from tests.faults.row import row
from tests.faults.stage import Stage

CLIENT_SECONDS, SERVER_SECONDS = 35.0, 40.0
# The client's timer counts from what it heard last, and runs a little late.
LATE_SECONDS = 0.5
# What the absent write: nobody writes more than a limit allows into a window that says it is offline.
RATE = 0.1
SHORTEST_BACKOFF, LONGEST_BACKOFF = 0.5, 30.0


def _long(plan: Plan) -> Plan:
    return replace(plan, seconds=(180 if plan.full else 35) + plan.fault_at + 5)


@row(
    11,
    "flapping wifi: cuts every 2–8 s, 5–20 % loss",
    adapt=_long,
    needs=needs_namespaces,
    tells=(
        "cuts",
        "packet loss %",
        "reconnects",
        "longest wait s",
    ),
)
def flapping(stage: Stage) -> None:
    """All clients live in a network namespace that loses packets, and behind a line that is cut again and again."""
    dice = random.Random(stage.seed)
    with Namespace(loss_percent=dice.randint(5, 20)) as namespace:
        line = stage.cluster.wifi(host=namespace.host)
        stage.add_driver(prefix=namespace.prefix)
        url = f"http://{namespace.host}:{line.port}"
        stage.assemble(server=lambda part: url)
        namespace.lose()
        stage.begin()
        stage.until_fault()
        stage.broken()
        cuts = 0
        while time.monotonic() < stage.began + stage.load_seconds - 5:
            time.sleep(dice.uniform(2, 8))
            if dice.random() < 0.5:
                line.reset(share=dice.random(), seed=cuts)
            else:
                line.cut()
                time.sleep(dice.uniform(0.5, 2))
                line.open()
            cuts += 1
        namespace.lose_nothing()
        stage.mended()
        # Who failed again and again waits up to half a minute; people look at their window before that.
        stage.act("wake", [part.id for part in stage.cast.parts])
        stage.settle()
        record = stage.judge()
        stage.verdict.add("cuts", cuts)
        stage.verdict.add("packet loss %", namespace.loss_percent)
        shortest, longest = _waits(record)
        stage.verdict.add("waited too short s", max(0.0, SHORTEST_BACKOFF - shortest), 0.01)
        stage.verdict.add("longest wait s", longest, LONGEST_BACKOFF + 1)
        stage.ends.close()


def _waits(record: Record) -> tuple[float, float]:
    """The shortest time between two attempts, and the longest from the end of a connection to the next attempt."""
    ended: dict[str, float] = {}
    began: dict[str, float] = {}
    between, waits = [LONGEST_BACKOFF], [0.0]
    for event in record.events:
        if event.what == "close":
            ended[event.client] = event.at
        elif event.what == "connect":
            between.append(event.at - began.get(event.client, 0.0))
            began[event.client] = event.at
            waits.append(event.at - ended.pop(event.client, event.at))
    return min(between), max(waits)


@row(
    14,
    "half-open clients",
    tells=(
        "agents see it after s",
        "clients know after s",
    ),
)
def half_open(stage: Stage) -> None:
    """The customers of two rooms vanish from the network: no packet comes, and nobody says so."""
    line = stage.cluster.wifi()
    url = f"http://localhost:{line.port}"
    rooms = (0, 1)
    stage.assemble(
        server=lambda part: url if part.kind == "customer" and stage.room_of(part) in rooms else stage.cluster.url
    )
    lost = [part.id for part in stage.cast.parts if part.kind == "customer" and stage.room_of(part) in rooms]
    watchers = [part.id for part in stage.cast.staff if stage.room_of(part) in rooms]
    stage.begin(seconds=stage.plan.fault_at + SERVER_SECONDS + 10, rates=dict.fromkeys(lost, RATE))
    stage.until_fault()
    line.isolate()
    stage.broken()
    seen_gone = _until_gone(stage, {stage.people[name] for name in lost}, watchers)
    stage.until(stage.plan.fault_at + SERVER_SECONDS + 2)
    line.open()
    stage.mended()
    stage.act("wake", lost)
    stage.settle()
    record = stage.judge()
    stage.verdict.add("agents see it after s", seen_gone, SERVER_SECONDS)
    knew: dict[str, float] = defaultdict(lambda: float("inf"))
    for name in lost:
        knew[name] = min([at - stage.fault for at, _ in record.reconnects.get(name, [])], default=999.0)
    stage.verdict.add("clients know after s", max(knew.values()), CLIENT_SECONDS + LATE_SECONDS)


def _until_gone(stage: Stage, people: set[str], watchers: list[str]) -> float:
    while time.monotonic() < stage.fault + SERVER_SECONDS + 5:
        states = stage.driver.states(watchers, brief=True)
        if not any(people & set(state["online"] or []) for state in states.values()):
            return time.monotonic() - stage.fault
        time.sleep(0.2)
    return 999.0
