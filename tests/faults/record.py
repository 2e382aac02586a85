"""Record: what all clients of one repeat did, in the terms that promises are made in."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.faults.driver import Event, Part
from tests.faults.truth import Stored


@dataclass
class Record:
    """One repeat: the clients' logs, what they show in the end, and what PostgreSQL has."""

    parts: dict[str, Part]
    # By part: the room's number and key.
    rooms: dict[str, tuple[str, str]]
    events: list[Event]
    states: dict[str, Any]
    logs: dict[str, list[Stored]]
    # Played by clients of the version before, whose tabs did not share an outbox.
    former: set[str]
    # By part, every room that its person may hear of.
    own: dict[str, set[str]]
    # And every person of whom it may hear.
    own_people: dict[str, set[str]]
    began: float
    fault: float
    healed: float
    # What those showed who had to leave, when they left.
    farewells: dict[str, Any] = field(default_factory=dict)

    said: dict[str, tuple[float, str]] = field(default_factory=dict)
    sent: dict[str, tuple[float, str]] = field(default_factory=dict)
    acks: dict[str, list[tuple[float, str, int]]] = field(default_factory=lambda: defaultdict(list))
    shown: dict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    unsaid: set[str] = field(default_factory=set)
    reconnects: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    errors: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        offline: dict[str, float] = {}
        for event in self.events:
            self._read(event, offline)

    def rows_of(self, part: Part) -> list[Stored]:
        return self.logs[self.rooms[part.id][0]]

    def seen_by(self, part: Part) -> list[tuple[int, Stored]]:
        """The entries this client should show, with the numbers it knows them by."""
        rows = ((row.seq_for(part.kind), row) for row in self.rows_of(part))
        return [(seq, row) for seq, row in rows if seq is not None]

    def _read(self, event: Event, offline: dict[str, float]) -> None:
        match event.what, event.rest:
            case "say", (body,):
                self.said[key_of(body)] = (event.at, event.client)
            case "unsaid", (body,):
                self.unsaid.add(key_of(body))
            case "sent", (client_id, _, body, _):
                self.sent.setdefault(client_id, (event.at, key_of(body)))
            case "ack", (client_id, _, seq):
                self.acks[client_id].append((event.at, event.client, seq))
            case "shown", (_, first, last):
                for seq in range(first, last + 1):
                    self.shown[event.client].setdefault(seq, event.at)
            case "state", ("offline",):
                offline.setdefault(event.client, event.at)
            case "state", ("online",):
                if event.client in offline:
                    lost = offline.pop(event.client)
                    self.reconnects[event.client].append((lost, event.at - lost))
            case "error", _:
                self.errors.append(event)


def key_of(body: str) -> str:
    """`c3.1#17`, with which each text begins."""
    return body.split(maxsplit=1)[0]
