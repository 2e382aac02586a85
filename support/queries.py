"""Reads, always scoped: through the actor, or by ids that a scoped read gave out."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, F, Max, Q, QuerySet

from accounts.actor import Actor
from support import limits
from support.models import Message, Receipt, Room, RoomHead, Site
from support.protocol import entities
from support.protocol.codes import ErrorCode, Refused
from support.protocol.entities import Counts, Entry, Mark, Person, RoomSnapshot, RoomSummary
from support.protocol.fields import UUID_PATTERN
from support.wire import Audience, RoomRef, agent_person, entry, fitting, milliseconds, room_ref, summary

ROOM_KEY = re.compile(UUID_PATTERN)
NO_KEY = "00000000-0000-0000-0000-000000000000"


class RoomMarks(NamedTuple):
    """How far a room has reached: `of_others` by who asks, as they count, and each reader's own by their ref."""

    of_others: dict[Audience, entities.Receipt]
    own: dict[str, Mark]


def find_room(actor: Actor, name: str) -> RoomRef:
    """The room an actor calls `name`; absent and foreign ones raise the same Refused by the same query."""
    return room_ref(_room(actor, name))


def find_rooms(actor: Actor, names: Iterable[str]) -> dict[str, RoomRef]:
    """The same for several at once, in one query; those that are absent or foreign are left out."""
    wanted = set(names)
    if actor.is_customer:
        found = Room.objects.visible_to(actor).filter(key__in=[name for name in wanted if ROOM_KEY.fullmatch(name)])
    else:
        found = Room.objects.visible_to(actor).filter(pk__in=[_room_id(name) for name in wanted])
    audience = Audience.of(actor)
    return {room.name_for(audience): room for room in map(room_ref, found)}


def newest_rooms(actor: Actor) -> list[RoomRef]:
    """A customer's own rooms, the last active first, as many as a welcome carries."""
    rooms = Room.objects.visible_to(actor).order_by("-head__last_at", "-pk")
    return [room_ref(room) for room in rooms[: limits.SNAPSHOT_ROOMS]]


def snapshot(actor: Actor, room: RoomRef, present: list[Person], size: int = limits.PAGE_BYTES) -> RoomSnapshot:
    """The room up to its head as this actor sees it, with its last page, of about `size` bytes at most.

    The head is read first: entries that arrive in between are left to the feed, which was joined before.
    """
    audience = Audience.of(actor)
    state = Room.objects.select_related("owner", "head", "customer").get(pk=room.id)
    head = state.head.public_seq if audience is Audience.PUBLIC else state.head.seq
    column = _seq_column(audience)
    page = Message.objects.filter(room_id=room.id, **{f"{column}__lte": head}).order_by(f"-{column}")
    entries = fitting(_entries(page[: limits.PAGE_ENTRIES], audience), size)[::-1]
    reached = marks([room.id], [actor.ref])[room.id]
    last_seen = None if actor.is_customer else state.customer.last_seen_at
    return RoomSnapshot(
        room=room.name_for(audience),
        head=head,
        status=state.status,  # type: ignore[arg-type]  # the model's choices are the protocol's; a test compares them
        owner=agent_person(state.owner) if state.owner else None,
        entries=entries,
        seen=reached.own[actor.ref].seq if actor.ref in reached.own else 0,
        receipt=reached.of_others[audience],
        last_seen=milliseconds(last_seen) if last_seen else None,
        present=present,
    )


def entries_after(actor: Actor, room: RoomRef, after: int) -> tuple[list[Entry], int]:
    """The page of entries right after `after`, oldest first, and the room's head, as this actor counts."""
    audience = Audience.of(actor)
    column = _seq_column(audience)
    page = Message.objects.filter(room_id=room.id, **{f"{column}__gt": after}).order_by(column)
    return fitting(_entries(page[: limits.PAGE_ENTRIES], audience)), heads(actor, [room])[room.name_for(audience)]


def entries_before(actor: Actor, room: RoomRef, before: int) -> list[Entry]:
    """The page of entries right before `before`, oldest first."""
    audience = Audience.of(actor)
    column = _seq_column(audience)
    page = Message.objects.filter(room_id=room.id, **{f"{column}__lt": before}).order_by(f"-{column}")
    return fitting(_entries(page[: limits.PAGE_ENTRIES], audience))[::-1]


def heads(actor: Actor, rooms: list[RoomRef]) -> dict[str, int]:
    """The newest seq of each room, by the name and the count this actor uses."""
    audience = Audience.of(actor)
    found = heads_by_id(room.id for room in rooms)
    return {room.name_for(audience): found[room.id][audience] for room in rooms if room.id in found}


def heads_by_id(room_ids: Iterable[int]) -> dict[int, dict[Audience, int]]:
    """Both heads of each room, in one query."""
    rows = RoomHead.objects.filter(pk__in=set(room_ids)).values_list("room_id", "seq", "public_seq")
    return {room_id: {Audience.STAFF: seq, Audience.PUBLIC: public} for room_id, seq, public in rows}


def marks(room_ids: Iterable[int], readers: Iterable[str] = ()) -> dict[int, RoomMarks]:
    """How far each of these rooms has reached the other side, and these readers, in two queries; every id is a key.

    Bots are nobody's other side.
    """
    wanted = list(room_ids)
    rows = Receipt.objects.filter(room_id__in=wanted)
    agents, customers = Q(reader__startswith="agent:"), Q(reader__startswith="customer:")
    reached = rows.values("room_id").annotate(
        staff_delivered=Max("public_delivered", filter=agents),
        staff_seen=Max("public_seen", filter=agents),
        customer_delivered=Max("delivered", filter=customers),
        customer_seen=Max("seen", filter=customers),
    )
    found = {row["room_id"]: _of_others(row) for row in reached}
    own: dict[int, dict[str, Mark]] = {}
    for row in rows.filter(reader__in=list(readers)):
        seq = row.public_seen if row.reader.startswith("customer:") else row.seen
        own.setdefault(row.room_id, {})[row.reader] = Mark(seq=seq, texts=row.texts)
    return {room_id: RoomMarks(found.get(room_id) or _of_others({}), own.get(room_id, {})) for room_id in wanted}


def active_rooms(customers: Iterable[str], since: datetime) -> dict[str, list[RoomRef]]:
    """The rooms of these customers in which something happened since then, by customer, in one query."""
    found: dict[str, list[RoomRef]] = {}
    for room in Room.objects.filter(customer_id__in=list(customers), head__last_at__gte=since):
        found.setdefault(str(room.customer_id), []).append(room_ref(room))
    return found


def rooms_page(actor: Actor, view: str, cursor: str) -> tuple[list[RoomSummary], str]:
    """One page of a view: who waits longest first, then the others by age, newest first; and the next page's cursor."""
    rooms = _view(actor, view).order_by(F("waiting_since").asc(nulls_last=True), "-pk")
    rooms = _after_cursor(rooms, cursor).select_related("site", "customer", "owner", "head")
    page = list(rooms[: limits.PAGE_ROOMS + 1])
    lines = fitting([summary(room) for room in page[: limits.PAGE_ROOMS]])
    return lines, _cursor(page[len(lines) - 1]) if len(lines) < len(page) else ""


def seen_texts(actor: Actor, room_ids: Iterable[str]) -> dict[str, int]:
    """How many of the customer's texts this reader has seen, by room; rooms never read are left out."""
    read = Receipt.objects.filter(reader=actor.ref, room_id__in=[int(room_id) for room_id in room_ids], seen__gt=0)
    return {str(room_id): texts for room_id, texts in read.values_list("room_id", "texts")}


def counts(actor: Actor) -> Counts:
    """How many rooms each view holds, in one query."""
    is_open = Q(status=Room.Status.OPEN)
    found = Room.objects.visible_to(actor).aggregate(
        mine=Count("pk", filter=is_open & Q(owner_id=_agent_id(actor))),
        unassigned=Count("pk", filter=is_open & Q(owner=None)),
        all=Count("pk", filter=is_open),
        resolved=Count("pk", filter=Q(status=Room.Status.RESOLVED)),
    )
    return Counts(**found)


def summaries(room_ids: Iterable[int]) -> list[tuple[int, RoomSummary]]:
    """The inbox' lines of these rooms, each with its site's id, in one query."""
    rooms = Room.objects.filter(pk__in=set(room_ids)).select_related("site", "customer", "owner", "head")
    return [(room.site_id, summary(room)) for room in rooms]


def sites_of(actor: Actor) -> list[Site]:
    return list(Site.objects.visible_to(actor))


def _room(actor: Actor, name: str) -> Room:
    rooms = Room.objects.visible_to(actor)
    # A name of the wrong shape is looked up like any other, so that it tells and costs the same.
    if actor.is_customer:
        found = rooms.filter(key=name if ROOM_KEY.fullmatch(name) else NO_KEY).first()
    else:
        found = rooms.filter(pk=_room_id(name)).first()
    if found is None:
        raise Refused(ErrorCode.NO_SUCH_ROOM)
    return found


def _room_id(name: str) -> int:
    return int(name) if name.isascii() and name.isdigit() and len(name) < 19 else 0


def _seq_column(audience: Audience) -> str:
    return "public_seq" if audience is Audience.PUBLIC else "seq"


def _entries(messages: QuerySet[Message], audience: Audience) -> list[Entry]:
    return [shown for message in messages if (shown := entry(message, audience)) is not None]


def _of_others(row: Mapping[str, Any]) -> dict[Audience, entities.Receipt]:
    return {
        audience: entities.Receipt(delivered=row.get(f"{other}_delivered") or 0, seen=row.get(f"{other}_seen") or 0)
        for audience, other in ((Audience.PUBLIC, "staff"), (Audience.STAFF, "customer"))
    }


def _view(actor: Actor, view: str) -> QuerySet[Room]:
    rooms = Room.objects.visible_to(actor)
    match view:
        case "mine":
            return rooms.filter(status=Room.Status.OPEN, owner_id=_agent_id(actor))
        case "unassigned":
            return rooms.filter(status=Room.Status.OPEN, owner=None)
        case "resolved":
            return rooms.filter(status=Room.Status.RESOLVED)
        case _:
            return rooms.filter(status=Room.Status.OPEN)


def _agent_id(actor: Actor) -> int:
    return int(actor.id) if actor.kind == "agent" else 0


def _cursor(room: Room) -> str:
    waiting = room.waiting_since.isoformat() if room.waiting_since else ""
    return f"{waiting}|{room.pk}"


def _after_cursor(rooms: QuerySet[Room], cursor: str) -> QuerySet[Room]:
    if not cursor:
        return rooms
    waiting, _, key = cursor.partition("|")
    try:
        last = int(key)
        since = datetime.fromisoformat(waiting) if waiting else None
        ours = 0 < last <= limits.MAX_INTEGER and (since is None or since.tzinfo is not None)
    except ValueError:
        ours = False
    if not ours:
        raise Refused(ErrorCode.BAD_FRAME, "cursor: not one of ours")
    if since is None:
        return rooms.filter(waiting_since=None, pk__lt=last)
    later: dict[str, Any] = {"waiting_since__gt": since}
    return rooms.filter(Q(**later) | Q(waiting_since=since, pk__lt=last) | Q(waiting_since=None))
