"""What the two web servers do not offer an application: to cut a connection off, to close it with any code, and to say
good-bye in time.

Uvicorn closes every socket by itself when it is asked to stop, and tells the application at its end (lifespan). Daphne
does neither: it cancels what runs and stops, so that clients would learn of it by a silence.
"""

import asyncio
import logging
import os
import socket
import struct
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, Final

logger = logging.getLogger(__name__)

App = Callable[[Any, Any, Any], Awaitable[None]]
Farewell = Callable[[], Awaitable[None]]

# For clients to answer the close, and for what the process still owes others.
GOOD_BYE_SECONDS: Final = 3.0
# From here on codes are about what a connection did, and its answer to the close is of no interest.
MISBEHAVED: Final = 4100


class Sockets:
    """Wraps the application of sockets: `scope["porchlight.abort"]()` ends a TCP connection without another word."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._open: set[asyncio.Task[Any]] = set()
        self._leaving = False

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        task = asyncio.current_task()
        assert task
        self._open.add(task)
        try:
            await self._app({**scope, "porchlight.abort": partial(_abort, send)}, receive, _any_close(send))
            if self._leaving:
                await _gone(receive)
        finally:
            self._open.discard(task)

    async def leave(self) -> None:
        """Have every connection say good-bye and end; returns when their clients have heard it."""
        self._leaving = True
        waiting = list(self._open)
        for task in waiting:
            task.cancel()
        if waiting:
            await asyncio.wait(waiting, timeout=GOOD_BYE_SECONDS)


class Lifespan:
    """The end of a server that tells its application of it."""

    def __init__(self, farewell: Farewell) -> None:
        self._farewell = farewell

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await _bounded(self._farewell)
        await send({"type": "lifespan.shutdown.complete"})


def leave_before_twisted_stops(sockets: Sockets, farewell: Farewell) -> None:
    """Where Twisted runs us, its stop waits for the sockets' good-bye and for `farewell`."""
    reactor: Any = sys.modules.get("twisted.internet.reactor")
    if reactor is None:
        return
    from twisted.internet.defer import Deferred
    from twisted.internet.interfaces import IListeningPort

    async def leave(leaving: Awaitable[None]) -> None:
        await leaving
        await _bounded(farewell)

    def stop() -> Any:
        for port in filter(IListeningPort.providedBy, reactor.getReaders()):
            port.stopListening()
        return Deferred.fromFuture(asyncio.ensure_future(leave(asyncio.ensure_future(sockets.leave()))))

    reactor.addSystemEventTrigger("before", "shutdown", stop)


async def _bounded(farewell: Farewell) -> None:
    try:
        async with asyncio.timeout(GOOD_BYE_SECONDS):
            await farewell()
    except Exception:
        logger.exception("the farewell failed")


async def _gone(receive: Any) -> None:
    """Until the client has answered the close."""
    with suppress(TimeoutError):
        async with asyncio.timeout(GOOD_BYE_SECONDS):
            while (await receive())["type"] != "websocket.disconnect":
                pass


def _any_close(send: Any) -> Any:
    """`send`, with every code and with its reason: Daphne's refuses 1012 and leaves the reason out."""
    if not isinstance(send, partial):
        return send
    protocol = _protocol(send)

    async def send_any(message: Any) -> None:
        if message["type"] == "websocket.close" and protocol.state == protocol.STATE_OPEN:
            protocol.sendCloseFrame(code=message["code"], reasonUtf8=message.get("reason", "").encode())
            if message["code"] >= MISBEHAVED:
                # For a second Daphne would queue whatever still comes, for an application that has ended.
                protocol.transport.pauseProducing()
        else:
            await send(message)

    return send_any


def _abort(send: Any) -> None:
    transport: Any = getattr(_protocol(send), "transport", None)
    if hasattr(transport, "abortConnection"):
        transport.abortConnection()
    elif hasattr(transport, "abort"):
        _reset_on_close(transport)
        transport.abort()


def _reset_on_close(transport: Any) -> None:
    """Else the kernel goes on offering what it has taken from us to a client that does not read."""
    end = transport.get_extra_info("socket")
    # It may be closed already, or be a file behind a proxy.
    if end is not None and end.fileno() >= 0 and end.family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError), socket.socket(fileno=os.dup(end.fileno())) as same:
            same.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _protocol(send: Any) -> Any:
    """`send` is a method of Uvicorn's protocol; Daphne puts its protocol in front of the arguments."""
    return send.args[0] if isinstance(send, partial) else getattr(send, "__self__", None)
