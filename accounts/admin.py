"""People in Django's admin: agents, their teams, and the tokens of programs."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from accounts.models import Agent, ApiToken, Team

if TYPE_CHECKING:
    TeamModelAdmin = admin.ModelAdmin[Team]
    TokenModelAdmin = admin.ModelAdmin[ApiToken]
    AgentModelAdmin = UserAdmin[Agent]
else:
    TeamModelAdmin = TokenModelAdmin = admin.ModelAdmin
    AgentModelAdmin = UserAdmin

# The role says what an agent may do.
admin.site.unregister(Group)


@admin.register(Agent)
class AgentAdmin(AgentModelAdmin):
    """The role decides who may enter here; nobody can give more than they have, or lock themselves out."""

    list_display = ("username", "display", "role", "team_names", "is_active", "last_login")
    list_filter = ("role", "is_active", "teams")
    search_fields = ("username", "first_name", "last_name", "display_name", "email")
    show_facets = admin.ShowFacets.NEVER
    actions = None
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("What customers see", {"fields": ("display_name",)}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Work", {"fields": ("role", "teams", "is_active")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_form = UserCreationForm
    add_form_template = None
    add_fieldsets = (
        (None, {"fields": ("username", "password1", "password2")}),
        ("What customers see", {"fields": ("first_name", "display_name")}),
        ("Work", {"fields": ("role", "teams")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Agent]:
        return super().get_queryset(request).prefetch_related("teams")

    def has_change_permission(self, request: HttpRequest, obj: Agent | None = None) -> bool:
        """A superuser's password and role are for superusers."""
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return super().has_change_permission(request, obj) and not above

    def has_delete_permission(self, request: HttpRequest, obj: Agent | None = None) -> bool:
        """Conversations name their agents: who leaves is made inactive."""
        return False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "teams":
            options["widget"] = forms.CheckboxSelectMultiple
        field = super().formfield_for_dbfield(db_field, request, **options)
        if field and db_field.name == "teams":
            field.widget.can_add_related = False
        return field

    def get_readonly_fields(self, request: HttpRequest, obj: Agent | None = None) -> Any:
        own = obj is not None and obj.pk == request.user.pk
        kept = ("is_active",) if request.user.is_superuser else ("is_active", "role")
        return (*self.readonly_fields, *kept) if own else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Agent, form: Any, change: bool) -> None:
        obj.is_staff = obj.is_superuser or obj.role == Agent.Role.ADMIN
        super().save_model(request, obj, form, change)

    @admin.display(description="customers see")
    def display(self, agent: Agent) -> str:
        return agent.public_name

    @admin.display(description="teams")
    def team_names(self, agent: Agent) -> str:
        return ", ".join(team.name for team in agent.teams.all())


@admin.register(Team)
class TeamAdmin(TeamModelAdmin):
    search_fields = ("name",)
    list_display = ("name", "agent_names")
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        return super().get_queryset(request).prefetch_related("agents")

    @admin.display(description="agents")
    def agent_names(self, team: Team) -> str:
        return ", ".join(agent.public_name for agent in team.agents.all())


@admin.register(ApiToken)
class ApiTokenAdmin(TokenModelAdmin):
    """The secret is shown once, after the token was made."""

    list_display = ("name", "active", "created_at", "last_used_at")
    list_filter = ("active",)
    fields = ("name", "active", "created_at", "last_used_at")
    readonly_fields = ("created_at", "last_used_at")
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        return self.fields if obj else ("name",)

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        """Conversations name their bots: a token that is no longer needed is made inactive."""
        return False

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        token, secret = ApiToken.issue(obj.name)
        obj.pk, obj.digest = token.pk, token.digest
        text = "This is the token's secret. Copy it now, it is not shown again: <code>{}</code>"
        messages.warning(request, format_html(text, secret))
