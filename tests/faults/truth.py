"""Truth: the rooms' logs as PostgreSQL has them."""

from dataclasses import dataclass

import psycopg


@dataclass(frozen=True, slots=True)
class Stored:
    """One row of the log. `number` names the room as agents do, `key` as its customer does."""

    number: str
    key: str
    seq: int
    public_seq: int | None
    author: str
    client_id: str
    kind: str
    body: str

    @property
    def said(self) -> str:
        """Which tab wrote it and as its how manieth: `c3.1#17`. Empty for what no tab wrote."""
        first = self.body.split(maxsplit=1)[0] if self.body else ""
        return first if "#" in first else ""

    def seq_for(self, kind: str) -> int | None:
        return self.seq if kind == "agent" else self.public_seq


def read(url: str, rooms: list[str]) -> dict[str, list[Stored]]:
    """The rooms' entries by room number, in the order of seq, and everything else those rooms' customers have."""
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        rows = connection.execute(
            "SELECT r.id::text, r.key::text, m.seq, m.public_seq, m.author, m.client_id::text, m.kind, m.body"
            " FROM support_message m JOIN support_room r ON r.id = m.room_id"
            " WHERE r.customer_id IN (SELECT customer_id FROM support_room WHERE id = ANY(%s)) ORDER BY r.id, m.seq",
            [[int(room) for room in rooms]],
        ).fetchall()
    logs: dict[str, list[Stored]] = {room: [] for room in rooms}
    for row in rows:
        stored = Stored(*row)
        logs.setdefault(stored.number, []).append(stored)
    return logs


def rooms_of_sites(url: str) -> dict[int, set[str]]:
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        rows = connection.execute("SELECT site_id, array_agg(id::text) FROM support_room GROUP BY site_id").fetchall()
    return {site: set(numbers) for site, numbers in rows}


def customers_of_sites(url: str) -> dict[int, set[str]]:
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        rows = connection.execute("SELECT site_id, id::text FROM support_customer").fetchall()
    found: dict[int, set[str]] = {}
    for site, customer in rows:
        found.setdefault(site, set()).add(f"customer:{customer}")
    return found


def heads(url: str, rooms: list[str]) -> dict[str, tuple[int, int]]:
    """By room number, the newest seq as agents count and as the customer does."""
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        rows = connection.execute(
            "SELECT room_id::text, seq, public_seq FROM support_roomhead WHERE room_id = ANY(%s)",
            [[int(room) for room in rooms]],
        ).fetchall()
    return {number: (seq, public_seq) for number, seq, public_seq in rows}
