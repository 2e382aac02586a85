"""Network: the lines between clients, servers, Redis and PostgreSQL, on an event loop in a thread of its own."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

import uvloop

from config.embedded.ports import HOST
from tests.faults.line import Line

T = TypeVar("T")


class Network:
    """Lines that calls from any thread can cut, slow down and hold back; gone with the `with` block."""

    def __init__(self) -> None:
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="network", daemon=True)
        self.lines: list[Line] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for line in self.lines:
            line.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def line(self, *ports: int, host: str = HOST) -> Line:
        """A line to these local ports: each connection goes to the next one that answers."""
        line = Line(ports, self.run, host)
        self.lines.append(line)
        line.open()
        return line

    def run(self, task: Coroutine[Any, Any, T]) -> T:
        """Run on the network's loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(task, self._loop).result(30)
