"""Rows 5 and 6: PostgreSQL is gone, its answers get lost, and a process is alone."""

import os
import signal
import time
from contextlib import suppress

from config.embedded import StartError
from tests.faults.cluster import pid_of, wait
from tests.faults.record import Record
from tests.faults.row import row
from tests.faults.stage import Stage

REFUSAL_SECONDS = 5.0
LAST_SECONDS = 1.0


@row(
    5,
    "PostgreSQL killed, and cut between COMMIT and reply",
    kills=True,
    tells=(
        "refusals",
        "longest answer s",
    ),
)
def killed(stage: Stage) -> None:
    """First the answers to what was committed get lost, then the server is gone: killed, or stopped at once."""
    stage.assemble()
    stage.begin()
    stage.until_fault()
    stage.broken()
    lines = [web.database for web in stage.cluster.webs]
    for line in lines:
        line.lose_answers(on=True)
    stage.until(stage.plan.fault_at + 0.7)
    for line in lines:
        line.reset()
        line.lose_answers(on=False)
    stage.until(stage.plan.fault_at + 1.5)
    postgres = stage.servers.postgres
    if stage.seed % 2:
        os.kill(pid_of(postgres), signal.SIGQUIT)
        wait(lambda: not postgres.running, 10, "PostgreSQL ends")
    else:
        postgres.kill()
    stage.until_heal()
    start_postgres(stage)
    stage.mended()
    stage.settle()
    refused_soon(stage, stage.judge())


@row(
    6,
    "one process cut off from Redis, then from PostgreSQL",
    tells=(
        "refusals",
        "longest answer s",
    ),
)
def partitioned(stage: Stage) -> None:
    """The other process does not notice."""
    stage.assemble()
    stage.begin(seconds=stage.plan.fault_at + 20)
    alone, _other = stage.cluster.webs
    stage.until_fault()
    stage.broken()
    alone.redis.cut()
    stage.until(stage.plan.fault_at + 5)
    alone.redis.open()
    alone.database.cut()
    stage.until(stage.plan.fault_at + 10)
    alone.database.open()
    # The last hints of all get lost without a word, so that no later one shows the gap: only heads do.
    stage.until(stage.load_seconds - LAST_SECONDS)
    for web in stage.cluster.webs:
        web.redis.lose_answers(on=True)
    stage.until(stage.load_seconds)
    for driver in stage.drivers:
        driver.quiet()
    stage.until(stage.load_seconds + LAST_SECONDS / 2)
    for web in stage.cluster.webs:
        web.redis.lose_answers(on=False)
    stage.mended()
    stage.hush()
    stage.write({})
    stage.settle()
    refused_soon(stage, stage.judge())


def start_postgres(stage: Stage) -> None:
    """Back on the same port. What a killed server left behind may need a moment to end."""
    deadline = time.monotonic() + 30
    while True:
        with suppress(StartError):
            stage.servers.postgres.start()
            return
        if time.monotonic() > deadline:
            raise TimeoutError("PostgreSQL does not come back")


def refused_soon(stage: Stage, record: Record) -> None:
    """Every text that was sent got an answer in time, unless its connection ended."""
    waiting: dict[str, float] = {}
    longest, refusals = 0.0, 0
    for event in record.events:
        match event.what, event.rest:
            case "sent", (client_id, *_):
                waiting[f"{event.client} {client_id}"] = event.at
            case ("ack", (client_id, *_)) | ("error", (_, client_id, *_)):
                sent = waiting.pop(f"{event.client} {client_id}", None)
                refusals += event.what == "error"
                longest = max(longest, event.at - sent if sent else 0.0)
            case "close", _:
                waiting = {key: at for key, at in waiting.items() if not key.startswith(f"{event.client} ")}
    stage.verdict.add("refusals", refusals)
    stage.verdict.add("longest answer s", longest, REFUSAL_SECONDS * stage.plan.patience)
    stage.verdict.add("never answered", len(waiting), 0)
