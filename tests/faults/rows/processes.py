"""Rows 1 and 12: server processes that die and that are replaced."""

import time
from dataclasses import replace

from tests.faults import oracle
from tests.faults.driver import PREVIOUS, Driver, Part
from tests.faults.former import become, unpack, without_lifespan
from tests.faults.plan import Plan
from tests.faults.row import row
from tests.faults.stage import Stage
from tests.faults.verdict import percentile

CRASH_SECONDS = 40.0
LEFT_BEHIND = 4
USUAL_ROOMS = 20
# Within this they come back, each at a time of its own.
SPREAD_SECONDS = 10.0


@row(
    1,
    "kill -9 of a server process",
    kills=True,
    tells=(
        "reconnect p99 s",
        "texts a tab sent for a crashed one",
    ),
)
def killed(stage: Stage) -> None:
    """Who was connected there is elsewhere in five seconds; who went away with it is seen to be gone."""
    stage.assemble()
    stage.begin()
    stage.until_fault()
    web = stage.cluster.webs[stage.seed % 2]
    web.process.kill()
    stage.broken()
    # The other process serves: for clients the fault is over at once.
    stage.mended()
    # Their leases are the dead process' own, and nobody says good-bye for them: a customer is gone with both tabs, and
    # of another one the tab that has more to send than it can before it is gone.
    stage.act("vanish", [part.id for part in stage.cast.parts if part.kind == "customer" and part.id.startswith("c0.")])
    stage.act("say", ["c1.1"] * LEFT_BEHIND)
    stage.act("vanish", ["c1.1"])
    stage.until_heal()
    web.start()
    stage.settle(presence=CRASH_SECONDS)
    record = stage.judge()
    inherited = [said for said in oracle.sent_by_others(record) if said.startswith("c1.1#")]
    stage.verdict.add("texts a tab sent for a crashed one", len(inherited))
    stage.verdict.add("no tab sent for a crashed one", not inherited, 0)
    again = [seconds for each in record.reconnects.values() for _, seconds in each]
    stage.verdict.add("reconnect p99 s", percentile(again, 0.99), 5.0 * stage.plan.patience)
    stage.verdict.add("nobody was connected there", not again, 0)


def _many(plan: Plan) -> Plan:
    # Few texts each: together not more than in the other rows, and whoever writes tries at once instead of waiting.
    rooms = 100 if plan.rooms == USUAL_ROOMS else 16
    return replace(plan, rooms=rooms, rate=min(0.1, 25 / (rooms * 5)), seconds=max(plan.seconds, 32), fault_at=5)


@row(
    12,
    "rolling restart, clients of two versions",
    adapt=_many,
    tells=(
        "servers of version N−1",
        "servers of version N−1: not run",
        "reconnects",
        "share in the busiest second",
    ),
)
def rolling(stage: Stage) -> None:
    """Both servers are of the version before, and one after the other is replaced by this one; clients of both versions
    are on each of them.
    """
    former = unpack(stage.cluster.folder)
    today = {web.name: web.process.argv for web in stage.cluster.webs}
    if former:
        for web in stage.cluster.webs:
            become(web, former, without_lifespan(web.process.argv))
    stage.add_driver()
    old = stage.add_driver(program=PREVIOUS)

    def version(part: Part) -> Driver:
        return old if stage.room_of(part) % 2 else stage.driver

    stage.assemble(choose=version)
    stage.begin()
    stage.until_fault()
    stage.broken()
    for web in stage.cluster.webs:
        become(web, stage.cluster.source, today[web.name])
        # As who deploys does, who lets everybody come back before the next process goes.
        time.sleep(SPREAD_SECONDS)
    stage.mended()
    stage.settle()
    record = stage.judge()
    back = sorted(lost + seconds - stage.fault for each in record.reconnects.values() for lost, seconds in each)
    busiest = max((sum(at <= other < at + 1 for other in back) for at in back), default=0)
    stage.verdict.add("servers of version N−1" if former else "servers of version N−1: not run", 2 if former else 0)
    stage.verdict.add("spread s", back[-1] - back[0] if back else 0)
    stage.verdict.add("share in the busiest second", busiest / max(1, len(back)), 0.25)
