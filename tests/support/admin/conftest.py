"""Who enters the admin, and a conversation to look at, in one transaction that is rolled back."""

from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from accounts.actor import Actor
from accounts.identity import actor_of_agent
from accounts.models import Agent
from accounts.tokens import CustomerToken
from support import actions
from support.models import Customer, Message, Room, Site
from support.wire import RoomRef


class Talk:
    """One room and the verbs of those who are in it."""

    def __init__(self, site: Site, first: str = "Hello", name: str = "Carol") -> None:
        self.customer = CustomerToken.fresh(site.pk).actor
        self.ref: RoomRef = async_to_sync(actions.open_room)(self.customer, str(uuid4()), first, str(uuid4()))[0]
        Customer.objects.filter(pk=self.customer.id).update(name=name)

    def says(self, who: Actor | Agent | None, body: str) -> None:
        async_to_sync(actions.post)(_actor(who or self.customer), self.ref, body, str(uuid4()))

    def notes(self, who: Agent, body: str) -> None:
        async_to_sync(actions.post)(_actor(who), self.ref, body, str(uuid4()), Message.Kind.NOTE)

    def claimed(self, who: Agent) -> None:
        actions.claim(_actor(who), self.ref.id, str(uuid4()))

    def resolved(self, who: Agent) -> None:
        actions.resolve(_actor(who), self.ref.id, str(uuid4()))

    def reopened(self, who: Agent) -> None:
        actions.reopen(_actor(who), self.ref.id, str(uuid4()))

    @property
    def room(self) -> Room:
        return Room.objects.get(pk=self.ref.id)

    @property
    def url(self) -> str:
        return f"/admin/support/room/{self.ref.id}/change/"


def _actor(who: Actor | Agent) -> Actor:
    return actor_of_agent(who) if isinstance(who, Agent) else who


@pytest.fixture
def site(db: None) -> Site:
    return Site.objects.create(name="Shop", allowed_origins=["https://shop.example.com"])


@pytest.fixture
def alice(db: None) -> Agent:
    return Agent.objects.create_user("alice", password="a long password", first_name="Alice")


@pytest.fixture
def bob(db: None) -> Agent:
    return Agent.objects.create_user("bob", password="a long password", first_name="Bob")


@pytest.fixture
def grace(db: None) -> Agent:
    return Agent.objects.create_user(
        "grace", password="a long password", first_name="Grace", role="admin", is_staff=True
    )


@pytest.fixture
def admin(grace: Agent) -> Client:
    """Grace's browser."""
    return signed_in(grace)


@pytest.fixture
def talk(site: Site) -> Talk:
    return Talk(site)


def signed_in(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client
