"""The log: seq, public_seq and digests are taken inside the INSERT, by every writer."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from asgiref.sync import async_to_sync
from django.db import DatabaseError, IntegrityError, close_old_connections, connection, transaction

from accounts.actor import Actor
from accounts.tokens import CustomerToken
from support import actions
from support.actions.log import sqlstate_of
from support.models import Message, Room, RoomHead
from support.models.message_triggers import NO_HEAD, RESOLVED
from support.wire import RoomRef


@pytest.fixture
def room(carol: CustomerToken) -> RoomRef:
    ref, _ = async_to_sync(actions.open_room)(carol.actor, str(uuid4()), "Hello", str(uuid4()))
    return ref


def write(room: RoomRef, author: str = "customer:x", kind: str = "text", **fields: object) -> Message:
    values = {"client_id": uuid4(), "body": "Words", "internal": kind == "note", **fields}
    return Message.objects.create(room_id=room.id, author=author, kind=kind, **values)


def test_seq_is_returned_by_the_insert_and_has_no_gaps(room: RoomRef) -> None:
    """Each INSERT answers with the next seq, and the head follows."""
    assert [write(room).seq for _ in range(3)] == [2, 3, 4]
    assert RoomHead.objects.get(pk=room.id).seq == 4


def test_notes_take_no_public_seq(room: RoomRef) -> None:
    """A customer's numbering does not betray that notes exist."""
    written = [write(room, "agent:1", kind) for kind in ("text", "note", "text")]
    assert [(entry.seq, entry.public_seq) for entry in written] == [(2, 2), (3, None), (4, 3)]


def test_a_note_cannot_be_public(room: RoomRef) -> None:
    """The table itself refuses a note that customers would see."""
    with pytest.raises(IntegrityError):
        write(room, "agent:1", "note", internal=False)


def test_the_same_client_id_is_stored_once_and_leaves_no_gap(room: RoomRef) -> None:
    """A resend fails on the unique constraint and takes its seq back."""
    client_id = uuid4()
    write(room, client_id=client_id)
    with pytest.raises(IntegrityError):
        write(room, client_id=client_id)
    assert write(room).seq == 3


def test_two_authors_may_use_the_same_client_id(room: RoomRef) -> None:
    """One person's ids never block another's."""
    client_id = uuid4()
    assert [write(room, author, client_id=client_id).seq for author in ("agent:1", "agent:2")] == [2, 3]


def test_concurrent_writers_get_every_seq_once_in_the_order_of_commit(room: RoomRef) -> None:
    """Eight writers at once: seq is 1..n, and created_at rises with it."""

    def burst(_: int) -> None:
        for _ in range(15):
            write(room)
        close_old_connections()
        connection.close()

    with ThreadPoolExecutor(8) as writers:
        list(writers.map(burst, range(8)))
    entries = list(Message.objects.filter(room_id=room.id).order_by("seq"))
    assert [entry.seq for entry in entries] == list(range(1, 122))
    moments = [entry.created_at for entry in entries]
    assert moments == sorted(set(moments))


def test_a_rolled_back_transaction_leaves_no_gap(room: RoomRef) -> None:
    """The counter is part of the transaction that uses it."""
    with pytest.raises(RuntimeError), transaction.atomic():
        write(room)
        raise RuntimeError
    assert write(room).seq == 2


def test_bulk_create_takes_seqs_in_order(room: RoomRef) -> None:
    """A batch is numbered in the order it is written."""
    batch = [Message(room_id=room.id, author="agent:1", client_id=uuid4(), body=str(n)) for n in range(5)]
    assert [entry.seq for entry in Message.objects.bulk_create(batch)] == [2, 3, 4, 5, 6]


def test_entries_cannot_be_changed_or_deleted(room: RoomRef) -> None:
    """The log is append-only for everybody who speaks SQL through us."""
    with pytest.raises(DatabaseError, match=r"log are not changed|annot delete"):
        Message.objects.filter(room_id=room.id).update(body="Other words")
    with pytest.raises(DatabaseError, match=r"log are not changed|annot delete"):
        Message.objects.filter(room_id=room.id).delete()


def test_each_digest_differs_and_the_head_has_the_last(room: RoomRef) -> None:
    """The chain moves with every entry."""
    write(room)
    digests = [bytes(entry.digest or b"") for entry in Message.objects.filter(room_id=room.id).order_by("seq")]
    assert len(set(digests)) == 2
    assert all(len(digest) == 32 for digest in digests)
    assert bytes(RoomHead.objects.get(pk=room.id).digest) == digests[-1]


def test_a_text_to_a_resolved_room_needs_a_decision(room: RoomRef) -> None:
    """The trigger names the error, and the room stays as it was."""
    Room.objects.filter(pk=room.id).update(status="resolved")
    with pytest.raises(DatabaseError) as caught:
        write(room)
    assert sqlstate_of(caught.value) == RESOLVED
    assert write(room, "agent:1", "note").seq == 2


def test_a_room_without_a_head_takes_no_entries(room: RoomRef) -> None:
    """Nothing is written where nothing could number it."""
    RoomHead.objects.filter(pk=room.id).delete()
    with pytest.raises(DatabaseError) as caught:
        write(room)
    assert sqlstate_of(caught.value) == NO_HEAD


def test_waiting_begins_with_the_first_unanswered_text(room: RoomRef) -> None:
    """The oldest unanswered text counts, and an answer ends the waiting."""

    def waiting() -> object:
        return Room.objects.get(pk=room.id).waiting_since

    first = Message.objects.get(room_id=room.id, seq=1)
    write(room)
    assert waiting() == first.created_at
    write(room, "agent:1", "note")
    assert waiting() == first.created_at
    write(room, "agent:1")
    assert waiting() is None
    again = write(room)
    assert waiting() == again.created_at


def test_head_updates_are_hot(room: RoomRef) -> None:
    """Moving a head touches no index, so that busy rooms leave nothing to vacuum."""
    for _ in range(50):
        write(room, "agent:1")
    with connection.cursor() as cursor:
        # Statistics are sent at most once a second; this asks for them now.
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'support_roomhead'")
        updated, hot = cursor.fetchone()
    assert updated >= 50
    assert hot >= updated * 0.95


def test_a_resend_gets_the_stored_entry(room: RoomRef, carol: CustomerToken) -> None:
    """The same client_id with the same words answers with the first ack's seq."""
    client_id = str(uuid4())
    post = async_to_sync(actions.post)
    [first], [again] = (post(carol.actor, room, "Where is my order?", client_id) for _ in range(2))
    assert (first.pk, first.seq) == (again.pk, again.seq)
    assert Message.objects.filter(client_id=UUID(client_id)).count() == 1


def test_agents_and_customers_count_apart(
    room: RoomRef, carol: CustomerToken, alice_actor: Actor, new_id: Callable[[], str]
) -> None:
    """Unread is a subtraction of the other side's counter."""
    post = async_to_sync(actions.post)
    post(alice_actor, room, "Hi", new_id())
    post(alice_actor, room, "A note", new_id(), Message.Kind.NOTE)
    post(carol.actor, room, "Thanks", new_id())
    head = RoomHead.objects.get(pk=room.id)
    assert (head.customer_texts, head.staff_texts) == (2, 1)
