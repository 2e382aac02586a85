"""Frames that the server sends."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from support.protocol.codes import MEANINGS, ErrorCode, Refused
from support.protocol.entities import (
    Colleague,
    Counts,
    Entry,
    Mark,
    Person,
    Receipt,
    RoomSnapshot,
    RoomSummary,
    SiteCard,
)
from support.protocol.fields import AgentState, Frame, Milliseconds, RoomName, RoomView, Seq


class CustomerWelcome(Frame):
    """The answer to a customer's `hello`: who they are, whether the light is on, and their newest rooms.

    Another `epoch` than before: the database is another one, and whatever the client had of rooms counts no more.
    On a connection that already has one, a second `welcome` replaces what feeds may have lost.
    """

    type: Literal["welcome"]
    you: Person
    site: SiteCard
    online: list[Person]
    rooms: list[RoomSnapshot]
    epoch: str
    at: Milliseconds


class AgentWelcome(Frame):
    """The answer to an agent's `hello`; `epoch`, and a second one, as for customers. Lists are asked for by view.

    `you` has the agent's own choice. `customers_online` are some of them when there are very many.
    """

    type: Literal["welcome"]
    you: Colleague
    sites: list[SiteCard]
    colleagues: list[Colleague]
    customers_online: list[str]
    epoch: str
    at: Milliseconds


class Ack(Frame):
    """Committed: the entry is in PostgreSQL, at `seq`."""

    type: Literal["ack"]
    client_id: str
    room: RoomName
    seq: Seq
    at: Milliseconds


class Error(Frame):
    """Nothing was done. `client_id` repeats the frame's, if it had one."""

    type: Literal["error"]
    code: ErrorCode
    detail: str
    client_id: str | None
    retry_after: float | None
    limit: str | None

    @classmethod
    def of(cls, refused: Refused, client_id: str | None) -> "Error":
        return cls(
            type="error",
            code=refused.code,
            detail=refused.detail or MEANINGS[refused.code].says,
            client_id=client_id,
            retry_after=refused.retry_after,
            limit=refused.limit,
        )


class EntryAdded(Frame):
    """A committed entry of a room that is open here, also one's own."""

    type: Literal["entry"]
    room: RoomName
    entry: Entry


class Entries(Frame):
    """Entries after a sync's `after`, in order; `more` when another page follows without being asked for."""

    type: Literal["entries"]
    room: RoomName
    entries: list[Entry]
    head: Seq
    more: bool


class HistoryPage(Frame):
    """The entries right before the one asked for, oldest first; it begins with seq 1 when there is nothing older."""

    type: Literal["history"]
    room: RoomName
    entries: list[Entry]


class Snapshot(Frame):
    """A room from scratch: it replaces what the client had of it."""

    type: Literal["snapshot"]
    snapshot: RoomSnapshot


class TypingShown(Frame):
    """Somebody types, until `on` is false, an entry of theirs arrives or eight seconds pass."""

    type: Literal["typing"]
    room: RoomName
    who: Person
    on: bool


class RoomPresence(Frame):
    """Somebody came to or left a room that is open here."""

    type: Literal["room.presence"]
    room: RoomName
    who: Person
    present: bool


class Availability(Frame):
    """For customers: the agents who can answer right now. The lamp is lit when there is one."""

    type: Literal["availability"]
    online: list[Person]


class ColleagueChanged(Frame):
    """An agent came, left, or chose to be away."""

    type: Literal["colleague"]
    colleague: Colleague


class CustomerPresence(Frame):
    """A customer of one of the agent's sites came or left."""

    type: Literal["customer.presence"]
    ref: str
    present: bool


class SummaryChanged(Frame):
    """A line of the inbox, anew. Sent to every agent of the site, so it holds nothing that is one agent's own."""

    type: Literal["summary"]
    summary: RoomSummary


class RoomsPage(Frame):
    """One page of a view. `seen_texts` holds, by room, how many of the customer's texts this agent has seen; `present`
    the customers of these rooms who are here.
    """

    type: Literal["rooms"]
    view: RoomView
    rooms: list[RoomSummary]
    seen_texts: dict[str, Seq]
    counts: Counts
    present: list[str]
    next: str


class SeenChanged(Frame):
    """The reader's own mark moved, perhaps in another tab; `texts` counts the other side's texts up to it."""

    type: Literal["seen"]
    room: RoomName
    seq: Seq
    texts: Seq


class ReceiptMoved(Frame):
    """The other side has got further in a room that is open here: marks only move forward."""

    type: Literal["receipt"]
    room: RoomName
    delivered: Seq
    seen: Seq


class AvailabilityChanged(Frame):
    """The agent's own choice, perhaps made in another tab."""

    type: Literal["availability.self"]
    state: AgentState


class ServerHeartbeat(Frame):
    """Sent at least every five seconds, with what changed in rooms that are open here, should a hint of it be lost.

    `heads` are the newest seqs of rooms that are not level, `receipts` how far the other side has got, `marks` how far
    the reader has.
    """

    type: Literal["heartbeat"]
    at: Milliseconds
    heads: dict[str, Seq]
    receipts: dict[str, Receipt]
    marks: dict[str, Mark]


ServerToCustomer = (
    CustomerWelcome
    | Ack
    | Error
    | EntryAdded
    | Entries
    | HistoryPage
    | Snapshot
    | TypingShown
    | RoomPresence
    | Availability
    | SeenChanged
    | ReceiptMoved
    | ServerHeartbeat
)
ServerToAgent = (
    AgentWelcome
    | Ack
    | Error
    | EntryAdded
    | Entries
    | HistoryPage
    | Snapshot
    | TypingShown
    | RoomPresence
    | ColleagueChanged
    | CustomerPresence
    | SummaryChanged
    | RoomsPage
    | SeenChanged
    | ReceiptMoved
    | AvailabilityChanged
    | ServerHeartbeat
)

SERVER_TO_CUSTOMER: TypeAdapter[ServerToCustomer] = TypeAdapter(
    Annotated[ServerToCustomer, Field(discriminator="type")]
)
SERVER_TO_AGENT: TypeAdapter[ServerToAgent] = TypeAdapter(Annotated[ServerToAgent, Field(discriminator="type")])
