"""Whether those who are connected may still be here: read for a whole process at once, every 1.5 seconds.

What ends is noticed within two seconds however it ended: in the admin, by a command, by SQL, and also without Redis.
"""

from collections.abc import Iterable
from typing import NamedTuple

from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.actor import Actor
from accounts.identity import actor_of_agent
from accounts.models import Agent, ApiToken
from support.models import Site
from support.protocol.codes import CloseCode


class Rights(NamedTuple):
    """One read of the database. `agents` holds active ones only, as they would be let in now."""

    sites: frozenset[int]
    agents: dict[str, Actor]
    agent_sites: dict[str, frozenset[int]]
    sessions: frozenset[str]
    bots: frozenset[str]

    def ended(self, actor: Actor) -> CloseCode | None:
        """Why this actor's connection ends; None when it goes on."""
        match actor.kind:
            case "customer":
                return None if actor.site_id in self.sites else CloseCode.NOT_ALLOWED
            case "bot":
                return None if actor.id in self.bots else CloseCode.NOT_SIGNED_IN
            case _:
                return self._agent_ended(actor)

    def sites_of(self, actor: Actor) -> frozenset[int]:
        """The sites this member of staff answers for now."""
        return self.sites if actor.kind == "bot" else self.agent_sites.get(actor.ref, frozenset())

    def _agent_ended(self, actor: Actor) -> CloseCode | None:
        now = self.agents.get(actor.ref)
        if now is None or now.stamp != actor.stamp or actor.session not in self.sessions:
            return CloseCode.NOT_SIGNED_IN
        # Another role or name: the client comes back at once and is let in as who it is now.
        return None if (now.is_admin, now.name) == (actor.is_admin, actor.name) else CloseCode.GOING_AWAY


def read(actors: Iterable[Actor]) -> Rights:
    """The rights of these actors, in five queries at most, however many there are."""
    # Not a set: one agent's two sign-ins are equal, and each has a session of its own.
    actors = list(actors)
    agent_ids = {int(actor.id) for actor in actors if actor.kind == "agent"}
    bot_ids = {int(actor.id) for actor in actors if actor.kind == "bot"}
    sites = frozenset(Site.objects.filter(active=True).values_list("pk", flat=True))
    agents = {who.ref: who for who in map(actor_of_agent, Agent.objects.filter(pk__in=agent_ids, is_active=True))}
    sessions = Session.objects.filter(
        session_key__in={actor.session for actor in actors if actor.session}, expire_date__gt=timezone.now()
    )
    return Rights(
        sites=sites,
        agents=agents,
        agent_sites=Site.objects.visible_to_each(agents.values()),
        sessions=frozenset(sessions.values_list("session_key", flat=True)) if agent_ids else frozenset(),
        bots=frozenset(map(str, ApiToken.objects.filter(pk__in=bot_ids, active=True).values_list("pk", flat=True)))
        if bot_ids
        else frozenset(),
    )
