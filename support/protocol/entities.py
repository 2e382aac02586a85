"""What frames carry: entries of a room, a room as somebody sees it, a line of the inbox."""

from typing import Any

from support.protocol.fields import AgentState, EntryKind, Frame, Milliseconds, RoomName, RoomStatus, Seq


class Person(Frame):
    """Somebody as others see them. `ref` is stable, such as `agent:7`; `name` is never empty."""

    ref: str
    name: str


class Entry(Frame):
    """One entry of a room's log. `seq` is gapless within what its reader may see; bodies are raw text, never markup."""

    seq: Seq
    kind: EntryKind
    author: Person
    body: str
    data: dict[str, Any]
    client_id: str
    at: Milliseconds


class Receipt(Frame):
    """How far the other side has got, as the reader counts: up to here an entry has arrived, up to here it was seen.

    For a customer the other side is the agents, whoever of them was furthest; for staff it is the customer.
    """

    delivered: Seq
    seen: Seq


class Mark(Frame):
    """The reader's own mark: everything up to `seq` was on screen; `texts` counts the other side's texts up to it."""

    seq: Seq
    texts: Seq


class RoomSnapshot(Frame):
    """A room as its reader may see it, up to `head`; `entries` are its last page, oldest first, without gaps."""

    room: RoomName
    head: Seq
    status: RoomStatus
    owner: Person | None
    entries: list[Entry]
    # The reader's own mark: everything up to here was on screen.
    seen: Seq
    receipt: Receipt
    # For staff: when the customer was last here, as far as is known; null for customers.
    last_seen: Milliseconds | None
    # Who is there besides the reader; customers are told of agents only.
    present: list[Person]


class LastLine(Frame):
    author: Person
    text: str
    at: Milliseconds


class RoomSummary(Frame):
    """A line of the inbox. Unread is `customer_texts` less the reader's own mark; newer `head`s replace older ones."""

    room: RoomName
    site: str
    customer: Person
    status: RoomStatus
    owner: Person | None
    last: LastLine | None
    waiting_since: Milliseconds | None
    customer_texts: Seq
    head: Seq
    created_at: Milliseconds


class SiteCard(Frame):
    """What a client may know of a site."""

    key: str
    name: str
    greeting: str
    color: str


class Colleague(Frame):
    """An agent as other agents see them."""

    ref: str
    name: str
    state: AgentState


class Counts(Frame):
    """How many rooms each view of the inbox holds, for this agent."""

    mine: int
    unassigned: int
    all: int
    resolved: int
