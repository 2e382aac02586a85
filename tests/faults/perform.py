"""Perform: all repeats of one row."""

import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.cluster import Cluster
from tests.faults.ground import Ground
from tests.faults.plan import Plan
from tests.faults.report import Line
from tests.faults.row import Row
from tests.faults.stage import Stage
from tests.faults.verdict import NotRunError, Verdict

# Nobody watches: a repeat that hangs is a fail, and the next one begins.
LONGEST_SECONDS, LONGEST_FULL_SECONDS = 300, 900


def perform(ground: Ground, row: Row, kind: str, plan: Plan, seed: int) -> Line:
    """What goes wrong in the harness itself is a fail as well, with its reason."""
    line = Line(row.number, row.title, kind, tells=row.tells)
    plan = row.adapt(plan)
    began = time.monotonic()
    try:
        row.needs()
        for repeat in range(plan.kills if row.kills else plan.repeats):
            _judged(ground, row, kind, plan, seed + repeat, line)
    except NotRunError as reason:
        line.not_run = f"not run: {reason}"
    except Exception as error:  # noqa: BLE001  # the next row must run all the same
        line.verdicts.append(_stopped(error))
    line.seconds = round(time.monotonic() - began, 1)
    return line


def _judged(ground: Ground, row: Row, kind: str, plan: Plan, seed: int, line: Line) -> None:
    verdicts = len(line.verdicts)
    try:
        with _limited(LONGEST_FULL_SECONDS if plan.full else LONGEST_SECONDS):
            _repeat(ground, row, kind, plan, seed, line)
    except NotRunError:
        raise
    except Exception as error:  # noqa: BLE001  # before the row could begin, or after it ended
        del line.verdicts[verdicts:]
        line.verdicts.append(_stopped(error))
        print(f"  {row.number} {kind} #{seed}: FAIL {type(error).__name__}: {error}", flush=True)


def _stopped(error: Exception) -> Verdict:
    traceback.print_exception(error)
    verdict = Verdict()
    verdict.none("stopped", [f"{type(error).__name__}: {error}"])
    return verdict


@contextmanager
def _limited(seconds: int) -> Iterator[None]:
    def give_up(*_: object) -> None:
        raise TimeoutError(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _repeat(ground: Ground, row: Row, kind: str, plan: Plan, seed: int, line: Line) -> None:
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"  {row.number} {kind} #{seed} {time.monotonic() - began:5.1f} s: {what}", flush=True)

    ground.servers.postgres.start()
    ground.servers.valkey.start()
    prefixes = row.prefixes(seed)
    with Cluster(
        kind, ground.servers, ground.network, ground.folder, source=ground.source, prefixes=prefixes
    ) as cluster:
        say("servers up")
        with Stage(cluster, plan, seed, say) as stage:
            try:
                row.play(stage)
            except NotRunError:
                raise
            except Exception as error:  # noqa: BLE001  # the next row must run all the same
                traceback.print_exc()
                stage.verdict.none("stopped", [f"{type(error).__name__}: {error}"])
            line.verdicts.append(stage.verdict)
            say("pass" if stage.verdict.passed else f"FAIL {'; '.join(map(str, stage.verdict.broken))}")
