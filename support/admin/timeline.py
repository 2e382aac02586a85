"""A room's entries as a printed conversation: by day, by speaker, with what happened in words."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.utils import timezone

from accounts.actor import visitor_name
from support.admin.words import exact
from support.models import Message

# As in the inbox: what was said in a row stands together.
TOGETHER: Final = timedelta(minutes=2)
ROLES: Final = {"customer": "Customer", "agent": "Agent", "bot": "Bot", "system": "System"}


@dataclass(frozen=True, slots=True)
class Said:
    """One text or note. `shows_time` is false when the entry above has the same minute beside it."""

    seq: int
    at: datetime
    body: str
    shows_time: bool

    @property
    def exact(self) -> str:
        return exact(self.at)


@dataclass(slots=True)
class Group:
    """What one person said in a row."""

    author: str
    name: str
    is_note: bool
    entries: list[Said] = field(default_factory=list)

    @property
    def role(self) -> str:
        return ROLES.get(self.author.partition(":")[0], "")

    @property
    def by_customer(self) -> bool:
        return self.author.startswith("customer:")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, in words."""

    seq: int
    at: datetime
    words: str

    @property
    def exact(self) -> str:
        return exact(self.at)


@dataclass(slots=True)
class Day:
    """A calendar day in the current time zone."""

    date: date
    blocks: list[Group | Event] = field(default_factory=list)


def timeline(messages: Iterable[Message]) -> list[Day]:
    """Every entry once, in the order given, under the days of the current time zone."""
    days: list[Day] = []
    for message in messages:
        at = timezone.localtime(message.created_at)
        if not days or days[-1].date != at.date():
            days.append(Day(at.date()))
        blocks = days[-1].blocks
        if message.kind not in (Message.Kind.TEXT, Message.Kind.NOTE):
            blocks.append(Event(message.seq, at, words_of(message)))
            continue
        last = blocks[-1] if blocks else None
        if not isinstance(last, Group) or not _continues(last, message, at):
            last = Group(message.author, name_of(message), message.kind == Message.Kind.NOTE)
            blocks.append(last)
        shows_time = not last.entries or _minute(last.entries[-1].at) != _minute(at)
        last.entries.append(Said(message.seq, at, message.body, shows_time))
    return days


def words_of(message: Message) -> str:
    """What an entry that nobody wrote says; kinds this version does not know are named."""
    name = name_of(message)
    payload: dict[str, Any] = message.payload if isinstance(message.payload, dict) else {}
    if message.kind == Message.Kind.STATUS and payload.get("status") == "resolved":
        return f"Resolved by {name}"
    if message.kind == Message.Kind.STATUS and payload.get("status") == "open":
        return f"Reopened by {name}"
    if message.kind == Message.Kind.ASSIGNMENT:
        owner = payload.get("owner")
        if not isinstance(owner, dict):
            return f"{name} gave this conversation back"
        if owner.get("ref") == message.author:
            return f"{name} took this conversation"
        return f"{name} gave this conversation to {owner.get('name') or owner.get('ref')}"
    return f"{message.kind.capitalize()} by {name}"


def name_of(message: Message) -> str:
    """The author's name as it was then."""
    kind, _, key = message.author.partition(":")
    return message.author_name or (visitor_name(key) if kind == "customer" else ROLES.get(kind, message.author))


def _continues(group: Group, message: Message, at: datetime) -> bool:
    return (
        group.author == message.author
        and group.name == name_of(message)
        and group.is_note == (message.kind == Message.Kind.NOTE)
        and at - group.entries[-1].at < TOGETHER
    )


def _minute(at: datetime) -> tuple[int, int]:
    return at.hour, at.minute
