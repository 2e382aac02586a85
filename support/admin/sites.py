"""Sites: what their widget says, where it may be embedded, who answers, and the snippet to copy."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from support import site_cards
from support.admin.listing import CheckedList
from support.admin.origins import OriginsField
from support.models import Site

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Site]
    ModelForm = forms.ModelForm[Site]
else:
    ModelAdmin = admin.ModelAdmin
    ModelForm = forms.ModelForm


class SiteForm(ModelForm):
    allowed_origins = OriginsField(
        required=False,
        label="Allowed origins",
        help_text="The pages that may embed the widget, one origin on each line: scheme, host and port as the browser "
        "sends them, such as https://shop.example.com. With none, only the hosted page works.",
    )

    class Meta:
        model = Site
        fields = ("name", "greeting", "color", "allowed_origins", "teams", "active")
        widgets = {
            "greeting": forms.TextInput(attrs={"class": "vTextField"}),
            "color": forms.TextInput(attrs={"placeholder": "#0F766E", "size": 9, "autocomplete": "off"}),
            "teams": forms.CheckboxSelectMultiple,
        }


@admin.register(Site)
class SiteAdmin(ModelAdmin):
    form = SiteForm
    list_display = ("name", "active", "team_names", "hosted_page")
    list_filter = ("active",)
    search_fields = ("name", "key")
    sortable_by = ("name", "active")
    show_facets = admin.ShowFacets.NEVER
    actions = None
    fieldsets = (
        (None, {"fields": ("name", "greeting", "color", "active")}),
        ("Who answers", {"fields": ("teams",)}),
        ("Where it is embedded", {"fields": ("allowed_origins",)}),
        ("On your pages", {"fields": ("snippet", "hosted_page")}),
    )
    readonly_fields = ("snippet", "hosted_page")

    class Media:
        css = {"all": ("support/admin/site.css",)}
        js = ("support/admin/site.js",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CheckedList

    def has_delete_permission(self, request: HttpRequest, obj: Site | None = None) -> bool:
        """Its conversations stay: a site that is no longer needed is switched off."""
        return False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **options)
        if field and db_field.name == "teams":
            field.widget.can_add_related = False
        return field

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("teams")

    def get_fieldsets(self, request: HttpRequest, obj: Site | None = None) -> Any:
        return self.fieldsets if obj else self.fieldsets[:-1]

    def save_model(self, request: HttpRequest, obj: Site, form: Any, change: bool) -> None:
        """The next handshake sees the change."""
        super().save_model(request, obj, form, change)
        # Before the commit, a handshake would put the old rules back into the cache.
        transaction.on_commit(lambda: site_cards.forget(obj))

    def response_post_save_add(self, request: HttpRequest, obj: Site) -> HttpResponseRedirect:
        """To the new site, where its snippet is."""
        return HttpResponseRedirect(reverse(f"{self.admin_site.name}:support_site_change", args=[obj.pk]))

    @admin.display(description="teams")
    def team_names(self, site: Site) -> str:
        return ", ".join(team.name for team in site.teams.all()) or "Every agent"

    @admin.display(description="snippet")
    def snippet(self, site: Site) -> SafeString:
        text = f'<script async src="{settings.PUBLIC_URL}/widget/loader.js" data-site="{site.key}"></script>'
        return format_html(
            '<div class="pl-snippet"><pre id="pl-snippet" tabindex="0">{}</pre>'
            '<button type="button" class="button" data-copies="pl-snippet" data-done="Copied" hidden>Copy</button>'
            '</div><div class="pl-help">Put it on every page that shall have the chat, before &lt;/body&gt;.</div>',
            text,
        )

    @admin.display(description="hosted page")
    def hosted_page(self, site: Site) -> SafeString:
        path = reverse("chat", args=[site.key])
        return format_html('<a href="{}">{}{}</a>', path, settings.PUBLIC_URL, path)
