"""Customers: who has written. Only the name can be changed."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

from support.admin import words
from support.admin.listing import CheckedList
from support.admin.zone import rendered, viewers_zone
from support.models import Customer

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Customer]
    CustomerPaginator = Paginator[Customer]
else:
    ModelAdmin = admin.ModelAdmin
    CustomerPaginator = Paginator


class FirstThousand(CustomerPaginator):
    """Counts no further: older customers are found by their name, reference or conversation."""

    @cached_property
    def count(self) -> int:
        customers: Any = self.object_list
        return int(customers[:1000].count())


@admin.register(Customer)
class CustomerAdmin(ModelAdmin):
    list_display = ("shown_name", "site", "first_seen")
    list_filter = ("site",)
    list_select_related = ("site",)
    list_per_page = 50
    paginator = FirstThousand
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    ordering = ("-created_at", "pk")
    sortable_by = ()
    search_fields = ("name__icontains", "id__exact")
    search_help_text = "A name, or the whole reference."
    fields = ("name", "reference", "site", "first_seen", "conversations")
    readonly_fields = ("reference", "site", "first_seen", "conversations")
    actions = None

    class Media:
        css = {"all": ("support/admin/list.css",)}
        js = ("support/admin/zone.js",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CheckedList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, search_term.removeprefix("customer:"))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:  # type: ignore[override]
        with viewers_zone(request):
            return rendered(super().changelist_view(request, {"title": "Customers", **(extra_context or {})}))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with viewers_zone(request):
            return rendered(super().changeform_view(request, *args, **kwargs))

    @admin.display(description="name")
    def shown_name(self, customer: Customer) -> SafeString:
        return format_html('<bdi class="pl-name">{}</bdi>', customer.public_name)

    @admin.display(description="reference")
    def reference(self, customer: Customer) -> str:
        return customer.ref

    @admin.display(description="first seen")
    def first_seen(self, customer: Customer) -> SafeString:
        return words.dated(customer.created_at)

    @admin.display(description="conversations")
    def conversations(self, customer: Customer) -> SafeString:
        url = reverse(f"{self.admin_site.name}:support_room_changelist")
        return format_html('<a href="{}?customer={}">Read them</a>', url, customer.pk)
