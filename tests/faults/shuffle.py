"""Shuffle: what a line does to WebSocket frames when it holds some back, lets others pass them, and repeats some."""

import asyncio
import random
import re
from contextlib import suppress

from tests.faults.line import Line, Link

# Frames whose order is ours to restore. What says how things are now, such as presence, has no number to go by.
ANSWERS = re.compile(rb'"type":\s*"(entry|entries|ack|seen|receipt|typing)"')
REQUESTS = re.compile(rb'"type":\s*"(message\.send|note\.send|seen|sync)"')
TEXT = 0x81
HELD, REPEATED = 0.4, 0.15
LONGEST_SECONDS = 0.8


class Shuffle:
    """Put in place of a line's plain forwarding; `held` and `repeated` count what was done."""

    def __init__(self, line: Line, seed: int) -> None:
        self._line, self._dice = line, random.Random(seed)
        self.held = self.repeated = 0

    async def pump(self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answers: bool) -> None:
        with suppress(asyncio.IncompleteReadError):
            # The handshake, or a whole HTTP exchange, which has no frames.
            head = await reader.readuntil(b"\r\n\r\n")
            writer.write(head)
            if b"upgrade: websocket" not in head.lower():
                await self._line.forward(link, reader, writer, answers)
                return
            while True:
                frame, payload = await _frame(reader)
                await self._line.turn(link)
                self._pass_on(frame, payload, writer, answers)
                await writer.drain()
        writer.write_eof()

    def _pass_on(self, frame: bytes, payload: bytes, writer: asyncio.StreamWriter, answers: bool) -> None:
        loop = asyncio.get_running_loop()
        may = frame[0] == TEXT and (ANSWERS if answers else REQUESTS).search(payload)
        later = self._dice.random() * LONGEST_SECONDS
        if may and self._dice.random() < REPEATED:
            self.repeated += 1
            loop.call_later(later, _write, writer, frame)
        # Clients write in order; only what comes back is mixed up.
        if may and answers and self._dice.random() < HELD:
            self.held += 1
            loop.call_later(later, _write, writer, frame)
        else:
            writer.write(frame)


def _write(writer: asyncio.StreamWriter, frame: bytes) -> None:
    if not writer.is_closing():
        writer.write(frame)


async def _frame(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """A whole frame as it came, and its payload without the mask."""
    head = await reader.readexactly(2)
    size = head[1] & 127
    if size > 125:
        more = await reader.readexactly(2 if size == 126 else 8)
        head, size = head + more, int.from_bytes(more)
    mask = await reader.readexactly(4) if head[1] & 128 else b""
    payload = await reader.readexactly(size)
    plain = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload)) if mask else payload
    return head + mask + payload, plain
