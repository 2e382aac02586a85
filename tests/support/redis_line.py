"""Layers that reach Redis through a proxy, so that a test can cut the line of one process, or half of it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from channels.layers import channel_layers, get_channel_layer

from presence.connection import connect
from support.layer import FeedLayer
from tests.presence.proxy import Proxy


@asynccontextmanager
async def redis_proxy() -> AsyncIterator[Proxy]:
    server = urlsplit(os.environ["REDIS_URL"])
    async with Proxy(server.hostname or "127.0.0.1", server.port or 6379) as proxy:
        yield proxy


def url_through(proxy: Proxy) -> str:
    parts = urlsplit(os.environ["REDIS_URL"])
    secret, _, _ = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{secret}@127.0.0.1:{proxy.port}" if secret else f"127.0.0.1:{proxy.port}").geturl()


@asynccontextmanager
async def layer_through(proxy: Proxy, *, listens: bool) -> AsyncIterator[FeedLayer]:
    """The product's layer, publishing through the proxy; listening through it as well, or not."""
    layer = FeedLayer(url=url_through(proxy) if listens else os.environ["REDIS_URL"])
    if not listens:
        layer._get_layer()._publisher = connect(url_through(proxy))
    before = get_channel_layer()
    assert before is not None
    channel_layers.set("default", layer)
    try:
        yield layer
    finally:
        channel_layers.set("default", before)
        await layer.flush()
