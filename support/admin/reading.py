"""One transcript's page: its entries, where it lies in the room, and whether the room's chain holds."""

from dataclasses import dataclass
from typing import Final

from django.http import QueryDict

from support.admin.timeline import Day, timeline
from support.models import Message, Room
from support.transcripts import chain

# What can be scrolled and printed in one go.
PAGE: Final = 200
# About a tenth of a second of hashing; longer rooms are left to a command.
VERIFIED: Final = 2_000


@dataclass(frozen=True, slots=True)
class Reading:
    """Pages begin at 1, 201, 401 …, so that an entry is always on the same page and a link to it stays good."""

    room: Room
    days: list[Day]
    first: int
    last: int
    broken: int | None
    verified: bool

    @classmethod
    def of(cls, room: Room, query: QueryDict) -> "Reading":
        """The page with the entry that `at` names; the first when it names none."""
        total = room.head.seq
        try:
            at = max(1, min(int(query.get("at", "1")), max(1, total)))
        except ValueError:
            at = 1
        first = (at - 1) // PAGE * PAGE + 1
        entries = Message.objects.filter(room=room, seq__gte=first, seq__lt=first + PAGE).order_by("seq")
        shown = entries.defer("salt", "body_hash", "digest", "client_id")
        verified = total <= VERIFIED
        return cls(
            room=room,
            days=timeline(shown),
            first=first,
            last=min(first + PAGE - 1, total),
            broken=chain.verify(room.pk) if verified else None,
            verified=verified,
        )

    @property
    def total(self) -> int:
        return self.room.head.seq

    @property
    def is_paged(self) -> bool:
        return self.total > PAGE

    @property
    def earlier(self) -> int | None:
        """An entry of the page before this one."""
        return self.first - PAGE if self.first > 1 else None

    @property
    def later(self) -> int | None:
        """An entry of the page after this one."""
        return self.last + 1 if self.last < self.total else None
