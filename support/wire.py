"""Rows of the database as entities of the protocol, for one audience at a time."""

import time
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, TypeVar

from accounts.actor import Actor
from accounts.models import Agent
from support import limits
from support.models import Message, Room, Site
from support.protocol.entities import Entry, LastLine, Person, RoomSummary, SiteCard
from support.protocol.fields import Frame

_Value = TypeVar("_Value", bound=Frame)


class Audience(StrEnum):
    """Customers get `public_seq` and no internal entries; staff get everything, by `seq`."""

    PUBLIC = "public"
    STAFF = "staff"

    @classmethod
    def of(cls, actor: Actor) -> "Audience":
        return cls.PUBLIC if actor.is_customer else cls.STAFF


class RoomRef(NamedTuple):
    """What a connection remembers of a room it may use."""

    id: int
    key: str
    site_id: int
    customer: str

    def name_for(self, audience: Audience) -> str:
        return self.key if audience is Audience.PUBLIC else str(self.id)


def room_ref(room: Room) -> RoomRef:
    return RoomRef(room.pk, str(room.key), room.site_id, f"customer:{room.customer_id}")


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def now_ms() -> int:
    return int(time.time() * 1000)


def person(actor: Actor) -> Person:
    return Person(ref=actor.ref, name=actor.name)


def agent_person(agent: Agent) -> Person:
    return Person(ref=f"agent:{agent.pk}", name=agent.public_name)


def seq_for(message: Message, audience: Audience) -> int | None:
    """The entry's number as this audience counts; None when it may not know of it."""
    return message.seq if audience is Audience.STAFF else message.public_seq


def entry(message: Message, audience: Audience) -> Entry | None:
    """The entry as this audience sees it; None when it may not see it."""
    seq = seq_for(message, audience)
    if seq is None:
        return None
    return Entry(
        seq=seq,
        kind=message.kind,  # type: ignore[arg-type]  # the model's choices are the protocol's kinds; a test compares them
        author=Person(ref=message.author, name=message.author_name),
        body=message.body,
        data=message.payload,
        client_id=str(message.client_id),
        at=milliseconds(message.created_at),
    )


def site_card(site: Site) -> SiteCard:
    return SiteCard(key=site.key, name=site.name, greeting=site.greeting, color=site.color)


def summary(room: Room) -> RoomSummary:
    """A line of the inbox; expects `site`, `customer`, `owner` and `head` to be joined."""
    head = room.head
    last = None
    if head.last_text_at is not None:
        author = Person(ref=head.last_author, name=head.last_name)
        last = LastLine(author=author, text=head.last_text, at=milliseconds(head.last_text_at))
    return RoomSummary(
        room=str(room.pk),
        site=room.site.key,
        customer=Person(ref=room.customer.ref, name=room.customer.public_name),
        status=room.status,  # type: ignore[arg-type]  # the model's choices are the protocol's; a test compares them
        owner=agent_person(room.owner) if room.owner else None,
        last=last,
        waiting_since=milliseconds(room.waiting_since) if room.waiting_since else None,
        customer_texts=head.customer_texts,
        head=head.seq,
        created_at=milliseconds(room.created_at),
    )


def fitting(values: list[_Value], size: int = limits.PAGE_BYTES) -> list[_Value]:
    """As many of the first as weigh `size` bytes on the wire, and at least one."""
    weight = 0
    for count, value in enumerate(values):
        weight += len(value.model_dump_json().encode())
        if weight > size and count:
            return values[:count]
    return values
