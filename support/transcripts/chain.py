"""The digest chain of a room, computed apart from the database that wrote it.

`support/models/message_triggers.py` takes the same digest inside the INSERT; a test keeps the two equal.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final, TypedDict
from uuid import UUID

from django.db.models import F, Q, TextField
from django.db.models.functions import Cast

from support.models import Message, RoomHead

# Rows held at a time: some hundred kilobytes at most.
BATCH: Final = 200

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Link(TypedDict):
    """One entry's part of the chain, as the database stores it; `words` is the payload as PostgreSQL writes it."""

    room_id: int
    seq: int
    public_seq: int | None
    internal: bool
    kind: str
    author: str
    author_name: str
    client_id: UUID
    created_at: datetime
    body: str
    words: str
    salt: bytes | None
    body_hash: bytes | None
    digest: bytes | None


def verify(room_id: int) -> int | None:
    """The first seq at which the chain breaks; None when every entry is there and as it was written.

    Entries that arrive meanwhile do no harm. Memory stays bounded, however long the room.
    """
    head = RoomHead.objects.filter(pk=room_id).values("seq", "digest").first() or {"seq": 0, "digest": b""}
    digest, expected = b"", count(1)
    for link in _links(room_id, head["seq"]):
        seq = next(expected)
        if link["seq"] != seq or not _holds(link, digest):
            return seq
        digest = bytes(link["digest"] or b"")
    missing = next(expected)
    if missing <= head["seq"]:
        return missing
    if digest != bytes(head["digest"]):
        return max(1, missing - 1)
    return _beyond_head(room_id)


def body_hash(salt: bytes, body: str, words: str) -> bytes:
    """Salted, so that erased words cannot be guessed from what stays."""
    return hashlib.sha256(salt + _sized(body) + _sized(words)).digest()


def digest_after(previous: bytes, link: Link) -> bytes:
    """The digest of this entry when `previous` is the digest of the one before it."""
    public_seq = -1 if link["public_seq"] is None else link["public_seq"]
    return hashlib.sha256(
        previous
        + _integer(link["room_id"])
        + _integer(link["seq"])
        + _integer(public_seq)
        + _sized(link["kind"])
        + _sized(link["author"])
        + _sized(link["author_name"])
        + link["client_id"].bytes
        + _integer((link["created_at"] - _EPOCH) // timedelta(microseconds=1))
        + bytes(link["body_hash"] or b"")
    ).digest()


def _holds(link: Link, previous: bytes) -> bool:
    # `internal` is outside the digest, but public_seq follows from it and is inside.
    if link["internal"] != (link["public_seq"] is None) or link["salt"] is None:
        return False
    if body_hash(bytes(link["salt"]), link["body"], link["words"]) != bytes(link["body_hash"] or b""):
        return False
    return digest_after(previous, link) == bytes(link["digest"] or b"")


def _links(room_id: int, last: int) -> Iterator[Link]:
    """The entries up to `last`, by batches: a cursor would hold a transaction open, and poolers lose it."""
    rows = Message.objects.filter(room_id=room_id, seq__lte=last).order_by("seq")
    rows = rows.annotate(words=Cast("payload", TextField()))
    after: int | None = None
    while True:
        page = rows if after is None else rows.filter(seq__gt=after)
        batch = list(page.values(*Link.__annotations__)[:BATCH])
        yield from batch
        if len(batch) < BATCH:
            return
        after = batch[-1]["seq"]


def _beyond_head(room_id: int) -> int | None:
    """An entry after the head, or without one, compared in one statement: each INSERT moves both."""
    beyond = Q(seq__gt=F("room__head__seq")) | Q(room__head=None)
    return Message.objects.filter(beyond, room_id=room_id).order_by("seq").values_list("seq", flat=True).first()


def _integer(number: int) -> bytes:
    return number.to_bytes(8, "big", signed=True)


def _sized(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(4, "big") + data
