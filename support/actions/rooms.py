"""Changing a room: owner and status. Each change is an entry, and the room's columns follow in the same transaction.

Whoever changes a room locks its head first, as the trigger does: two orders of locking would deadlock.
"""

from uuid import uuid4

from django.db import transaction

from accounts.actor import Actor
from support.actions.log import add_entry, resent
from support.models import Message, Room, RoomHead
from support.protocol.codes import ErrorCode, Refused
from support.wire import agent_person


@transaction.atomic
def claim(actor: Actor, room_id: int, client_id: str) -> Message:
    """Become the owner. Raises Refused(already_owned) naming the owner when somebody was faster."""
    if actor.kind != "agent":
        raise Refused(ErrorCode.NOT_ALLOWED)
    payload = {"owner": {"ref": actor.ref, "name": actor.name}}
    room = _locked(room_id)
    if found := resent(actor, room_id, client_id, Message.Kind.ASSIGNMENT, payload=payload):
        return found
    if room.owner is not None:
        if str(room.owner_id) == actor.id:
            raise Refused(ErrorCode.NOT_CHANGED)
        raise Refused(ErrorCode.ALREADY_OWNED, agent_person(room.owner).name)
    Room.objects.filter(pk=room_id).update(owner_id=int(actor.id))
    return add_entry(actor, room_id, client_id, Message.Kind.ASSIGNMENT, payload=payload)


def resolve(actor: Actor, room_id: int, client_id: str) -> Message:
    """End the conversation. The next text, from either side, reopens it."""
    return _set_status(actor, room_id, client_id, Room.Status.RESOLVED)


def reopen(actor: Actor, room_id: int, client_id: str) -> Message:
    return _set_status(actor, room_id, client_id, Room.Status.OPEN)


def reopen_for_text(actor: Actor, room_id: int) -> list[Message]:
    """Reopen in the caller's transaction, ahead of a text; empty when a concurrent text was first."""
    if _locked(room_id).status != Room.Status.RESOLVED:
        return []
    return [_change_status(actor, room_id, str(uuid4()), Room.Status.OPEN)]


@transaction.atomic
def _set_status(actor: Actor, room_id: int, client_id: str, status: Room.Status) -> Message:
    room = _locked(room_id)
    if found := resent(actor, room_id, client_id, Message.Kind.STATUS, payload={"status": status.value}):
        return found
    if room.status == status:
        raise Refused(ErrorCode.NOT_CHANGED)
    return _change_status(actor, room_id, client_id, status)


def _change_status(actor: Actor, room_id: int, client_id: str, status: Room.Status) -> Message:
    Room.objects.filter(pk=room_id).update(status=status, waiting_since=None)
    return add_entry(actor, room_id, client_id, Message.Kind.STATUS, payload={"status": status.value})


def _locked(room_id: int) -> Room:
    RoomHead.objects.select_for_update().get(pk=room_id)
    return Room.objects.select_related("owner").get(pk=room_id)
