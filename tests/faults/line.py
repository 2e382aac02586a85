"""Line: a TCP proxy that can be cut, hang, be slow, lose answers, or leave connections half open."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from config.embedded.ports import HOST

Run = Callable[[Coroutine[Any, Any, Any]], Any]
# Takes what comes from one end to the other.
Pump = Callable[["Link", asyncio.StreamReader, asyncio.StreamWriter, bool], Coroutine[Any, Any, None]]


class Link:
    """One connection through the line."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter, port: int) -> None:
        self.ends = (client, server)
        self.port = port
        # Half open: nothing passes, and neither end is told.
        self.frozen = False

    def abort(self) -> None:
        for end in self.ends:
            end.transport.abort()


class Line:
    """Listens on a port of its own, which stays the same, and forwards to one of `ports`.

    The methods may be called from any thread and have taken effect when they return.
    """

    def __init__(self, ports: Sequence[int], run: Run, host: str = HOST) -> None:
        self.ports, self.host, self.port = list(ports), host, 0
        self.latency = 0.0
        self.piece = 0
        self.most = 0
        self.pump: Pump = self.forward
        self._deaf = False
        self._run = run
        self._turn = 0
        self._flows = asyncio.Event()
        self._flows.set()
        self._server: asyncio.Server | None = None
        self._links: dict[asyncio.Task[Any], Link | None] = {}

    @property
    def connections(self) -> int:
        return len(self._links)

    def connections_to(self, port: int) -> int:
        return sum(link is not None and link.port == port for link in list(self._links.values()))

    def open(self) -> None:
        """Work, again; what was held back while it hung goes out now."""
        self._run(self._open())

    def cut(self) -> None:
        """Refuse connections and break those there are, as a killed server does."""
        self._run(self._cut())

    def hang(self) -> None:
        """Take connections and requests but forward nothing, as a stopped server does."""
        self._run(self._hang())

    def reset(self, share: float = 1.0, seed: int = 0) -> int:
        """Break a share of the connections there are, and take new ones. Says how many were broken."""
        return int(self._run(self._reset(share, random.Random(seed))))

    def freeze(self, share: float = 1.0, seed: int = 0) -> int:
        """Leave a share of the connections half open for ever; new ones work."""
        return int(self._run(self._freeze(share, random.Random(seed))))

    def isolate(self) -> None:
        """Leave every connection half open, and answer no new one, as out of reach of any network."""
        self._run(self._isolate())

    def lose_answers(self, *, on: bool) -> None:
        """Requests pass, answers do not."""
        self._run(self._lose_answers(on))

    async def forward(
        self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answers: bool
    ) -> None:
        while data := await reader.read(65536):
            await self.turn(link)
            if answers and self._deaf:
                continue
            size = self.piece or len(data)
            for start in range(0, len(data), size):
                writer.write(data[start : start + size])
                await writer.drain()
                if self.piece:
                    await asyncio.sleep(0)
        await self.turn(link)
        writer.write_eof()

    async def turn(self, link: Link) -> None:
        """Return when the line lets something through."""
        await self._flows.wait()
        if self.latency:
            await asyncio.sleep(self.latency)
        if link.frozen:
            await asyncio.Event().wait()

    async def _open(self) -> None:
        self._deaf, self.latency, self.piece = False, 0.0, 0
        self._flows.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, self.host, self.port, backlog=4096)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._break(list(self._links))

    async def _hang(self) -> None:
        self._flows.clear()

    async def _lose_answers(self, on: bool) -> None:
        self._deaf = on

    async def _reset(self, share: float, dice: random.Random) -> int:
        tasks = [task for task in self._links if dice.random() < share]
        await self._break(tasks)
        return len(tasks)

    async def _freeze(self, share: float, dice: random.Random) -> int:
        links = [link for link in self._links.values() if link and dice.random() < share]
        for link in links:
            link.frozen = True
        return len(links)

    async def _isolate(self) -> None:
        await self._freeze(2.0, random.Random(0))
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _break(self, tasks: list[asyncio.Task[Any]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._links[task] = link = None
        try:
            with suppress(OSError, asyncio.CancelledError, ExceptionGroup):
                await self._flows.wait()
                far_reader, far_writer, port = await self._reach()
                self._links[task] = link = Link(writer, far_writer, port)
                self.most = max(self.most, len(self._links))
                async with asyncio.TaskGroup() as both:
                    both.create_task(self.pump(link, reader, far_writer, False))
                    both.create_task(self.pump(link, far_reader, writer, True))
        finally:
            del self._links[task]
            if link is None:
                writer.transport.abort()
            else:
                link.abort()
            # Aborted sockets are closed in the loop's next turn.
            await asyncio.sleep(0)

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, int]:
        self._turn += 1
        for offset in range(len(self.ports)):
            port = self.ports[(self._turn + offset) % len(self.ports)]
            with suppress(ConnectionRefusedError):
                return *await asyncio.open_connection(HOST, port), port
        raise ConnectionRefusedError
