"""The digest chain: Python computes what the trigger computed, and every change behind the log's back is named."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.db import connection

from accounts.actor import Actor
from accounts.tokens import CustomerToken
from support import actions
from support.models import Message, RoomHead
from support.transcripts import chain
from support.wire import RoomRef

BODIES = ["Hello", "مرحبا بالعالم", "👩🏽‍🚀 one emoji, e\u0301 and é", "", "a\n\tb", "\\u0000 \" '; --", "𝒳" * 4000]


@pytest.fixture
def room(carol: CustomerToken) -> RoomRef:
    ref, _ = async_to_sync(actions.open_room)(carol.actor, str(uuid4()), BODIES[0], str(uuid4()))
    return ref


@pytest.fixture
def talk(room: RoomRef, carol: CustomerToken, alice_actor: Actor) -> RoomRef:
    """Five entries: Hello, a claim, an answer, a note, a status."""
    actions.claim(alice_actor, room.id, str(uuid4()))
    async_to_sync(actions.post)(alice_actor, room, "Good morning", str(uuid4()))
    async_to_sync(actions.post)(alice_actor, room, "Third time this week", str(uuid4()), Message.Kind.NOTE)
    actions.resolve(alice_actor, room.id, str(uuid4()))
    return room


@contextmanager
def without_triggers() -> Iterator[None]:
    """What somebody with SQL alone can do."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE support_message DISABLE TRIGGER USER")
        try:
            yield
        finally:
            cursor.execute("ALTER TABLE support_message ENABLE TRIGGER USER")


def entry(room: RoomRef, **fields: object) -> Message:
    plain = {"room_id": room.id, "client_id": uuid4(), "author": "agent:1", "author_name": "Alice"}
    return Message.objects.create(**(plain | fields))


def test_an_intact_chain_holds(talk: RoomRef) -> None:
    """Texts, notes, claims and status changes verify."""
    assert RoomHead.objects.get(pk=talk.id).seq == 5
    assert chain.verify(talk.id) is None


def test_what_people_write_in_any_script_verifies(room: RoomRef) -> None:
    """Arabic, emoji, combining letters, an empty body, quotes and the longest text hash as PostgreSQL hashed them."""
    for body in BODIES:
        entry(room, body=body, author_name="ليلى 🌙")
    assert chain.verify(room.id) is None


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"status": "open"},
        {"b": 1, "a": {"deep": [1, 2.5, 1e30, 0.1, None, True, 'é\n"\\']}, "aa": []},
        {"owner": {"ref": "agent:7", "name": "علي"}, "": "empty key"},
        [],
    ],
)
def test_payloads_are_hashed_as_postgresql_writes_them(room: RoomRef, payload: object) -> None:
    """Whatever the order of keys and the way numbers are written."""
    entry(room, kind="status", payload=payload)
    assert chain.verify(room.id) is None


def test_a_room_without_entries_holds(room: RoomRef) -> None:
    """Nothing was written, nothing is missing; the same goes for a room that does not exist."""
    assert chain.verify(room.id + 1000) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("body", "I never said that"),
        ("author", "agent:999"),
        ("author_name", "Mallory"),
        ("kind", "text"),
        ("payload", {"forged": True}),
        ("created_at", "2020-01-01T00:00:00Z"),
        ("client_id", "0f8fad5b-d9cb-469f-a165-70867728950e"),
        ("internal", True),
        ("public_seq", 99),
        ("salt", b"0123456789abcdef"),
        ("salt", None),
        ("body_hash", b"x" * 32),
        ("digest", None),
    ],
)
def test_a_changed_entry_is_named(talk: RoomRef, field: str, value: object) -> None:
    """Any column that says something: the first broken seq is that entry's."""
    with without_triggers():
        Message.objects.filter(room_id=talk.id, seq=2).update(**{field: value})
    assert chain.verify(talk.id) == 2


def test_one_microsecond_is_a_change(talk: RoomRef) -> None:
    """Times are compared as exactly as they are stored."""
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE support_message SET created_at = created_at + interval '1 us' WHERE room_id = %s AND seq = 3",
            [talk.id],
        )
    assert chain.verify(talk.id) == 3


@pytest.mark.parametrize("seq", [1, 3, 5])
def test_a_deleted_entry_is_named(talk: RoomRef, seq: int) -> None:
    """Also the first and the last."""
    with without_triggers():
        Message.objects.filter(room_id=talk.id, seq=seq).delete()
    assert chain.verify(talk.id) == seq


def test_every_entry_deleted_is_named(talk: RoomRef) -> None:
    """The head remembers that there were some."""
    with without_triggers():
        Message.objects.filter(room_id=talk.id).delete()
    assert chain.verify(talk.id) == 1


def test_a_head_that_was_turned_back_is_noticed(talk: RoomRef) -> None:
    """Its number and its digest must be those of the last entry."""
    head = RoomHead.objects.filter(pk=talk.id)
    fourth = Message.objects.get(room_id=talk.id, seq=4)
    head.update(seq=4, digest=fourth.digest)
    assert chain.verify(talk.id) == 5
    head.update(seq=5)
    assert chain.verify(talk.id) == 5
    head.delete()
    assert chain.verify(talk.id) == 1


def test_entries_swapped_with_another_rooms_are_named(talk: RoomRef, mallory: CustomerToken) -> None:
    """The digest knows its room."""
    other, _ = async_to_sync(actions.open_room)(mallory.actor, str(uuid4()), BODIES[0], str(uuid4()))
    first = Message.objects.get(room_id=other.id, seq=1)
    fields = ("author", "author_name", "client_id", "body", "salt", "body_hash", "digest", "created_at")
    with without_triggers():
        Message.objects.filter(room_id=talk.id, seq=1).update(**{name: getattr(first, name) for name in fields})
    assert chain.verify(other.id) is None
    assert chain.verify(talk.id) == 1


def test_a_long_room_is_read_by_batches(
    room: RoomRef, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Callable[..., object]
) -> None:
    """Exactly full, half full and single batches; no batch is ever larger."""
    for n in range(5):
        entry(room, body=f"{n}")
    for size, queries in ((1, 9), (2, 6), (3, 5), (4, 4), (100, 3)):
        monkeypatch.setattr(chain, "BATCH", size)
        with django_assert_num_queries(queries):  # type: ignore[attr-defined]
            assert chain.verify(room.id) is None
    with without_triggers():
        Message.objects.filter(room_id=room.id, seq=5).update(body="4")
    monkeypatch.setattr(chain, "BATCH", 2)
    assert chain.verify(room.id) == 5
