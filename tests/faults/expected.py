"""Expected: whom each client must show as present, and of which rooms it may hear."""

from tests.faults import truth
from tests.faults.cast import ROOMS_PER_SITE, Cast


def expected_presence(cast: Cast, people: dict[str, str], left: set[str]) -> dict[str, list[str]]:
    """G5: everybody shows the connected agents of the site, and agents the room's customer as well."""
    here = [part for part in cast.parts if part.id not in left]
    expected = {}
    for part in here:
        place = cast.places[part.id]
        site = place // ROOMS_PER_SITE
        agents = {
            people[other.id]
            for other in here
            if other.kind == "agent" and cast.places[other.id] // ROOMS_PER_SITE == site
        }
        own = {people[other.id] for other in here if other.kind == "customer" and cast.places[other.id] == place}
        expected[part.id] = sorted(agents | (own if part.kind == "agent" else set()))
    return expected


def own_rooms(cast: Cast, database_url: str) -> dict[str, set[str]]:
    """G4: a customer's own room; every room of an agent's site, also those of customers who are no part."""
    of_site = truth.rooms_of_sites(database_url)
    own = {part.id: of_site[cast.sites[cast.places[part.id] // ROOMS_PER_SITE].pk] for part in cast.staff}
    return own | {part.id: {cast.name_of_room(part)} for part in cast.parts if part.kind == "customer"}


def own_people(cast: Cast, people: dict[str, str], database_url: str) -> dict[str, set[str]]:
    """G4: a customer knows the site's agents and themselves; an agent the customers of the site."""
    of_site = truth.customers_of_sites(database_url)
    own = {}
    for part in cast.parts:
        number = cast.places[part.id] // ROOMS_PER_SITE
        if part.kind == "agent":
            own[part.id] = of_site[cast.sites[number].pk]
        else:
            agents = (agent for who, agent in cast.agents.items() if who.startswith(f"{number}."))
            own[part.id] = {people[part.id], *(f"agent:{agent.pk}" for agent in agents)}
    return own
