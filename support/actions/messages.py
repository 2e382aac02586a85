"""Storing what people write: acknowledged means committed, and the same client_id is stored once."""

from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import DatabaseError, IntegrityError, transaction

from accounts.actor import Actor
from support.actions.log import add_entry, resent, sqlstate_of
from support.actions.rooms import reopen_for_text
from support.models import Customer, Message, Room, RoomHead
from support.models.message_triggers import RESOLVED
from support.protocol.codes import ErrorCode, Refused
from support.wire import RoomRef, room_ref


async def post(
    actor: Actor, room: RoomRef, body: str, client_id: str, kind: Message.Kind = Message.Kind.TEXT
) -> list[Message]:
    """Store one text or note. Returns the entries committed for it, itself last; a resend gets the stored one.

    Raises Refused(client_id_reused) when the client_id already stands for other words. A text reopens a resolved room.
    """
    try:
        entry = await Message.objects.acreate(
            room_id=room.id,
            client_id=UUID(client_id),
            kind=kind,
            internal=kind == Message.Kind.NOTE,
            author=actor.ref,
            author_name=actor.name,
            body=body,
        )
    except IntegrityError:
        return [await sync_to_async(_stored)(actor, room.id, client_id, kind, body)]
    except DatabaseError as error:
        if sqlstate_of(error) != RESOLVED:
            raise
        return await sync_to_async(_reopen_with)(actor, room, body, client_id)
    return [entry]


async def open_room(actor: Actor, key: str, body: str, client_id: str) -> tuple[RoomRef, list[Message]]:
    """A customer's first message: customer, room and message are committed together.

    Retries and two tabs at once end in the same room.
    """
    try:
        return await sync_to_async(_open_room)(actor, key, body, client_id)
    except IntegrityError:
        # The room and this very message are there already: the resend of a first message.
        room = room_ref(await Room.objects.visible_to(actor).aget(key=key))
        return room, [await sync_to_async(_stored)(actor, room.id, client_id, Message.Kind.TEXT, body)]
    except DatabaseError as error:
        if sqlstate_of(error) != RESOLVED:
            raise
        room = room_ref(await Room.objects.visible_to(actor).aget(key=key))
        return room, await sync_to_async(_reopen_with)(actor, room, body, client_id)


@transaction.atomic
def _open_room(actor: Actor, key: str, body: str, client_id: str) -> tuple[RoomRef, list[Message]]:
    # ON CONFLICT DO NOTHING waits for a concurrent twin to commit, so that the read below finds its row.
    Customer.objects.bulk_create([Customer(id=UUID(actor.id), site_id=actor.site_id)], ignore_conflicts=True)
    Room.objects.bulk_create(
        [Room(site_id=actor.site_id, customer_id=UUID(actor.id), key=UUID(key))], ignore_conflicts=True
    )
    room = Room.objects.visible_to(actor).get(key=key)
    RoomHead.objects.bulk_create([RoomHead(room=room)], ignore_conflicts=True)
    return room_ref(room), [add_entry(actor, room.pk, client_id, Message.Kind.TEXT, body=body)]


def _reopen_with(actor: Actor, room: RoomRef, body: str, client_id: str) -> list[Message]:
    try:
        with transaction.atomic():
            reopened = reopen_for_text(actor, room.id)
            return [*reopened, add_entry(actor, room.id, client_id, Message.Kind.TEXT, body=body)]
    except IntegrityError:
        return [_stored(actor, room.id, client_id, Message.Kind.TEXT, body)]


def _stored(actor: Actor, room_id: int, client_id: str, kind: Message.Kind, body: str) -> Message:
    """The entry that a violated constraint speaks of."""
    found = resent(actor, room_id, client_id, kind, body=body)
    if found is None:
        raise Refused(ErrorCode.NO_SUCH_ROOM)
    return found
