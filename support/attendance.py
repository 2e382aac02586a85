"""Which topics of presence a connection is in, and who is told when that changes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Final, TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from redis.exceptions import RedisError

from accounts.actor import Actor, visitor_name
from accounts.identity import actor_of_agent
from accounts.models import Agent
from presence.availability import Availability, State
from presence.connection import connect
from presence.journal import Change
from presence.leases import Leases
from presence.roster import Roster
from support import broadcast
from support.models import Room
from support.per_loop import PerLoop
from support.protocol.entities import Colleague, Person
from support.queries import sites_of
from support.stale_feeds import EVERYBODY
from support.threads import database_threads
from support.wire import Audience, RoomRef, room_ref

logger = logging.getLogger(__name__)

_T = TypeVar("_T")

# Less than presence waits for whoever it tells of a change.
TELL_SECONDS: Final = 3.0

_AGENTS: Final = "agents."
_CUSTOMERS: Final = "customers."
_ROOM: Final = "room."
# Agents who have touched one of their browsers lately. One topic for all sites: people rest everywhere or nowhere.
_AWAKE: Final = "awake."

Unsure = Callable[[], object]


def _no_matter() -> None:
    """For those who ask once and do not come back to it."""


def agents_topic(site_id: int) -> str:
    """Agents who answer for the site."""
    return f"{_AGENTS}{site_id}"


def customers_topic(site_id: int) -> str:
    """Customers of the site whose widget is connected."""
    return f"{_CUSTOMERS}{site_id}"


def room_topic(room_id: int) -> str:
    """Who has the room open."""
    return f"{_ROOM}{room_id}"


class Attendance:
    """Presence as the product uses it: the roster, this process' leases, and the frames that changes become.

    Who is there is nobody while Redis does not answer: a dark lamp is better than a false one. `unsure` is called then,
    unless everybody who is connected here will be told anyway, as Redis is known to be away.
    """

    def __init__(self) -> None:
        redis = connect(settings.REDIS_URL)
        self.roster = Roster(redis)
        self.availability = Availability(redis)
        # Where agents of this process were last told of, for when the database does not say.
        self._sites: dict[str, list[int]] = {}
        self.leases = Leases(self.roster, self._changed, broadcast.missed_here)

    async def enter_room(self, actor: Actor, room: RoomRef, connection: str) -> None:
        await self.leases.hold(room_topic(room.id), actor.ref, connection)

    async def leave_room(self, actor: Actor, room: RoomRef, connection: str) -> None:
        await self.leases.release(room_topic(room.id), actor.ref, connection)

    async def in_room(self, room: RoomRef, actor: Actor, unsure: Unsure = _no_matter) -> list[Person]:
        """Who else has the room open; customers are told of agents only."""
        present = await self._known(self.roster.present_with_state([room_topic(room.id)]), unsure)
        refs = [ref for ref in present.get(room_topic(room.id), {}) if ref != actor.ref]
        if actor.is_customer:
            refs = [ref for ref in refs if ref.startswith("agent:")]
        return await people(refs)

    async def agents_online(self, site_id: int, unsure: Unsure = _no_matter) -> list[Person]:
        """The agents who light the site's lamp."""
        states = await self._known(self._agent_states([site_id]), unsure)
        return await people(ref for ref, state in states.items() if state == "online")

    async def colleagues(self, site_ids: list[int], unsure: Unsure = _no_matter) -> list[Colleague]:
        """The agents who are present for any of these sites."""
        states = await self._known(self._agent_states(site_ids), unsure)
        return [Colleague(ref=who.ref, name=who.name, state=states[who.ref]) for who in await people(states)]

    async def customers_online(self, site_ids: list[int], unsure: Unsure = _no_matter) -> list[str]:
        found = await self._known(self.roster.present_with_state(map(customers_topic, site_ids)), unsure)
        return sorted({ref for states in found.values() for ref in states})

    async def customers_among(self, site_ids: list[int], refs: list[str]) -> list[str]:
        """Who of these customers is here, as far as everybody was told."""
        try:
            found = await self.roster.told(map(customers_topic, site_ids), refs)
        except (RedisError, OSError, TimeoutError):
            return []
        return sorted(found)

    async def arrive(self, actor: Actor, site_ids: list[int], connection: str) -> State:
        """An agent is there for these sites, as they last chose: a Redis that forgot it is told again, first.

        Returns the choice.
        """
        self._sites[actor.ref] = site_ids
        choice = await self._restore_choice(actor.ref)
        await asyncio.gather(*(self.leases.hold(agents_topic(site), actor.ref, connection) for site in site_ids))
        return choice

    async def depart(self, actor: Actor, site_id: int, connection: str) -> None:
        await self.leases.release(agents_topic(site_id), actor.ref, connection)

    async def rest(self, actor: Actor, connection: str, *, idle: bool) -> None:
        """Nobody has touched the browser behind this connection for a while, or somebody does again.

        An agent whose connections are all idle counts as away, whatever they chose.
        """
        if idle:
            await self.leases.release(_AWAKE, actor.ref, connection)
        else:
            await self.leases.hold(_AWAKE, actor.ref, connection)

    async def choose(self, actor: Actor, state: State, site_ids: list[int]) -> None:
        """The agent's own choice, kept in PostgreSQL, told to colleagues and customers."""
        await Agent.objects.filter(pk=int(actor.id)).aupdate(away=state == "away")
        await self.availability.choose(actor.ref, state)
        await broadcast.availability_chosen(actor, state)
        for site_id in site_ids:
            await self._tell_of_agent(site_id, actor.ref)

    async def _agent_states(self, site_ids: list[int]) -> dict[str, State]:
        """The agents who are present for any of these sites; away are those who chose it, and those who are idle."""
        found = await self.roster.present_with_state([_AWAKE, *map(agents_topic, site_ids)])
        awake = found.pop(_AWAKE, {})
        return {ref: state if ref in awake else "away" for states in found.values() for ref, state in states.items()}

    async def _known(self, answer: Awaitable[dict[str, _T]], unsure: Unsure) -> dict[str, _T]:
        try:
            return await answer
        except (RedisError, OSError, TimeoutError):
            if not self.leases.on_hold:
                unsure()
            return {}

    async def _changed(self, change: Change) -> None:
        told = False
        try:
            async with database_threads(), asyncio.timeout(TELL_SECONDS):
                await self._tell(change)
            told = True
        except Exception as error:  # noqa: BLE001
            logger.warning("%s in %s is told later: %s", change.person, change.topic, type(error).__name__)
        finally:
            # Whatever it was, also the patience of whoever called, somebody now sees what is not true: they are to
            # read it anew.
            if not told:
                broadcast.missed(*_feeds_of(change.topic, self._sites.get(change.person, ())))

    async def _tell(self, change: Change) -> None:
        kind, key = _parts(change.topic)
        match kind:
            case "agents.":
                if change.cause == "recovered":
                    await self._restore_choice(change.person)
                await self._tell_of_agent(key, change.person)
            case "awake.":
                for site_id in await _sites_of(change.person):
                    # Who comes or goes is told of by that change.
                    if await self.roster.is_present(agents_topic(site_id), change.person):
                        await self._tell_of_agent(site_id, change.person)
            case "customers.":
                await self._tell_of_customer(key, change.person)
            case "room.":
                await self._tell_of_room(key, change.person)

    async def _restore_choice(self, ref: str) -> State:
        away = await Agent.objects.filter(pk=int(ref.partition(":")[2]), away=True).aexists()
        choice: State = "away" if away else "online"
        # When it does not answer, presence is on hold as well; its recovery comes back here.
        with suppress(RedisError, OSError, TimeoutError):
            await self.availability.choose(ref, choice)
        return choice

    async def _tell_of_agent(self, site_id: int, ref: str) -> None:
        (who,) = await people([ref]) or (None,)
        if who is None:
            return

        async def tell(states: dict[str, State]) -> None:
            await broadcast.colleague(site_id, Colleague(ref=ref, name=who.name, state=states.get(ref, "offline")))
            online = await people(each for each, state in states.items() if state == "online")
            await broadcast.availability(site_id, online)

        await _tell_until_true(lambda: self._agent_states([site_id]), tell)

    async def _tell_of_room(self, room_id: int, ref: str) -> None:
        room = await Room.objects.filter(pk=room_id).afirst()
        (who,) = await people([ref]) or (None,)
        if room is None or who is None:
            return
        where = room_ref(room)
        await _tell_until_true(
            lambda: self._is_in(room_topic(room_id), ref),
            lambda present: broadcast.room_presence(where, who, present),
        )

    async def _tell_of_customer(self, site_id: int, ref: str) -> None:
        await _tell_until_true(
            lambda: self._is_in(customers_topic(site_id), ref),
            lambda present: broadcast.customer_presence(site_id, ref, present),
        )

    async def _is_in(self, topic: str, ref: str) -> bool:
        return await self.roster.is_present(topic, ref)


async def _tell_until_true(read: Callable[[], Awaitable[_T]], tell: Callable[[_T], Awaitable[None]]) -> None:
    """Tell what is true now, not what changed, and look again: processes that tell of two changes of a person at the
    same time may overtake each other, and whoever told last then finds that it is not true any more, and corrects it.
    """
    told = None
    while (now := await read()) != told:
        await tell(now)
        told = now


def _parts(topic: str) -> tuple[str, int]:
    kind, dot, key = topic.partition(".")
    return kind + dot, int(key or 0)


def _feeds_of(topic: str, sites: Iterable[int]) -> list[str]:
    """Where changes of the topic are told; `sites` are those of the agent whom one that is of no site is about."""
    kind, key = _parts(topic)
    match kind:
        case "agents.":
            return [broadcast.site_feed(key, audience) for audience in Audience]
        case "customers.":
            return [broadcast.site_feed(key, Audience.STAFF)]
        case "room.":
            return [broadcast.room_feed(key, audience) for audience in Audience]
        case _:
            feeds = [broadcast.site_feed(site_id, audience) for site_id in sites for audience in Audience]
            return feeds or [EVERYBODY]


@sync_to_async
def _sites_of(ref: str) -> list[int]:
    agent = Agent.objects.filter(pk=int(ref.partition(":")[2])).first()
    return [site.pk for site in sites_of(actor_of_agent(agent))] if agent else []


@sync_to_async
def people(refs: Iterable[str]) -> list[Person]:
    """The names behind presence's strings, in one query; who no longer exists is left out."""
    refs = list(refs)
    agents = Agent.objects.in_bulk([int(ref.partition(":")[2]) for ref in refs if ref.startswith("agent:")])
    found = []
    for ref in refs:
        kind, _, key = ref.partition(":")
        if kind == "customer":
            found.append(Person(ref=ref, name=visitor_name(key)))
        elif kind == "agent" and int(key) in agents:
            found.append(Person(ref=ref, name=agents[int(key)].public_name))
    return found


attendance = PerLoop(Attendance)
