"""Clients start over when the database is another one."""

from collections.abc import Awaitable, Callable

import pytest
from django.db import connection

from accounts.models import Agent
from accounts.tokens import CustomerToken
from support import limits
from support.epoch import epoch
from tests.support.wire import Wire

Connect = Callable[..., Awaitable[Wire]]


def test_the_epoch_stays_until_the_log_is_another_one(transactional_db: None) -> None:
    """A restored dump brings a new table; so does emptying it. (The log itself is emptied by nobody but tests.)"""
    before = epoch()
    assert epoch() == before
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE support_message CASCADE")
    assert epoch() != before


async def test_a_restore_ends_the_connections_that_were_there_before(
    connect: Connect, carol: CustomerToken, alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They come back at once and are told the new epoch."""
    monkeypatch.setattr(limits, "HEARTBEAT_SECONDS", 0.05)
    customer, agent = await connect(carol), await connect(alice)
    assert customer.welcome["epoch"] == agent.welcome["epoch"] != ""
    await customer.expect("heartbeat")
    monkeypatch.setattr("support.pulse.epoch", lambda: "another")
    for wire in (customer, agent):
        assert (await wire.expect("close"))["code"] == 1012
