"""A connection that hears nothing for a long time is still connected."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest

from accounts.tokens import CustomerToken
from support import limits
from tests.support.wire import Wire


async def test_a_subscription_survives_25_idle_seconds(
    connect: Callable[..., Awaitable[Wire]], carol: CustomerToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """redis-py's default read timeout of 5 s must not end an idle feed (channels_redis #422)."""
    monkeypatch.setattr(limits, "HEARTBEAT_SECONDS", 3600.0)
    one, two = await connect(carol), await connect(carol)
    # The idle time is what is tested here; what follows does not depend on how long it was.
    await asyncio.sleep(25)
    key = str(uuid4())
    await one.write(key, "Still there?")
    assert (await two.expect("snapshot"))["snapshot"]["room"] == key
