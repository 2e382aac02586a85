"""The way out of one connection: deadlines, never more under way than a window, and an end in any case."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from support import limits
from support.consumers.window import Window
from support.protocol.codes import CLOSE_MEANINGS, CloseCode
from support.protocol.fields import Frame
from support.protocol.server import ServerHeartbeat
from support.wire import now_ms

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Outlet:
    """Sends frames in order. A client that does not take one in time is closed as too slow; later sends do nothing.

    While its window is full a client gets no hints (`behind` says that some were left out), pages wait, and answers go
    out until there are far too many of them. None of it needs a server that waits for slow readers.

    After a close `end` is called: the connection is over for us, whether or not the client ever answers. A server that
    waits for the client before it sends a close cannot send that either; then it ends without a word. `abort` ends the
    TCP connection of a client that has not answered the close in time.
    """

    __slots__ = ("_abort", "_closed", "_end", "_room", "_send", "_window", "behind")

    def __init__(self, send: Send, end: Callable[[], object], abort: Callable[[], object] = lambda: None) -> None:
        self._send = send
        self._end = end
        self._abort = abort
        self._closed = False
        self._window = Window()
        self._room = asyncio.Event()
        self._room.set()
        self.behind = False

    @property
    def stuck(self) -> bool:
        """Full for so long that the client cannot be reading."""
        return self._window.stuck

    @property
    def full(self) -> bool:
        return self._window.full

    def gone(self) -> None:
        """There is no client any more: nothing is sent, and nobody waits for it."""
        self._closed = True
        self._room.set()

    def answered(self) -> None:
        """The client has answered a heartbeat."""
        self._window.answered()
        if not self._window.full:
            self._room.set()

    async def accept(self, subprotocol: str | None) -> bool:
        """False when the client has gone meanwhile."""
        try:
            await self._send({"type": "websocket.accept", "subprotocol": subprotocol})
        except OSError:
            self.gone()
        return not self._closed

    async def frame(self, frame: Frame) -> None:
        """An answer, or a heartbeat: small, and sent also when the window is full."""
        await self._text(frame.model_dump_json(), is_beat=isinstance(frame, ServerHeartbeat))

    async def page(self, frame: Frame) -> None:
        """A large answer: waits until the client has taken what went before."""
        try:
            async with asyncio.timeout(limits.STUCK_SECONDS):
                await self._room.wait()
        except TimeoutError:
            await self.close(CloseCode.TOO_SLOW)
        await self.frame(frame)

    async def hint(self, text: str) -> None:
        """News that can be read again: left out when the window is full."""
        if self._window.full:
            self.behind = True
        else:
            await self._text(text)

    async def _text(self, text: str, *, is_beat: bool = False) -> None:
        if self._closed:
            return
        if self._window.waiting > limits.OUTLET_BYTES:
            await self.close(CloseCode.TOO_SLOW)
            return
        size = len(text) if text.isascii() else len(text.encode())
        # Counted before it is sent: it is in memory from now on.
        self._window.sent(size)
        if is_beat:
            self._window.beat()
        if self._window.full:
            self._room.clear()
        try:
            async with asyncio.timeout(limits.SEND_SECONDS):
                await self._send({"type": "websocket.send", "text": text})
        except TimeoutError:
            await self.close(CloseCode.TOO_SLOW)
        except OSError:
            # The server says so in its own event.
            self.gone()
        if self._window.wants_beat:
            await self.frame(ServerHeartbeat(type="heartbeat", at=now_ms(), heads={}, receipts={}, marks={}))

    async def close(self, code: CloseCode) -> None:
        """Close once; the reason is the table's sentence, for people who look at the wire."""
        if self._closed:
            return
        self._closed = True
        asyncio.get_running_loop().call_later(limits.ABORT_SECONDS, self._abort)
        try:
            async with asyncio.timeout(limits.CLOSE_SECONDS):
                await self._send({"type": "websocket.close", "code": int(code), "reason": CLOSE_MEANINGS[code][:120]})
        except OSError:
            # It has gone, or takes nothing: TimeoutError is one, too.
            pass
        finally:
            self._room.set()
            self._end()
