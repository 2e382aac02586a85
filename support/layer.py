"""The channel layer: feeds over Redis' pub/sub that come back by themselves, and mailboxes that cannot overflow.

Joining a feed never fails and takes at most a second. What a connection may have missed, because Redis was away or
because it did not read in time, it is told of with `feed.stale`: then it sends its client fresh state.
"""

import asyncio
import logging
from typing import Any
from uuid import uuid4

from channels_redis.pubsub import RedisPubSubChannelLayer
from channels_redis.utils import _wrap_close
from redis.asyncio import Redis

from presence.connection import connect
from support.mailbox import Event, Mailbox
from support.subscriptions import Subscriptions

logger = logging.getLogger(__name__)


class FeedLayer(RedisPubSubChannelLayer):  # type: ignore[misc]  # channels_redis has no types
    """What Channels sees: one layer of each event loop behind it."""

    _layers: dict[asyncio.AbstractEventLoop, "LoopLayer"]

    def _get_layer(self) -> "LoopLayer":
        loop = asyncio.get_running_loop()
        if loop not in self._layers:
            self._layers[loop] = LoopLayer(self, **self._kwargs)
            _wrap_close(self, loop)
        return self._layers[loop]


class LoopLayer:
    """Channels are mailboxes in this process; groups are Redis' channels, each subscribed to once per process."""

    extensions = ("groups", "flush")

    def __init__(self, codec: FeedLayer, *, url: str, prefix: str = "porchlight.feed.") -> None:
        self._codec = codec
        self._url = url
        self._prefix = prefix
        self._mailboxes: dict[str, Mailbox] = {}
        self._members: dict[str, set[str]] = {}
        self._memberships: dict[str, set[str]] = {}
        # Channels that may have missed something, to be told when everything is heard again.
        self._uninformed: set[str] = set()
        self._subscriptions = Subscriptions(url, self)
        # Of its own, so that publishing never waits for subscribing.
        self._publisher: Redis | None = None

    async def new_channel(self, prefix: str = "specific.") -> str:
        channel = prefix + uuid4().hex
        self._mailboxes[channel] = Mailbox()
        self._memberships[channel] = set()
        return channel

    async def receive(self, channel: str) -> Event:
        try:
            return await self._mailboxes[channel].get()
        except asyncio.CancelledError:
            # Channels has no other word for the end of a channel.
            self.forget(channel)
            raise

    async def send(self, channel: str, message: Event) -> None:
        self.post(channel, message)

    def post(self, channel: str, message: Event) -> bool:
        """Put an event behind those that wait for a channel of this process; others are nobody's to write to."""
        mailbox = self._mailboxes.get(channel)
        return mailbox is not None and mailbox.put(message, 0)

    def forget(self, channel: str) -> None:
        """The end of a channel and of all its memberships; never waits."""
        self._mailboxes.pop(channel, None)
        self._uninformed.discard(channel)
        for name in self._memberships.pop(channel, ()):
            self._leave(name, channel)

    async def group_add(self, group: str, channel: str) -> None:
        """Hear what is published there from now on, or be told later that something may have been missed."""
        if channel not in self._mailboxes:
            return
        name = self._prefix + group
        self._members.setdefault(name, set()).add(channel)
        self._memberships[channel].add(name)
        if not await self._subscriptions.want(name) and channel in self._mailboxes:
            self._uninformed.add(channel)

    async def group_discard(self, group: str, channel: str) -> None:
        name = self._prefix + group
        self._memberships.get(channel, set()).discard(name)
        if mailbox := self._mailboxes.get(channel):
            mailbox.drop(name)
        self._leave(name, channel)

    async def group_send(self, group: str, message: Event) -> None:
        """Raises redis' errors when it was not published."""
        if self._publisher is None:
            self._publisher = connect(self._url)
        await self._publisher.publish(self._prefix + group, self._codec.serialize(message))

    async def flush(self) -> None:
        """Forget everything and close what is open; it can be used again afterwards."""
        await self._subscriptions.aclose()
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            await publisher.aclose()
        self._mailboxes, self._members, self._memberships, self._uninformed = {}, {}, {}, set()
        self._subscriptions = Subscriptions(self._url, self)

    def miss_all(self) -> None:
        """Everybody here is told that something may have been missed."""
        for mailbox in self._mailboxes.values():
            mailbox.miss()

    def heard(self, name: str, data: bytes) -> None:
        members = self._members.get(name)
        if not members:
            return
        try:
            # Once for all of them, who share it.
            event: dict[str, Any] = self._codec.deserialize(data)
        except Exception as error:  # noqa: BLE001 - what somebody else wrote into Redis must not end the listening
            logger.warning("an event of %s could not be read: %s", name, type(error).__name__)
            return
        for channel in members:
            self._mailboxes[channel].put(event, len(data), name)

    def lost(self) -> None:
        self._uninformed.update(self._mailboxes)

    def regained(self) -> None:
        uninformed, self._uninformed = self._uninformed, set()
        for channel in uninformed:
            self._mailboxes[channel].miss()

    def _leave(self, name: str, channel: str) -> None:
        members = self._members.get(name, set())
        members.discard(channel)
        if not members and self._members.pop(name, None) is not None:
            self._subscriptions.unwant(name)
