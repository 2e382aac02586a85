"""What one connection may send: token buckets, one for all frames and one for what is stored."""

import time

from support import limits
from support.protocol.codes import ErrorCode, Refused


class TokenBucket:
    """Allows `capacity` at once and refills evenly over `seconds`."""

    __slots__ = ("_capacity", "_filled_at", "_rate", "_tokens")

    def __init__(self, capacity: int, seconds: float) -> None:
        self._capacity = capacity
        self._rate = capacity / seconds
        self._tokens = float(capacity)
        self._filled_at = time.monotonic()

    def take(self) -> float:
        """Take one token: 0 when there was one, else the seconds until there will be."""
        now = time.monotonic()
        self._tokens = min(self._capacity, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self._rate


class Throttle:
    """One connection's buckets. Raises Refused(too_fast) with the limit's name and when to come back."""

    __slots__ = ("_frames", "_messages", "_refusals")

    def __init__(self) -> None:
        self._frames = TokenBucket(limits.FRAMES, limits.FRAMES_WINDOW_SECONDS)
        self._messages = TokenBucket(limits.MESSAGES, limits.MESSAGES_WINDOW_SECONDS)
        self._refusals = TokenBucket(limits.REFUSALS, limits.REFUSALS_WINDOW_SECONDS)

    def frame(self) -> None:
        """Every frame counts, also one that cannot be read."""
        _check(self._frames, "frames")

    def message(self) -> None:
        _check(self._messages, "messages")

    def refuse(self) -> bool:
        """Count a refusal: False when the client has had so many of late that it does not listen to them."""
        return self._refusals.take() == 0


def _check(bucket: TokenBucket, limit: str) -> None:
    wait = bucket.take()
    if wait:
        raise Refused(ErrorCode.TOO_FAST, retry_after=round(wait, 2) or 0.01, limit=limit)
