"""One function per verb that changes something."""

from support.actions.messages import open_room, post
from support.actions.receipts import mark_seen
from support.actions.rooms import claim, reopen, resolve

__all__ = ["claim", "mark_seen", "open_room", "post", "reopen", "resolve"]
