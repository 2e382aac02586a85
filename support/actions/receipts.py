"""Moving readers' marks forward."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection

from accounts.actor import Actor


class Asked(NamedTuple):
    """What a reader's clients reported of a room, as that reader counts; 0 for nothing."""

    delivered: int = 0
    seen: int = 0


class Moved(NamedTuple):
    """A reader's marks of a room after they moved; `public_…` as the customer counts, the others as staff do."""

    room_id: int
    reader: str
    delivered: int
    seen: int
    public_delivered: int
    public_seen: int
    texts: int


# Clients report numbers, so each is bounded by the head and found in the log: nobody has seen what is not there.
# In order of the key: two processes that move the same receipts would deadlock otherwise.
_MOVE = """
    WITH marks AS (
        SELECT asked.room_id, reader, by_customer, head.seq AS head, customer_texts, staff_texts,
            (SELECT coalesce(max(seq), 0) FROM support_message m WHERE m.room_id = asked.room_id
                AND by_customer AND public_seq = least(delivered, head.public_seq))
            + CASE WHEN by_customer THEN 0 ELSE least(delivered, head.seq) END AS delivered,
            (SELECT coalesce(max(seq), 0) FROM support_message m WHERE m.room_id = asked.room_id
                AND by_customer AND public_seq = least(seen, head.public_seq))
            + CASE WHEN by_customer THEN 0 ELSE least(seen, head.seq) END AS seen
        FROM unnest(%s::bigint[], %s::text[], %s::boolean[], %s::bigint[], %s::bigint[])
            AS asked (room_id, reader, by_customer, delivered, seen) JOIN support_roomhead head USING (room_id)
    )
    INSERT INTO support_receipt AS r (room_id, reader, delivered, seen, public_delivered, public_seen, texts)
    SELECT room_id, reader, greatest(delivered, seen), seen,
        coalesce((SELECT public_seq FROM support_message m WHERE m.room_id = marks.room_id
            AND seq <= greatest(marks.delivered, marks.seen) AND public_seq IS NOT NULL ORDER BY seq DESC LIMIT 1), 0),
        coalesce((SELECT public_seq FROM support_message m WHERE m.room_id = marks.room_id
            AND seq <= marks.seen AND public_seq IS NOT NULL ORDER BY seq DESC LIMIT 1), 0),
        CASE WHEN seen = 0 THEN 0 ELSE CASE WHEN by_customer THEN staff_texts ELSE customer_texts END
            - (SELECT count(*) FROM support_message m WHERE m.room_id = marks.room_id AND seq > marks.seen
                AND seq <= head AND kind = 'text' AND (author LIKE 'customer:%%') <> by_customer) END
    FROM marks WHERE delivered > 0 OR seen > 0 ORDER BY room_id, reader
    ON CONFLICT (room_id, reader) DO UPDATE SET
        delivered = greatest(r.delivered, EXCLUDED.delivered),
        seen = greatest(r.seen, EXCLUDED.seen),
        public_delivered = greatest(r.public_delivered, EXCLUDED.public_delivered),
        public_seen = greatest(r.public_seen, EXCLUDED.public_seen),
        texts = CASE WHEN EXCLUDED.seen > r.seen THEN EXCLUDED.texts ELSE r.texts END
    WHERE EXCLUDED.delivered > r.delivered OR EXCLUDED.seen > r.seen
        -- A server of the version before moves only what it knows of.
        OR EXCLUDED.public_delivered > r.public_delivered OR EXCLUDED.public_seen > r.public_seen
    RETURNING room_id, reader, delivered, seen, public_delivered, public_seen, texts
"""


def move(asked: Iterable[tuple[int, Actor, Asked]]) -> list[Moved]:
    """Move these readers' marks forward, all in one statement; returns those that moved.

    What a client claims beyond the end of a room counts as its end. What was seen has arrived, too.
    """
    rows = list(asked)
    with connection.cursor() as cursor:
        cursor.execute(
            _MOVE,
            [
                [room_id for room_id, _, _ in rows],
                [actor.ref for _, actor, _ in rows],
                [actor.is_customer for _, actor, _ in rows],
                [marks.delivered for _, _, marks in rows],
                [marks.seen for _, _, marks in rows],
            ],
        )
        return [Moved(*row) for row in cursor.fetchall()]
