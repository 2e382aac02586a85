"""`manage.py seed_demo`: a demo site, two agents and an admin. Running it again adds only what is missing."""

import json
import os
import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.models import Agent, Team
from support import site_cards
from support.models import Site

NAME = "Harrow & Clay"
GREETING = "Hello. Ask us about a pot, a glaze or a parcel."
COLOR = "#3F5F4C"
PEOPLE = {
    "alice": ("Alice", "Archer", Agent.Role.AGENT),
    "bob": ("Bob", "Baker", Agent.Role.AGENT),
    "grace": ("Grace", "Gardner", Agent.Role.ADMIN),
}


class Command(BaseCommand):
    help = "Make the demo site and its people, and print their logins and the site key as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--origin",
            default=os.environ.get("DEMO_ORIGIN") or "http://127.0.0.1:8001",
            help="where the demo shop is (DEMO_ORIGIN)",
        )

    @transaction.atomic
    def handle(self, *args: Any, origin: str, **options: Any) -> None:
        # From the environment, as arguments show in the list of processes.
        password = os.environ.get("DEMO_PASSWORD") or secrets.token_urlsafe(12)
        team, _ = Team.objects.get_or_create(name="Shop")
        logins = [{"username": name, "password": self.person(name, password, team)} for name in PEOPLE]
        self.stdout.write(json.dumps({"site_key": self.site(origin, team).key, "logins": logins}))

    def person(self, username: str, password: str, team: Team) -> str | None:
        """Make the agent if need be; the password when it is this one, None when somebody has changed it."""
        first_name, last_name, role = PEOPLE[username]
        agent = Agent.objects.filter(username=username).first()
        if agent:
            return password if agent.check_password(password) else None
        is_admin = role == Agent.Role.ADMIN
        agent = Agent.objects.create_user(
            username=username,
            email=f"{username}@example.com",
            password=password,
            first_name=first_name,
            last_name=last_name,
            role=role,
            is_staff=is_admin,
            is_superuser=is_admin,
        )
        agent.teams.add(team)
        return password

    def site(self, origin: str, team: Team) -> Site:
        """The demo site, also under another name or with the shop on another port; the origin is allowed."""
        site = Site.objects.filter(allowed_origins__contains=[origin]).first() or Site.objects.filter(name=NAME).first()
        if site is None:
            site = Site.objects.create(name=NAME, greeting=GREETING, color=COLOR)
            site.teams.add(team)
        if origin not in site.allowed_origins:
            site.allowed_origins = [*site.allowed_origins, origin]
            site.save(update_fields=["allowed_origins"])
            site_cards.forget(site)
        return site
