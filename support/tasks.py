"""What beat does for support."""

import asyncio

from celery import shared_task
from django.conf import settings

from presence.connection import connect
from presence.journal import Journal
from support.actions import keep_presence


@shared_task  # type: ignore[untyped-decorator]  # celery has no types
def store_presence() -> int:
    """Joins and leaves of the journal are in PostgreSQL; returns how many were added.

    Whatever interrupts it, the next run goes on where the last page was committed, and no change is stored twice.
    """
    kept = 0
    with asyncio.Runner() as runner:
        redis = connect(settings.REDIS_URL)
        try:
            journal = Journal(redis)
            position = runner.run(journal.kept())
            while changes := runner.run(journal.read(position)):
                kept += keep_presence(changes)
                position = changes[-1].id
                runner.run(journal.keep(position))
        finally:
            runner.run(redis.aclose())
    return kept
