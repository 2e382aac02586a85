"""Rooms for programs: the same verbs as the sockets, with the same idempotency."""

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from ninja import Router

from accounts.actor import Actor
from support import actions, queries
from support.protocol.entities import Entry, RoomSummary
from support.protocol.fields import Body, Frame, RoomName, RoomView, Seq, Uuid
from support.summaries import announce
from support.wire import Audience
from support.wire import entry as entry_for

router = Router(tags=["rooms"])


class NewMessage(Frame):
    """The same `client_id` again returns the stored entry."""

    client_id: Uuid
    body: Body


class RoomsAnswer(Frame):
    rooms: list[RoomSummary]
    next: str


@router.get("/", response=RoomsAnswer, summary="List rooms, who waits longest first")
async def list_rooms(request: HttpRequest, view: RoomView = "all", cursor: str = "") -> RoomsAnswer:
    rooms, following = await sync_to_async(queries.rooms_page)(_actor(request), view, cursor)
    return RoomsAnswer(rooms=rooms, next=following)


@router.get("/{room}/entries", response=list[Entry], summary="Read a page of a room's log")
async def list_entries(request: HttpRequest, room: RoomName, after: Seq = 0) -> list[Entry]:
    actor = _actor(request)
    entries, _ = await sync_to_async(queries.entries_after)(
        actor, await sync_to_async(queries.find_room)(actor, room), after
    )
    return entries


@router.post("/{room}/messages", response=Entry, summary="Write to the customer")
async def post_message(request: HttpRequest, room: RoomName, body: NewMessage) -> Entry | None:
    """Committed when this answers."""
    actor = _actor(request)
    ref = await sync_to_async(queries.find_room)(actor, room)
    entries = await actions.post(actor, ref, body.body, body.client_id)
    announce(ref, entries)
    return entry_for(entries[-1], Audience.STAFF)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]  # ninja puts what the auth class returned here
    return actor
