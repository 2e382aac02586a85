"""The way out of one connection: a deadline on every send, nothing after the close, and an end in any case."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from support import limits
from support.protocol.codes import CLOSE_MEANINGS, CloseCode
from support.protocol.fields import Frame

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Outlet:
    """Sends frames in order. A client that does not take one in time is closed as too slow; later sends do nothing.

    After a close `end` is called: the connection is over for us, whether or not the client ever answers. A server that
    waits for the client before it sends a close cannot send that either; then it ends without a word.
    """

    __slots__ = ("_closed", "_end", "_send")

    def __init__(self, send: Send, end: Callable[[], object]) -> None:
        self._send = send
        self._end = end
        self._closed = False

    async def accept(self, subprotocol: str | None) -> None:
        await self._send({"type": "websocket.accept", "subprotocol": subprotocol})

    async def frame(self, frame: Frame) -> None:
        await self.text(frame.model_dump_json())

    async def text(self, text: str) -> None:
        if self._closed:
            return
        try:
            async with asyncio.timeout(limits.SEND_SECONDS):
                await self._send({"type": "websocket.send", "text": text})
        except TimeoutError:
            await self.close(CloseCode.TOO_SLOW)
        except OSError:
            # The client has gone; the server says so in its own event.
            self._closed = True

    async def close(self, code: CloseCode) -> None:
        """Close once; the reason is the table's sentence, for people who look at the wire."""
        if self._closed:
            return
        self._closed = True
        try:
            async with asyncio.timeout(limits.CLOSE_SECONDS):
                await self._send({"type": "websocket.close", "code": int(code), "reason": CLOSE_MEANINGS[code][:120]})
        except OSError:
            # It has gone, or takes nothing: TimeoutError is one, too.
            pass
        self._end()
