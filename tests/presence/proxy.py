"""A TCP proxy in front of Redis that can be down, hang, lose answers, or be slow."""

import asyncio
from contextlib import suppress
from typing import Self


class Proxy:
    """Listens on a free port of its own and forwards to Redis; `port` stays the same while it is down."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self.port = 0
        self.delay = 0.0
        self.loses_answers = False
        self._flows = asyncio.Event()
        self._flows.set()
        self._server: asyncio.Server | None = None
        self._pumps: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.heal()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()

    async def cut(self) -> None:
        """Refuse connections and close those there are, as a killed server does."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    def hang(self) -> None:
        """Take connections and requests but forward nothing, as a stopped server does."""
        self._flows.clear()

    async def heal(self) -> None:
        """Work again; what was held back while it hung goes out now."""
        self.delay, self.loses_answers = 0.0, False
        self._flows.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._pumps.add(task := asyncio.current_task())  # type: ignore[arg-type]
        task.add_done_callback(self._pumps.discard)  # type: ignore[union-attr]
        far_writer = None
        with suppress(OSError, asyncio.CancelledError):
            far_reader, far_writer = await asyncio.open_connection(*self._target)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(reader, far_writer, answers=False))
                both.create_task(self._pump(far_reader, writer, answers=True))
        for end in (writer, far_writer):
            if end is not None:
                end.transport.abort()
        # Aborted sockets are closed in the loop's next turn.
        await asyncio.sleep(0)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await self._flows.wait()
                await asyncio.sleep(self.delay)
                if not (answers and self.loses_answers):
                    writer.write(data)
                    await writer.drain()
            writer.write_eof()
