"""Site: where a widget is embedded."""

import secrets
from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models

from accounts.actor import Actor
from accounts.models import Team
from support import limits
from support.origin import validate_origin


def new_site_key() -> str:
    """Public, but random: a site cannot be found by counting."""
    return secrets.token_hex(8)


class SiteQuerySet(models.QuerySet["Site"]):
    def visible_to(self, actor: Actor) -> "SiteQuerySet":
        """The sites this member of staff answers for: those of their teams, and those that have no team."""
        if actor.is_admin or actor.kind == "bot":
            return self.filter(active=True)
        if actor.kind != "agent":
            return self.none()
        mine = Team.objects.filter(agents=int(actor.id))
        return self.filter(models.Q(teams__in=mine) | models.Q(teams=None), active=True).distinct()

    def visible_to_each(self, agents: Iterable[Actor]) -> dict[str, frozenset[int]]:
        """What `visible_to` says for each of these agents, by ref, in two queries for all of them."""
        agents = list(agents)
        active = self.filter(active=True)
        everything = frozenset(active.values_list("pk", flat=True)) if agents else frozenset()
        theirs: dict[str, set[int]] = {agent.ref: set() for agent in agents}
        rows = active.filter(
            models.Q(teams=None) | models.Q(teams__agents__in=[int(agent.id) for agent in agents])
        ).values_list("pk", "teams__agents")
        for site_id, agent_id in rows if agents else ():
            for ref in theirs if agent_id is None else (f"agent:{agent_id}",):
                if ref in theirs:
                    theirs[ref].add(site_id)
        return {agent.ref: everything if agent.is_admin else frozenset(theirs[agent.ref]) for agent in agents}


class Site(models.Model):
    key = models.CharField(max_length=32, unique=True, default=new_site_key, editable=False)
    name = models.CharField(max_length=limits.NAME_CHARACTERS)
    greeting = models.CharField(max_length=200, blank=True, default="Hello. How can we help?")
    color = models.CharField(
        max_length=7,
        blank=True,
        help_text="The customer's own bubbles, such as #0F766E. Empty: dark grey.",
        validators=[RegexValidator(r"^#[0-9A-Fa-f]{6}$", "Write it as #RRGGBB.")],
    )
    allowed_origins = ArrayField(
        models.CharField(max_length=limits.ORIGIN_BYTES, validators=[validate_origin]),
        default=list,
        blank=True,
        help_text="Where the widget may be embedded: scheme, host and port, such as https://shop.example.com",
    )
    teams = models.ManyToManyField(Team, blank=True, related_name="sites", help_text="Who answers. None: every agent.")
    active = models.BooleanField(default=True)

    objects = SiteQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
