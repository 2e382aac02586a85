"""Who may do what: one row for every frame a client can send. Which rooms and sites, queries decide."""

from typing import Final

from accounts.actor import Actor, ActorKind
from support.protocol.codes import ErrorCode, Refused

_ALL: Final[frozenset[ActorKind]] = frozenset({"customer", "agent", "bot"})
_STAFF: Final[frozenset[ActorKind]] = frozenset({"agent", "bot"})
# A bot owns no rooms and lights no lamp: nobody is there.
_AGENTS: Final[frozenset[ActorKind]] = frozenset({"agent"})

ACTIONS: Final[dict[str, frozenset[ActorKind]]] = {
    "hello": _ALL,
    "heartbeat": _ALL,
    "message.send": _ALL,
    "note.send": _STAFF,
    "sync": _ALL,
    "history": _ALL,
    "typing": _ALL,
    "seen": _ALL,
    "delivered": _ALL,
    "room.open": _STAFF,
    "room.close": _STAFF,
    "room.claim": _AGENTS,
    "room.resolve": _STAFF,
    "room.reopen": _STAFF,
    "rooms.list": _STAFF,
    "availability.set": _AGENTS,
    "idle": _AGENTS,
}


def require(actor: Actor, action: str) -> None:
    """Raises Refused(not_allowed) unless the table lets this kind of actor do it; what has no row is denied."""
    if actor.kind not in ACTIONS.get(action, ()):
        raise Refused(ErrorCode.NOT_ALLOWED)
