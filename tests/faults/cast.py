"""Cast: sites, agents and sessions in the database, and the parts that the drivers play."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from accounts.models import Agent, Team
from support.models import Room, Site
from tests.faults.driver import Part

CUSTOMER_TABS, AGENTS_IN_ROOM = 2, 3
ROOMS_PER_SITE = 5
SHOP = "https://shop.example"


@dataclass
class Cast:
    """Who takes part in one repeat. Rooms are known by number once their customers have written."""

    run: str
    parts: list[Part] = field(default_factory=list)
    # By part, the index of its room.
    places: dict[str, int] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    sites: list[Site] = field(default_factory=list)
    # By index: the number that agents use and the key that the customer uses.
    rooms: dict[int, tuple[str, str]] = field(default_factory=dict)

    @property
    def first_tabs(self) -> list[Part]:
        """One tab of each customer: the one that makes the room."""
        return [part for part in self.parts if part.kind == "customer" and part.id.endswith(".1")]

    @property
    def second_tabs(self) -> list[Part]:
        return [part for part in self.parts if part.kind == "customer" and not part.id.endswith(".1")]

    @property
    def staff(self) -> list[Part]:
        return [part for part in self.parts if part.kind == "agent"]

    def name_of_room(self, part: Part) -> str:
        number, key = self.rooms[self.places[part.id]]
        return number if part.kind == "agent" else key

    def learn_rooms(self, refs: dict[str, str]) -> None:
        """Which room each customer's first message made, by the `you` of their first tabs."""
        for part in self.first_tabs:
            room = Room.objects.get(customer_id=refs[part.id].removeprefix("customer:"))
            self.rooms[self.places[part.id]] = (str(room.pk), str(room.key))


def make_cast(rooms: int, server: Callable[[Part], str], own_origin: str) -> Cast:
    """Two tabs of the customer and three agents for each room. One agent of a site has a tab in each of its rooms."""
    cast = Cast(secrets.token_hex(3))
    for index in range(rooms):
        if index % ROOMS_PER_SITE == 0:
            _add_site(cast)
        site, number = cast.sites[-1], len(cast.sites) - 1
        for tab in range(1, CUSTOMER_TABS + 1):
            part = Part(f"c{index}.{tab}", "customer", f"{cast.run}/c{index}", "", SHOP, site=site.key)
            _place(cast, replace(part, server=server(part)), index)
        for seat in range(AGENTS_IN_ROOM):
            who = f"{number}.0" if seat == 0 else f"{number}.{seat}.{index}"
            if who not in cast.agents:
                _add_agent(cast, who, site)
            part = Part(f"a{index}.{seat}", "agent", f"{cast.run}/a{who}", "", own_origin, cookie=cast.cookies[who])
            _place(cast, replace(part, server=server(part)), index)
    return cast


def session_of(agent: Agent) -> str:
    """The key of a session as signing in makes it."""
    session: Any = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(agent.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = agent.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def _add_site(cast: Cast) -> None:
    number = len(cast.sites)
    team = Team.objects.create(name=f"{cast.run} {number}")
    site = Site.objects.create(name=f"Shop {number}", allowed_origins=[SHOP])
    site.teams.add(team)
    cast.sites.append(site)


def _add_agent(cast: Cast, who: str, site: Site) -> None:
    agent = Agent.objects.create(username=f"{cast.run}-{who}", first_name=f"Agent {who}")
    agent.set_unusable_password()
    agent.save()
    agent.teams.set(site.teams.all())
    cast.agents[who] = agent
    cast.cookies[who] = f"{settings.SESSION_COOKIE_NAME}={session_of(agent)}"


def _place(cast: Cast, part: Part, room: int) -> None:
    cast.parts.append(part)
    cast.places[part.id] = room
