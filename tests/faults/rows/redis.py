"""Rows 2, 3 and 4: Redis is gone, empty, or hangs."""

import os
import shutil
import signal

import redis

from tests.faults.cluster import pid_of
from tests.faults.record import Record
from tests.faults.row import row
from tests.faults.stage import Stage
from tests.faults.verdict import percentile

ACK_SECONDS = 0.5


@row(
    2,
    "Redis killed for 15 s",
    tells=(
        "acks without Redis",
        "ack p99 without Redis s",
    ),
)
def killed(stage: Stage) -> None:
    stage.assemble()
    # Long enough to see that everything is live again, and not only made up for by heartbeats.
    stage.begin(seconds=stage.plan.fault_at + 15 + 15)
    stage.until_fault()
    stage.servers.valkey.kill()
    stage.broken()
    stage.until_heal(15)
    stage.servers.valkey.start()
    stage.mended()
    stage.settle()
    went_on(stage, stage.judge())


@row(3, "Redis loses its data")
def emptied(stage: Stage) -> None:
    """Once under the servers' eyes, once by coming back empty."""
    stage.assemble()
    stage.begin()
    stage.until_fault()
    with redis.Redis.from_url(stage.servers.redis_url) as client:
        client.flushall()
    stage.broken()
    stage.until_heal()
    valkey = stage.servers.valkey
    valkey.kill()
    shutil.rmtree(valkey.data / "appendonlydir", ignore_errors=True)
    valkey.start()
    stage.mended()
    stage.settle()
    stage.judge()


@row(
    4,
    "Redis hangs for 30 s",
    tells=(
        "acks without Redis",
        "ack p99 without Redis s",
        "longest ack s",
    ),
)
def hangs(stage: Stage) -> None:
    """Stopped, not ended: connections stand and nobody answers on them."""
    stage.assemble()
    held = 15 if stage.plan.patience > 1 else 30
    stage.begin(seconds=stage.plan.fault_at + held + 15)
    stage.until_fault()
    pid = pid_of(stage.servers.valkey)
    os.kill(pid, signal.SIGSTOP)
    try:
        stage.broken()
        stage.until_heal(held)
    finally:
        os.kill(pid, signal.SIGCONT)
    stage.mended()
    stage.settle()
    went_on(stage, stage.judge(), longest=1.0)


def went_on(stage: Stage, record: Record, longest: float = 0.0) -> None:
    """Texts were acknowledged while Redis was away, and nobody was sent away more than once."""
    answered = [
        answers[0][0] - record.sent[client_id][0]
        for client_id, answers in record.acks.items()
        if client_id in record.sent and stage.fault <= record.sent[client_id][0] < stage.healed
    ]
    stage.verdict.add("acks without Redis", len(answered))
    stage.verdict.add("no acks without Redis", not answered, 0)
    stage.verdict.add("ack p99 without Redis s", percentile(answered, 0.99), ACK_SECONDS * stage.plan.patience)
    if longest:
        stage.verdict.add("longest ack s", max(answered, default=0), longest * stage.plan.patience)
    most = max((len(times) for times in record.reconnects.values()), default=0)
    stage.verdict.add("reconnects of one client", most, 1)
