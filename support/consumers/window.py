"""How much was sent to a client and is not known to have arrived, on a server that never says so."""

from collections import deque
from time import monotonic

from support import limits


class Window:
    """Counts bytes. A client answers heartbeats in order, so the answer to one says that all before it has arrived.

    `full` from `limits.WINDOW_BYTES` on; `stuck` when it has been full for too long.
    """

    __slots__ = ("_beats", "_full_since", "_since_beat", "waiting")

    def __init__(self) -> None:
        # The bytes up to and with each heartbeat that was not answered, and those after the last.
        self._beats: deque[int] = deque()
        self._since_beat = 0
        self.waiting = 0
        self._full_since: float | None = None

    @property
    def full(self) -> bool:
        return self._full_since is not None

    @property
    def stuck(self) -> bool:
        return self._full_since is not None and monotonic() - self._full_since >= limits.STUCK_SECONDS

    @property
    def wants_beat(self) -> bool:
        """So much was sent after the last heartbeat that a fast client should get to say that it has it."""
        return self._since_beat >= limits.WINDOW_BYTES // 2

    def sent(self, size: int) -> None:
        self._since_beat += size
        self.waiting += size
        if self._full_since is None and self.waiting >= limits.WINDOW_BYTES:
            self._full_since = monotonic()

    def beat(self) -> None:
        """What was sent last is a heartbeat."""
        if len(self._beats) >= limits.HEARTBEATS_UNANSWERED:
            # One who answers none of them must not cost memory by it.
            self._beats[-1] += self._since_beat
        else:
            self._beats.append(self._since_beat)
        self._since_beat = 0

    def answered(self) -> None:
        """The client has answered a heartbeat; answers to none are ignored."""
        if self._beats:
            self.waiting -= self._beats.popleft()
            if self.waiting < limits.WINDOW_BYTES:
                self._full_since = None
