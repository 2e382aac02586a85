"""Many sockets at once, as their clients see them."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from e2e.server import PorchlightServer

_T = TypeVar("_T")

SECONDS = 120


def on_a_loop(work: Coroutine[Any, Any, _T], seconds: float = SECONDS) -> _T:
    """Run it in a thread of its own: the browser's tests have a loop on this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asyncio.wait_for(work, seconds)).result()


def customer_on_a_loop(server: PorchlightServer, token: str, **options: Any) -> connect:
    return connect(
        server.url.replace("http", "ws") + "/ws/customer/",
        origin=server.shop_url,  # type: ignore[arg-type]
        subprotocols=["porchlight.v1", f"bearer.{token}"],  # type: ignore[list-item]
        proxy=None,
        compression=None,
        **options,
    )


async def close_code(socket: ClientConnection) -> int | None:
    """Read until the end; the code the server closed with, or None when it just ended."""
    try:
        while True:
            await socket.recv()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None
