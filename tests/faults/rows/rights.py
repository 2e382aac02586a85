"""Row 16: rights that end while everybody writes."""

import time
from typing import Any

from django.db import connections

from accounts.models import Agent
from tests.faults.row import row
from tests.faults.stage import Stage

GONE_SECONDS = 2.0


@row(
    16,
    "an agent deactivated, a password changed, a team left",
    tells=(
        "deactivated: heard until s",
        "password: heard until s",
        "team: heard until s",
    ),
)
def taken_away(stage: Stage) -> None:
    """Each loses the right about the same moment; what reaches any of their tabs two seconds later is too late."""
    stage.assemble()
    stage.begin()
    deactivated, renewed, moved = (stage.people[f"a0.{seat}"] for seat in range(3))
    former, gone, signed_out = (Agent.objects.get(pk=_id(ref)) for ref in (moved, deactivated, renewed))
    # Hashing takes a while: the right ends with the row.
    signed_out.set_password("another long password")
    gone.is_active = False
    stage.until_fault()
    stage.broken()
    ended = {}
    for ref, end in ((moved, former.teams.clear), (deactivated, gone.save), (renewed, signed_out.save)):
        end()
        ended[ref] = time.monotonic()
    connections.close_all()
    stage.mended()
    theirs = [name for name, ref in stage.people.items() if ref in (deactivated, renewed, moved)]
    stage.until_heal()
    # The load goes on, so that there is something that they must not hear.
    stage.until(stage.load_seconds)
    heard = stage.driver.states(theirs)
    for what, who in (("deactivated", deactivated), ("password", renewed), ("team", moved)):
        late, unheard = heard_until(heard, [name for name in theirs if stage.people[name] == who], ended[who])
        stage.verdict.add(f"{what}: heard until s", late, GONE_SECONDS * stage.plan.patience)
        stage.verdict.none(f"{what}: heard nothing before", unheard)
    others = stage.driver.states(["a1.1"])["a1.1"]["heard"]
    stage.verdict.add("nobody else heard anything", max(last for _, last in others.values()) < stage.fault + 5, 0)
    stage.dismiss(theirs)
    stage.settle()
    stage.judge()


def heard_until(states: dict[str, Any], tabs: list[str], ended: float) -> tuple[float, list[str]]:
    """How long after the right ended any of somebody's tabs heard of a room, and which never did: they show nothing."""
    last = {name: max((at for _, at in states[name]["heard"].values()), default=None) for name in tabs}
    heard = [at - ended for at in last.values() if at is not None]
    return max(heard, default=0.0), [name for name, at in last.items() if at is None]


def _id(ref: str) -> int:
    return int(ref.removeprefix("agent:"))
