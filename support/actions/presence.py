"""Keeping joins and leaves beyond the journal's cap, and when somebody was last here."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Agent
from presence.journal import Change
from support.models import Customer, PresenceEvent

# Rooms belong to people who have written, and agents are staff. Who only looks at a site leaves no row anywhere.
_KEPT = ("room.", "agents.")


@transaction.atomic
def keep_presence(changes: Iterable[Change]) -> int:
    """Store these changes, each once however often it is given; returns how many were kept."""
    changes = list(changes)
    events = [
        PresenceEvent(
            entry=change.id,
            topic=change.topic,
            person=change.person,
            present=change.present,
            cause=change.cause,
            at=_moment(change),
        )
        for change in changes
        if change.topic.startswith(_KEPT)
    ]
    PresenceEvent.objects.bulk_create(events, ignore_conflicts=True)
    _note_last_seen(Customer.objects.all(), _gone("customers.", changes))
    _note_last_seen(Agent.objects.all(), _gone("agents.", changes))
    return len(events)


def _gone(topics: str, changes: list[Change]) -> dict[str, datetime]:
    """When each of those who left was last there, by the key in their ref."""
    left = (change for change in changes if change.topic.startswith(topics) and not change.present)
    return {change.person.partition(":")[2]: _moment(change) for change in left}


def _note_last_seen(people: QuerySet[Customer] | QuerySet[Agent], left: dict[str, datetime]) -> None:
    # In order of the key: two processes that store the same page would deadlock otherwise.
    known = people.select_for_update().filter(pk__in=list(left)).order_by("pk")
    for person in known:
        moment = left[str(person.pk)]
        if person.last_seen_at is None or person.last_seen_at < moment:
            person.last_seen_at = moment
            person.save(update_fields=["last_seen_at"])


def _moment(change: Change) -> datetime:
    return datetime.fromtimestamp(change.at_ms / 1000, UTC)
