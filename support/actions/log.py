"""Adding entries to a room's log from inside a transaction, and finding what a resend already stored."""

from typing import Any
from uuid import UUID

from django.db import DatabaseError

from accounts.actor import Actor
from support.models import Message
from support.protocol.codes import ErrorCode, Refused


def add_entry(  # noqa: PLR0913  # an entry has this many parts
    actor: Actor,
    room_id: int,
    client_id: str | UUID,
    kind: Message.Kind,
    *,
    body: str = "",
    payload: dict[str, Any] | None = None,
) -> Message:
    """Append one entry in the caller's transaction."""
    return Message.objects.create(
        room_id=room_id,
        client_id=UUID(str(client_id)),
        kind=kind,
        internal=kind == Message.Kind.NOTE,
        author=actor.ref,
        author_name=actor.name,
        body=body,
        payload=payload or {},
    )


def resent(  # noqa: PLR0913  # an entry has this many parts
    actor: Actor,
    room_id: int,
    client_id: str,
    kind: Message.Kind,
    *,
    body: str = "",
    payload: dict[str, Any] | None = None,
) -> Message | None:
    """The entry this actor already made here under this client_id, or None.

    Raises Refused(client_id_reused) when it stands for something else.
    """
    found = Message.objects.filter(room_id=room_id, author=actor.ref, client_id=client_id).first()
    if found is not None and (found.kind, found.body, found.payload) != (kind, body, payload or {}):
        raise Refused(ErrorCode.CLIENT_ID_REUSED)
    return found


def sqlstate_of(error: DatabaseError) -> str | None:
    """The code that PostgreSQL, or one of our triggers, gave the error."""
    return getattr(error.__cause__, "sqlstate", None)
