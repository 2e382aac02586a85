"""The list of transcripts: pages by key and never a count, as there may be millions."""

import contextlib
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.core.paginator import Paginator
from django.db import OperationalError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.text import smart_split, unescape_string_literal

from support.models import Message, Room

QUERY_CANCELED: Final = "57014"
# More words narrow nothing and cost a pass over each text.
SEARCH_WORDS: Final = 8


class CheckedList(ChangeList):
    def get_queryset(self, request: HttpRequest, exclude_parameters: list[str | None] | None = None) -> QuerySet[Any]:
        # No column can hold a NUL, and PostgreSQL refuses to compare with one.
        if any("\0" in text for texts in self.filter_params.values() for text in texts):
            raise IncorrectLookupParameters
        return super().get_queryset(request, exclude_parameters)


class TranscriptList(CheckedList):
    """Newest first. `before` and `after` in the address are the ids next to the page."""

    newer: str | None = None
    older: str | None = None

    def get_queryset(self, request: HttpRequest, exclude_parameters: list[str | None] | None = None) -> QuerySet[Room]:
        # Taken out first, so that links of filters begin at the newest again.
        self._before, self._after = self._take("before"), self._take("after")
        return super().get_queryset(request, exclude_parameters)

    def get_results(self, request: HttpRequest) -> None:
        try:
            page = self._page()
            self._find_words(page)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != QUERY_CANCELED:
                raise
            page = []
            messages.error(request, "This takes too long. Choose a site, an owner or a day, and search again.")
        self.result_list = page
        self.result_count = len(page)
        self.full_result_count = None
        self.show_full_result_count = self.show_admin_actions = self.can_show_all = self.multi_page = False
        self.paginator = Paginator(page, self.list_per_page)

    def url_for_result(self, result: Any) -> str:
        """A hit leads to the entry that was found."""
        url = super().url_for_result(result)
        return f"{url}?at={result.found.seq}#m{result.found.seq}" if hasattr(result, "found") else url

    @property
    def without_query(self) -> str:
        return self.get_query_string({SEARCH_VAR: None})

    def _page(self) -> list[Room]:
        rooms = self.queryset
        backwards = self._after is not None
        if backwards:
            rooms = rooms.filter(pk__gt=self._after).order_by("pk")
        elif self._before is not None:
            rooms = rooms.filter(pk__lt=self._before)
        page = list(rooms[: self.list_per_page + 1])
        more, page = len(page) > self.list_per_page, page[: self.list_per_page]
        if backwards:
            page.reverse()
        if page and (more if backwards else self._before is not None):
            self.newer = self.get_query_string({"after": page[0].pk})
        if page and (backwards or more):
            self.older = self.get_query_string({"before": page[-1].pk})
        return page

    def _find_words(self, page: list[Room]) -> None:
        """Put the first entry that fits the search on each room."""
        if not (words := words_in(self.query)):
            return
        found = with_words(Message.objects.filter(room__in=page), words).order_by("room", "seq").distinct("room")
        by_room = {message.room_id: message for message in found}
        for room in page:
            if room.pk in by_room:
                room.found, room.found_words = by_room[room.pk], words  # type: ignore[attr-defined]

    def _take(self, name: str) -> int | None:
        self.params.pop(name, None)
        for text in self.filter_params.pop(name, []):
            with contextlib.suppress(ValueError):
                return max(0, min(int(text), 2**63 - 1))
        return None


def words_in(query: str) -> list[str]:
    """What is looked for: words, and phrases in quotes."""
    bits = list(smart_split(query))[:SEARCH_WORDS]
    return [unescape_string_literal(bit) if _is_phrase(bit) else bit for bit in bits]


def with_words(found: QuerySet[Message], words: list[str]) -> QuerySet[Message]:
    """Entries that have every word, in any order."""
    for word in words:
        found = found.filter(body__icontains=word)
    return found


def rooms_with(rooms: QuerySet[Room], query: str) -> QuerySet[Room]:
    """Rooms in which one entry has every word."""
    words = words_in(query)
    return rooms.filter(Exists(with_words(Message.objects.filter(room=OuterRef("pk")), words))) if words else rooms


def _is_phrase(bit: str) -> bool:
    return len(bit) > 2 and bit[0] == bit[-1] and bit[0] in "\"'"
