"""Frames that clients send. A frame with a `client_id` that can be read gets one `ack` or `error` that repeats it."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from support.protocol.fields import Body, Frame, Heads, Marks, RoomName, RoomView, Seq, Uuid


class Hello(Frame):
    """The first frame. Answered by `welcome`, which carries fresh snapshots."""

    type: Literal["hello"]
    protocol: Literal[1]


class Heartbeat(Frame):
    """An answer to the server's heartbeat, sent from the receiving handler, never from a timer.

    `heads` is what the client has; the server's next heartbeat leaves out rooms that are level.
    """

    type: Literal["heartbeat"]
    heads: Heads


class MessageSend(Frame):
    """Store a text. The same `client_id` again gets the same `ack`. A customer's first message makes the room."""

    type: Literal["message.send"]
    client_id: Uuid
    room: RoomName
    body: Body


class NoteSend(Frame):
    """Store a note that only staff can see."""

    type: Literal["note.send"]
    client_id: Uuid
    room: RoomName
    body: Body


class Sync(Frame):
    """Everything after `after`; answered by `entries` pages, or by `snapshot` when the client is too far behind."""

    type: Literal["sync"]
    room: RoomName
    after: Seq


class History(Frame):
    """The page of entries before `before`; answered by `history`."""

    type: Literal["history"]
    room: RoomName
    before: Seq


class Typing(Frame):
    """Shown to the others in the room; never stored."""

    type: Literal["typing"]
    room: RoomName
    on: bool


class Seen(Frame):
    """Everything up to `seq` was on screen in a focused window. Marks only move forward."""

    type: Literal["seen"]
    room: RoomName
    seq: Seq


class Delivered(Frame):
    """What has arrived here of others' entries, up to and including, by room; coalesced, about once a second.

    Agents also report rooms of which only the line in the list arrived. Rooms that are not theirs are passed over.
    """

    type: Literal["delivered"]
    marks: Marks


class RoomOpen(Frame):
    """Follow a room: answered by `snapshot`, then its live frames."""

    type: Literal["room.open"]
    room: RoomName


class RoomClose(Frame):
    """Stop following a room."""

    type: Literal["room.close"]
    room: RoomName


class RoomClaim(Frame):
    """Become the owner. Refused with `already_owned` when somebody was faster."""

    type: Literal["room.claim"]
    client_id: Uuid
    room: RoomName


class RoomResolve(Frame):
    """End the conversation. The next text, from either side, reopens it."""

    type: Literal["room.resolve"]
    client_id: Uuid
    room: RoomName


class RoomReopen(Frame):
    """Begin a resolved conversation again."""

    type: Literal["room.reopen"]
    client_id: Uuid
    room: RoomName


class RoomsList(Frame):
    """One page of a view of the inbox; `cursor` is the `next` of the page before, empty for the first."""

    type: Literal["rooms.list"]
    view: RoomView
    cursor: str = Field(default="", max_length=64)


class AvailabilitySet(Frame):
    """An agent's own choice. Away agents do not light the lamp."""

    type: Literal["availability.set"]
    state: Literal["online", "away"]


class Idle(Frame):
    """Whether nobody has touched this browser for a while. An agent who is idle everywhere counts as away."""

    type: Literal["idle"]
    on: bool


CustomerFrame = Hello | Heartbeat | MessageSend | Sync | History | Typing | Seen | Delivered
AgentFrame = (
    Hello
    | Heartbeat
    | MessageSend
    | NoteSend
    | Sync
    | History
    | Typing
    | Seen
    | Delivered
    | RoomOpen
    | RoomClose
    | RoomClaim
    | RoomResolve
    | RoomReopen
    | RoomsList
    | AvailabilitySet
    | Idle
)

CUSTOMER_FRAMES: TypeAdapter[CustomerFrame] = TypeAdapter(Annotated[CustomerFrame, Field(discriminator="type")])
AGENT_FRAMES: TypeAdapter[AgentFrame] = TypeAdapter(Annotated[AgentFrame, Field(discriminator="type")])
