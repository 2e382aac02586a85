"""The cast, and their connections: Alice and Bob answer, Carol asks, Mallory is another customer, Grace administers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
import pytest_asyncio
from asgiref.sync import SyncToAsync
from django.conf import settings
from django.core.cache import cache
from django.db import connections

from accounts.actor import Actor
from accounts.identity import actor_of_agent
from accounts.models import Agent
from accounts.tokens import CustomerToken
from support.attendance import attendance
from support.models import Site
from support.threads import _threads
from tests.support.wire import SHOP, Wire, inbox, widget


@pytest.fixture(autouse=True)
def _clean_slate() -> Iterator[None]:
    cache.clear()
    yield
    # The thread on which asgiref runs views keeps its connection, and the test database could not be dropped.
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()


@pytest.fixture
def quiet_database(transactional_db: None) -> Iterator[None]:
    """A database that nobody reads any more when it is emptied: a query outlives the task that asked for it."""
    yield
    everybody = Barrier(settings.SOCKET_DATABASE_THREADS)
    for waiting in [ThreadPoolExecutor.submit(_threads(), everybody.wait, 30) for _ in range(everybody.parties)]:
        waiting.result()


@pytest.fixture
def site(quiet_database: None) -> Site:
    return Site.objects.create(name="Shop", allowed_origins=[SHOP])


@pytest.fixture
def alice(quiet_database: None) -> Agent:
    return Agent.objects.create_user("alice", password="a long password", first_name="Alice")


@pytest.fixture
def bob(quiet_database: None) -> Agent:
    return Agent.objects.create_user("bob", password="a long password", first_name="Bob")


@pytest.fixture
def alice_actor(alice: Agent) -> Actor:
    return actor_of_agent(alice)


@pytest.fixture
def bob_actor(bob: Agent) -> Actor:
    return actor_of_agent(bob)


@pytest.fixture
def carol(site: Site) -> CustomerToken:
    return CustomerToken.fresh(site.pk)


@pytest.fixture
def mallory(site: Site) -> CustomerToken:
    return CustomerToken.fresh(site.pk)


@pytest.fixture
def new_id() -> Callable[[], str]:
    return lambda: str(uuid4())


@pytest_asyncio.fixture
async def connect(quiet_database: None) -> AsyncIterator[Callable[..., Awaitable[Wire]]]:
    """Opens connections through the whole ASGI application and closes them, and what they share, afterwards."""
    wires: list[Wire] = []

    async def open_as(who: CustomerToken | Agent, *, hello: bool = True) -> Wire:
        wire = await (widget(who) if isinstance(who, CustomerToken) else inbox(who))
        wires.append(wire)
        if hello:
            await wire.hello()
        return wire

    yield open_as
    for wire in wires:
        await wire.close()
    shared = attendance()
    await shared.leases.aclose()
    await shared.roster.redis.aclose()
    for task in asyncio.all_tasks():
        if task.get_name() in ("pulse", "pulse-beat", "summaries", "receipts", "stale-feeds"):
            task.cancel()
            await asyncio.wait({task})
