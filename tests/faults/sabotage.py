"""Sabotage: a copy of the sources with one mechanism taken out, to see that its rows turn red."""

import shutil
from pathlib import Path
from typing import NamedTuple

import psycopg

from config.run.options import ROOT

SOURCES = ("accounts", "config", "presence", "support", "manage.py")
# What the clients are built from.
CLIENTS = (
    "faults",
    "inbox",
    "scripts",
    "shared",
    "static",
    "widget",
    "package.json",
    "tsconfig.json",
    "vite.config.mjs",
)

EARLY = """

async def _stored_later(actor: Actor, room: RoomRef, body: str, client_id: str, kind: Message.Kind) -> Message:
    import asyncio
    from django.utils import timezone

    values = dict(room_id=room.id, client_id=UUID(client_id), kind=kind, internal=kind == Message.Kind.NOTE,
                  author=actor.ref, author_name=actor.name, body=body)
    head = await RoomHead.objects.aget(pk=room.id)

    async def later() -> None:
        await asyncio.sleep(0.05)
        await Message.objects.acreate(**values)

    asyncio.create_task(later())
    public = None if values["internal"] else head.public_seq + 1
    return Message(**values, seq=head.seq + 1, public_seq=public, created_at=timezone.now())
"""


class Sabotage(NamedTuple):
    """What is changed: a text of a file by another, what is added to it, or a statement for the database."""

    rows: tuple[int, ...]
    file: str = ""
    text: str = ""
    instead: str = ""
    added: str = ""
    statement: str = ""


SABOTAGES = {
    "no-dedupe": Sabotage((9, 5), statement="ALTER TABLE support_message DROP CONSTRAINT one_entry_per_client_id"),
    "early-ack": Sabotage(
        (1, 5),
        "support/actions/messages.py",
        "    try:\n        entry = await Message.objects.acreate(",
        "    return [await _stored_later(actor, room, body, client_id, kind)]\n"
        "    try:\n        entry = await Message.objects.acreate(",
        EARLY,
    ),
    "no-heads": Sabotage((6,), "support/consumers/connection.py", "heads=_not_in(self.level, heads),", "heads={},"),
    "no-sweep": Sabotage(
        (1,),
        "presence/leases.py",
        "        outcome = await self._roster.sweep()\n",
        "        self._next_sweep = monotonic() + self._pace.sweep\n        return\n"
        "        outcome = await self._roster.sweep()\n",
    ),
    "no-resubscribe": Sabotage(
        (2,), "support/subscriptions.py", "            self._changed |= self._wanted\n", "            pass\n"
    ),
    # The clients' own.
    "no-resend": Sabotage(
        (5,),
        "frontend/shared/outbox.ts",
        "    this.#underWay = client_id;\n",
        "    this.#queue.settle(client_id);\n    this.#next();\n    return;\n",
    ),
    "no-sync": Sabotage(
        (6, 10),
        "frontend/shared/timeline.ts",
        "return timeline.loaded && timeline.known > timeline.head ? timeline.head : null;",
        "return null;",
    ),
    "own-only": Sabotage(
        (1,),
        "frontend/shared/turns.ts",
        "    this.#stalled.add(first.tab);\n    return 0;\n",
        "    return 60_000;\n",
    ),
}


def copy(name: str, folder: Path) -> Path:
    """The sources as servers need them, without that mechanism."""
    for source in (*SOURCES, *(f"frontend/{each}" for each in CLIENTS)):
        target = folder / source
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, target)
    (folder / "frontend" / "node_modules").symlink_to((ROOT / "frontend" / "node_modules").resolve())
    _, file, text, instead, added, _ = SABOTAGES[name]
    if file:
        code = (folder / file).read_text()
        # A sabotage that hits nothing would praise the checks for nothing.
        assert code.count(text) == 1, f"{file} has {code.count(text)} times {text!r}"
        (folder / file).write_text(code.replace(text, instead) + added)
    return folder


def damage(name: str, database_url: str) -> None:
    if statement := SABOTAGES[name].statement:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(statement)
