"""Transcripts: rooms as an admin reads them. Nothing here can be added, changed or deleted."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from support.admin import words
from support.admin.filters import OwnerFilter, StartedFilter, TeamFilter
from support.admin.listing import TranscriptList, rooms_with
from support.admin.reading import Reading
from support.admin.zone import rendered, viewers_zone
from support.models import Message, Room

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Room]
else:
    ModelAdmin = admin.ModelAdmin


@admin.register(Room)
class RoomAdmin(ModelAdmin):
    list_display = ("who", "state", "waiting", "owner_name", "site", "started", "entries")
    list_filter = ("status", StartedFilter, "site", OwnerFilter, TeamFilter)
    list_select_related = ("site", "customer", "owner", "head")
    list_per_page = 50
    ordering = ("-id",)
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("messages__body",)
    search_help_text = "Words of one message, in any order. Put a phrase in quotes."
    actions = None

    class Media:
        css = {"all": ("support/admin/colours.css", "support/admin/list.css")}
        js = ("support/admin/zone.js",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Room | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Room | None = None) -> bool:
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return TranscriptList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return rooms_with(queryset, search_term), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:  # type: ignore[override]
        with viewers_zone(request):
            return rendered(super().changelist_view(request, {"title": "Transcripts", **(extra_context or {})}))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """One transcript, in the viewer's zone. Only reading is answered."""
        room = self.get_object(request, unquote(object_id)) if object_id else None
        if not self.has_view_permission(request, room) or object_id is None:
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if room is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        with viewers_zone(request):
            return rendered(self._transcript(request, room, extra_context or {}))

    def _transcript(self, request: HttpRequest, room: Room, extra_context: dict[str, Any]) -> HttpResponse:
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": room.customer.public_name,
            "opts": self.opts,
            "preserved_filters": self.get_preserved_filters(request),
            "has_view_permission": True,
            "original": room,
            "reading": Reading.of(room, request.GET),
            "panel": {
                "status": words.status(room),
                "first_seen": words.dated(room.customer.created_at),
                "started": words.dated(room.created_at),
                "waiting": words.since(room.waiting_since),
                "zone": timezone.get_current_timezone_name(),
            },
            "customer_url": reverse(f"{self.admin_site.name}:support_customer_change", args=[room.customer_id]),
            "others_url": reverse(f"{self.admin_site.name}:support_room_changelist") + f"?customer={room.customer_id}",
            **extra_context,
        }
        return TemplateResponse(request, "admin/support/room/transcript.html", context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        return super().get_queryset(request).select_related("site", "customer", "owner", "head")

    @admin.display(description="customer and last message")
    def who(self, room: Room) -> SafeString:
        """In the results of a search, the message that was found stands for the last one."""
        found: Message | None = getattr(room, "found", None)
        author = found.author if found else room.head.last_author
        name = found.author_name if found else room.head.last_name
        line = words.excerpt(found.body if found else room.head.last_text, getattr(room, "found_words", []))
        return format_html(
            '<bdi class="pl-name">{}</bdi> <span class="pl-line">{}<bdi>{}</bdi></span>',
            room.customer.public_name,
            "" if author.startswith("customer:") else format_html("<bdi>{}</bdi>: ", name),
            line,
        )

    @admin.display(description="owner", empty_value="Nobody")
    def owner_name(self, room: Room) -> str | None:
        return room.owner.public_name if room.owner else None

    @admin.display(description="status")
    def state(self, room: Room) -> SafeString:
        return words.status(room)

    @admin.display(description="entries")
    def entries(self, room: Room) -> SafeString:
        return format_html('<span class="pl-number">{}</span>', f"{room.head.seq:,}")

    @admin.display(description="started")
    def started(self, room: Room) -> SafeString | str:
        return words.moment(room.created_at)

    @admin.display(description="waiting")
    def waiting(self, room: Room) -> SafeString | str:
        return words.since(room.waiting_since)
