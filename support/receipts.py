"""Receipts of one process: what clients report is gathered, stored together, and told to the other side."""

import asyncio
import logging

from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError

from accounts.actor import Actor
from support import broadcast, queries
from support.actions import Asked, Moved, move
from support.per_loop import PerLoop
from support.protocol.entities import Receipt
from support.threads import database_threads
from support.wire import Audience, RoomRef

logger = logging.getLogger(__name__)

COALESCE_SECONDS = 0.2
RETRY_SECONDS = 1.0
FINISH_SECONDS = 1.0


class Receipts:
    """Stores every reported mark within a fraction of a second, all of the process in one statement.

    Marks only move forward, so what waits for a database that does not answer is one number per reader and room.
    """

    def __init__(self) -> None:
        self._asked: dict[tuple[int, str], tuple[RoomRef, Actor, Asked]] = {}
        self._task: asyncio.Task[None] | None = None

    def touch(self, actor: Actor, room: RoomRef, *, delivered: int = 0, seen: int = 0) -> None:
        """Everything up to these numbers, as the actor counts, has arrived or was seen. The caller has checked that
        the room is theirs.
        """
        self._add(actor, room, Asked(delivered, seen))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="receipts")

    async def finish(self) -> None:
        """Wait for what is under way, for a second at most."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=FINISH_SECONDS)

    def _add(self, actor: Actor, room: RoomRef, asked: Asked) -> None:
        key = (room.id, actor.ref)
        before = self._asked[key][2] if key in self._asked else Asked()
        self._asked[key] = room, actor, Asked(*map(max, before, asked))

    async def _run(self) -> None:
        async with database_threads():
            while self._asked:
                await asyncio.sleep(COALESCE_SECONDS)
                asked, self._asked = self._asked, {}
                try:
                    moved = await sync_to_async(move)((room.id, actor, marks) for room, actor, marks in asked.values())
                    marks = await sync_to_async(queries.marks)(mark.room_id for mark in moved)
                except (DatabaseError, InterfaceError) as error:
                    logger.warning("%d receipts wait: %s", len(asked), type(error).__name__)
                    for room, actor, reported in asked.values():
                        self._add(actor, room, reported)
                    await asyncio.sleep(RETRY_SECONDS)
                    continue
                for mark in moved:
                    room, actor, reported = asked[mark.room_id, mark.reader]
                    _tell(actor, room, mark, marks[mark.room_id], own=reported.seen > 0)


def _tell(actor: Actor, room: RoomRef, mark: Moved, marks: queries.RoomMarks, *, own: bool) -> None:
    if own:
        broadcast.seen(actor, room, mark.public_seen if actor.is_customer else mark.seen, mark.texts)
    if actor.is_customer:
        broadcast.receipt(room, Audience.STAFF, Receipt(delivered=mark.delivered, seen=mark.seen))
    elif actor.kind == "agent":
        broadcast.receipt(room, Audience.PUBLIC, marks.of_others[Audience.PUBLIC])


receipts = PerLoop(Receipts)
