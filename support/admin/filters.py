"""What the list of transcripts is narrowed by."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Agent, Team
from support.models import Room, Site


class StartedFilter(admin.SimpleListFilter):
    """The day a conversation began, in the viewer's zone: presets, or any first and last day, both included."""

    title = "start"
    parameter_name = "from"
    template = "admin/support/room/started_filter.html"

    def __init__(self, request: HttpRequest, params: dict[str, list[str]], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        if "to" in params:
            self.used_parameters["to"] = params.pop("to")[-1]
        self.first, self.last = self._day(request, "from"), self._day(request, "to")

    def expected_parameters(self) -> list[str | None]:
        return ["from", "to"]

    def has_output(self) -> bool:
        return True

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Room]) -> QuerySet[Room]:
        if self.first:
            queryset = queryset.filter(created_at__gte=_midnight(self.first))
        if self.last and self.last < date.max:
            queryset = queryset.filter(created_at__lt=_midnight(self.last + timedelta(days=1)))
        return queryset

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:  # type: ignore[override]  # more keys than the stubs know
        today = timezone.localdate()
        for label, first in (
            ("Any day", None),
            ("Today", today),
            ("Past 7 days", today - timedelta(days=6)),
            ("Past 30 days", today - timedelta(days=29)),
        ):
            yield {
                "selected": self.first == first and self.last is None,
                "query_string": changelist.get_query_string({"from": first, "to": None}),
                "display": label,
                "kept": [pair for pair in changelist.params.items() if pair[0] not in ("from", "to")],
                "first": self.first,
                "last": self.last,
            }

    def _day(self, request: HttpRequest, name: str) -> date | None:
        text = self.used_parameters.get(name)
        if not text:
            return None
        try:
            return date.fromisoformat(str(text))
        except ValueError:
            messages.error(request, f"“{text}” is not a day. Write it as 2026-03-31.")
            return None


class OwnerFilter(admin.SimpleListFilter):
    """One agent, or nobody."""

    title = "owner"
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = {agent.pk: agent.display_name or agent.first_name or agent.username for agent in Agent.objects.all()}
        return [
            ("nobody", "Nobody"),
            *((str(key), names[key]) for key in sorted(names, key=lambda key: names[key].lower())),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Room]) -> QuerySet[Room]:
        value = self.value()
        if value is None:
            return queryset
        return queryset.filter(owner=None if value == "nobody" else _key(value))


class TeamFilter(admin.SimpleListFilter):
    """Conversations on the sites that a team answers for."""

    title = "team"
    parameter_name = "team"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(team.pk), team.name) for team in Team.objects.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Room]) -> QuerySet[Room]:
        value = self.value()
        return queryset if value is None else queryset.filter(site__in=Site.objects.filter(teams=_key(value)))


def _key(value: str) -> int:
    """The key that was asked for; one that nothing has when it is no key."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
