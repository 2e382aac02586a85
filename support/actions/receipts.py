"""Moving a reader's mark forward."""

from typing import NamedTuple

from django.db import connection, transaction

from accounts.actor import Actor
from support.models import Message, RoomHead
from support.wire import RoomRef


class Mark(NamedTuple):
    """`seq` as the reader counts; `texts` counts the other side's texts up to it."""

    seq: int
    texts: int


_MOVE = """
    INSERT INTO support_receipt (room_id, reader, seen, texts) VALUES (%s, %s, %s, %s)
    ON CONFLICT (room_id, reader) DO UPDATE SET seen = EXCLUDED.seen, texts = EXCLUDED.texts
    WHERE support_receipt.seen < EXCLUDED.seen
"""


@transaction.atomic
def mark_seen(actor: Actor, room: RoomRef, seq: int) -> Mark | None:
    """Everything up to `seq`, as this actor counts, was seen. Returns the mark, or None when it did not move."""
    head = RoomHead.objects.get(pk=room.id)
    seq = min(seq, head.public_seq if actor.is_customer else head.seq)
    real = seq
    if actor.is_customer:
        shown = Message.objects.filter(room_id=room.id, public_seq=seq)
        real = shown.values_list("seq", flat=True).first() or 0
    later = Message.objects.filter(room_id=room.id, seq__gt=real, seq__lte=head.seq, kind=Message.Kind.TEXT)
    if actor.is_customer:
        texts = head.staff_texts - later.exclude(author__startswith="customer:").count()
    else:
        texts = head.customer_texts - later.filter(author__startswith="customer:").count()
    with connection.cursor() as cursor:
        # Two tabs race here: the comparison and the write are one statement.
        cursor.execute(_MOVE, [room.id, actor.ref, real, texts])
        moved = cursor.rowcount == 1
    return Mark(seq, texts) if moved else None
