"""The channel layer through outages: nobody is turned away or kept waiting, and everybody hears again by themselves."""

import asyncio
import logging
import os
import signal
import tempfile
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any

import pytest
from redis.exceptions import RedisError

from config.embedded import Servers
from support import limits
from support.layer import FeedLayer
from support.mailbox import STALE, Mailbox
from tests.presence.conftest import until
from tests.presence.proxy import Proxy
from tests.support.redis_line import redis_proxy, url_through

SOON = 0.5


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    async with redis_proxy() as proxy:
        yield proxy


@pytest.fixture
async def layer(proxy: Proxy) -> AsyncIterator[FeedLayer]:
    """A layer that reaches Redis through the proxy."""
    layer = FeedLayer(url=url_through(proxy))
    yield layer
    await layer.flush()


@pytest.fixture
async def neighbour() -> AsyncIterator[FeedLayer]:
    """Another process' layer, which reaches Redis at any time."""
    layer = FeedLayer(url=os.environ["REDIS_URL"])
    yield layer
    await layer.flush()


async def heard(layer: Any, channel: str, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while True:
            event: dict[str, Any] = await layer.receive(channel)
            if event["type"] == kind:
                return event


async def joined(layer: Any, *groups: str) -> str:
    channel: str = await layer.new_channel()
    for group in groups:
        await layer.group_add(group, channel)
    return channel


async def heard_after(layer: Any, neighbour: Any, channel: str, group: str) -> None:
    """What is published after the news that something was missed arrives at once."""
    await heard(layer, channel, STALE)
    await neighbour.group_send(group, {"type": "hint", "n": 1})
    assert (await heard(layer, channel, "hint"))["n"] == 1


async def test_who_joins_during_an_outage_hears_after_it(layer: Any, neighbour: Any, proxy: Proxy) -> None:
    """Nobody is turned away, and the subscription is made as soon as Redis answers."""
    await proxy.cut()
    began = monotonic()
    channel = await joined(layer, "room", "site")
    assert monotonic() - began < 2.5
    await proxy.heal()
    await heard_after(layer, neighbour, channel, "room")


async def test_who_was_there_before_an_outage_hears_after_it(layer: Any, neighbour: Any, proxy: Proxy) -> None:
    """Hints between are lost; that they may be is said."""
    channel = await joined(layer, "room")
    await proxy.cut()
    await neighbour.group_send("room", {"type": "hint", "n": 0})
    await proxy.heal()
    await heard_after(layer, neighbour, channel, "room")


async def test_what_came_by_a_feed_that_was_left_is_not_heard(layer: Any, neighbour: Any) -> None:
    """A right that ended is not told of what was already on its way; other feeds' events stay in their order."""
    channel = await joined(layer, "left")
    await layer.group_add("kept", channel)
    for n in range(3):
        for feed in ("left", "kept"):
            await neighbour.group_send(feed, {"type": feed, "n": n})
    await until(lambda: len(layer._mailboxes[channel]._events) == 6)
    await layer.group_discard("left", channel)
    assert [await layer.receive(channel) for _ in range(3)] == [{"type": "kept", "n": n} for n in range(3)]


async def test_stale_is_said_when_everything_is_heard_again(layer: Any, proxy: Proxy) -> None:
    """Not before: what is read by then must not miss what is published right after."""
    channel = await joined(layer, "room")
    await asyncio.gather(*(layer.group_add(str(group), channel) for group in range(3_000)))
    await proxy.cut()
    await until(lambda: layer._subscriptions._failing)
    await proxy.heal()
    await heard(layer, channel, STALE)
    assert layer._subscriptions._made == layer._subscriptions._wanted


async def test_a_known_outage_delays_nobody_at_all(layer: Any, proxy: Proxy) -> None:
    """One patient wait at most, then none."""
    await joined(layer, "room")
    await proxy.cut()
    await until(lambda: layer._subscriptions._failing)
    began = monotonic()
    channel = await joined(layer, *map(str, range(50)))
    for group in range(50):
        await layer.group_discard(str(group), channel)
    assert monotonic() - began < SOON


@pytest.mark.parametrize("layer_is_new", [True, False])
async def test_a_hanging_redis_delays_a_join_for_a_second(layer: Any, proxy: Proxy, layer_is_new: bool) -> None:
    """It takes connections and says nothing."""
    if not layer_is_new:
        await joined(layer, "before")
    proxy.hang()
    began = monotonic()
    await joined(layer, "room")
    assert monotonic() - began < 1.5


async def test_a_connection_gone_dead_is_noticed_within_ten_seconds(
    layer: Any, neighbour: Any, proxy: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody closes it and nothing arrives: its pings are not answered. One warning, however long it takes."""
    channel = await joined(layer, "room")
    proxy.hang()
    with caplog.at_level(logging.WARNING):
        await until(lambda: layer._subscriptions._failing, seconds=10)
        # Two more tries, at least.
        await asyncio.sleep(2 * 2.5)
    assert len([record for record in caplog.records if "on hold" in record.message]) == 1
    assert not [record for record in caplog.records if record.exc_info]
    await proxy.heal()
    await heard_after(layer, neighbour, channel, "room")


async def test_a_stopped_and_a_restarted_redis_are_come_back_to() -> None:
    """SIGSTOP, SIGKILL and an empty restart of a real server."""
    servers = Servers(tempfile.mkdtemp(prefix="porchlight-layer-"), durable=False, postgres=False)
    await asyncio.to_thread(servers.start)
    valkey = servers.valkey
    layer: Any = FeedLayer(url=valkey.url)
    neighbour: Any = FeedLayer(url=valkey.url)
    try:
        channel = await joined(layer, "room")
        pid = int(valkey.pid_file.read_text())
        os.kill(pid, signal.SIGSTOP)
        await until(lambda: layer._subscriptions._failing, seconds=10)
        os.kill(pid, signal.SIGCONT)
        await heard_after(layer, neighbour, channel, "room")
        valkey.kill()
        await until(lambda: layer._subscriptions._failing, seconds=10)
        with pytest.raises((RedisError, OSError)):
            await neighbour.group_send("room", {"type": "hint", "n": 0})
        await asyncio.to_thread(valkey.start)
        await heard_after(layer, neighbour, channel, "room")
    finally:
        await layer.flush()
        await neighbour.flush()
        await asyncio.to_thread(servers.stop)
        servers.folder.remove()


async def test_publishing_does_not_queue_behind_subscribing(layer: Any, neighbour: Any, proxy: Proxy) -> None:
    """A thousand joins under way on a slow line hold up no publish."""
    channel = await joined(neighbour, "room")
    await joined(layer, "before")
    await layer.group_send("room", {"type": "hint", "n": 0})
    joining = asyncio.gather(*(joined(layer, str(group)) for group in range(1_000)))
    proxy.delay = 0.1
    await asyncio.sleep(0)
    began = monotonic()
    await layer.group_send("room", {"type": "hint", "n": 1})
    assert monotonic() - began < SOON
    assert [(await heard(neighbour, channel, "hint"))["n"] for _ in range(2)] == [0, 1]
    await joining


async def test_leaving_and_joining_again_is_joining(layer: Any, neighbour: Any) -> None:
    """Whatever order Redis is told in, the last wish holds."""
    channel = await joined(layer, "room")
    for _ in range(20):
        await layer.group_discard("room", channel)
        await layer.group_add("room", channel)
    await neighbour.group_send("room", {"type": "hint", "n": 1})
    assert (await heard(layer, channel, "hint"))["n"] == 1
    await layer.group_discard("room", channel)
    await until(lambda: not layer._subscriptions._asked)


async def test_a_reader_who_is_stuck_holds_no_memory(layer: Any, neighbour: Any) -> None:
    """What does not fit is dropped, and the reader learns of it before anything else."""
    stuck, reads = await joined(layer, "room"), await joined(layer, "room")
    text = "x" * 10_000
    for n in range(200):
        await neighbour.group_send("room", {"type": "hint", "n": n, "text": text})
        assert (await heard(layer, reads, "hint"))["n"] == n
    mailbox: Mailbox = layer._mailboxes[stuck]
    assert mailbox._bytes <= limits.MAILBOX_BYTES
    assert (await layer.receive(stuck))["type"] == STALE
    assert (await layer.receive(stuck))["n"] == 0


async def test_a_mailbox_has_a_bounded_number_of_events() -> None:
    """Small ones, too, and the room that is read is room again."""
    mailbox = Mailbox()
    put = [mailbox.put({"type": "hint", "n": n}, 1) for n in range(limits.MAILBOX_EVENTS + 1)]
    assert put == [True] * limits.MAILBOX_EVENTS + [False]
    assert await mailbox.get() == {"type": STALE}
    assert (await mailbox.get())["n"] == 0
    assert mailbox.put({"type": "hint", "n": -1}, 1)


async def test_nothing_is_left_of_a_channel(layer: Any) -> None:
    """However it ends: by its reader's cancellation, or by being forgotten."""
    read, forgotten = await joined(layer, "room", "site"), await joined(layer, "room")
    reading = asyncio.create_task(layer.receive(read))
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait({reading})
    layer.forget(forgotten)
    inner = layer._get_layer()
    assert not any((inner._mailboxes, inner._members, inner._memberships, inner._subscriptions._wanted))
    await layer.group_add("room", forgotten)
    assert not inner._members


async def test_junk_on_a_feed_is_passed_over(layer: Any, neighbour: Any) -> None:
    """Whoever can write to Redis cannot make the process deaf."""
    channel = await joined(layer, "room")
    await neighbour.group_send("room", {"type": "hint", "n": 0})
    await neighbour._publisher.publish("porchlight.feed.room", b"\xc1 not ours")
    await neighbour.group_send("room", {"type": "hint", "n": 1})
    assert [(await heard(layer, channel, "hint"))["n"] for _ in range(2)] == [0, 1]
