"""Which topics of presence a connection is in, and who is told when that changes."""

import asyncio
from collections.abc import Iterable
from typing import Final

from asgiref.sync import sync_to_async
from django.conf import settings
from redis.exceptions import RedisError

from accounts.actor import Actor, visitor_name
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
from support.threads import database_threads
from support.wire import RoomRef, room_ref

_AGENTS: Final = "agents."
_CUSTOMERS: Final = "customers."
_ROOM: Final = "room."


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
    """Presence as the product uses it: the roster, this process' leases, and the frames that changes become."""

    def __init__(self) -> None:
        redis = connect(settings.REDIS_URL)
        self.roster = Roster(redis)
        self.availability = Availability(redis)
        self.leases = Leases(self.roster, self._changed)

    async def enter_room(self, actor: Actor, room: RoomRef, connection: str) -> None:
        await self.leases.hold(room_topic(room.id), actor.ref, connection)

    async def leave_room(self, actor: Actor, room: RoomRef, connection: str) -> None:
        await self.leases.release(room_topic(room.id), actor.ref, connection)

    async def in_room(self, room: RoomRef, actor: Actor) -> list[Person]:
        """Who else has the room open; customers are told of agents only. Empty when Redis does not answer."""
        present = await self._states([room_topic(room.id)])
        refs = [ref for ref in present.get(room_topic(room.id), {}) if ref != actor.ref]
        if actor.is_customer:
            refs = [ref for ref in refs if ref.startswith("agent:")]
        return await people(refs)

    async def agents_online(self, site_id: int) -> list[Person]:
        """The agents who light the site's lamp."""
        states = (await self._states([agents_topic(site_id)])).get(agents_topic(site_id), {})
        return await people(ref for ref, state in states.items() if state == "online")

    async def colleagues(self, site_ids: list[int]) -> list[Colleague]:
        """The agents who are present for any of these sites."""
        states: dict[str, State] = {}
        for found in (await self._states([agents_topic(site_id) for site_id in site_ids])).values():
            states |= found
        return [Colleague(ref=who.ref, name=who.name, state=states[who.ref]) for who in await people(states)]

    async def customers_online(self, site_ids: list[int]) -> list[str]:
        found = await self._states([customers_topic(site_id) for site_id in site_ids])
        return sorted({ref for states in found.values() for ref in states})

    async def arrive(self, actor: Actor, site_ids: list[int], connection: str) -> None:
        """An agent is there for these sites, as they last chose: a Redis that forgot it is told again, first."""
        await self._restore_choice(actor.ref)
        await asyncio.gather(*(self.leases.hold(agents_topic(site), actor.ref, connection) for site in site_ids))

    async def depart(self, actor: Actor, site_id: int, connection: str) -> None:
        await self.leases.release(agents_topic(site_id), actor.ref, connection)

    async def choose(self, actor: Actor, state: State, site_ids: list[int]) -> None:
        """The agent's own choice, kept in PostgreSQL, told to colleagues and customers."""
        await Agent.objects.filter(pk=int(actor.id)).aupdate(away=state == "away")
        await self.availability.choose(actor.ref, state)
        await broadcast.availability_chosen(actor, state)
        for site_id in site_ids:
            await broadcast.colleague(site_id, Colleague(ref=actor.ref, name=actor.name, state=state))
            await broadcast.availability(site_id, await self.agents_online(site_id))

    async def _states(self, topics: list[str]) -> dict[str, dict[str, State]]:
        try:
            return await self.roster.present_with_state(topics)
        except (RedisError, OSError, TimeoutError):
            return {}

    async def _changed(self, change: Change) -> None:
        async with database_threads():
            prefix, _, key = change.topic.partition(".")
            match prefix + ".":
                case "agents.":
                    await self._agent_changed(int(key), change)
                case "customers.":
                    await broadcast.customer_presence(int(key), change.person, change.present)
                case "room.":
                    await self._room_changed(int(key), change)

    async def _restore_choice(self, ref: str) -> None:
        away = await Agent.objects.filter(pk=int(ref.partition(":")[2]), away=True).aexists()
        try:
            await self.availability.choose(ref, "away" if away else "online")
        except (RedisError, OSError, TimeoutError):
            # Presence is on hold as well; its recovery comes back here.
            return

    async def _agent_changed(self, site_id: int, change: Change) -> None:
        if change.cause == "recovered":
            await self._restore_choice(change.person)
        for who in await people([change.person]):
            state = await self.availability.chosen(who.ref) if change.present else "offline"
            await broadcast.colleague(site_id, Colleague(ref=who.ref, name=who.name, state=state))
        await broadcast.availability(site_id, await self.agents_online(site_id))

    async def _room_changed(self, room_id: int, change: Change) -> None:
        room = await Room.objects.filter(pk=room_id).afirst()
        if room is None:
            return
        for who in await people([change.person]):
            await broadcast.room_presence(room_ref(room), who, change.present)


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
