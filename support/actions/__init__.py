"""One function per verb that changes something."""

from support.actions.messages import open_room, post
from support.actions.presence import keep_presence
from support.actions.receipts import Asked, Moved, move
from support.actions.rooms import claim, reopen, resolve

__all__ = ["Asked", "Moved", "claim", "keep_presence", "move", "open_room", "post", "reopen", "resolve"]
