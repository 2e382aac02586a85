"""Driver: the real clients, in a Node process of their own, told what to do and listened to."""

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any, Self

from config.run.options import ROOT

BUILT = Path("frontend") / "build" / "driver.mjs"
# Clients of the version before: built from the sources of the commit in its first line, and never again.
PREVIOUS = Path(__file__).parent / "previous" / "driver.mjs"


@dataclass(frozen=True, slots=True)
class Part:
    """One tab to be played."""

    id: str
    kind: str
    browser: str
    server: str
    origin: str
    site: str = ""
    cookie: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """What one client did or heard, `at` in seconds of the monotonic clock."""

    at: float
    client: str
    what: str
    rest: tuple[Any, ...]


def build(source: Path) -> None:
    """The driver of these sources is in place afterwards."""
    subprocess.run(["node", "scripts/build.mjs", "driver"], cwd=source / "frontend", check=True, timeout=120)


class Driver:
    """Many clients. Everything they report is in `events`, in the order it was read."""

    def __init__(
        self,
        events: list[Event],
        program: Path = ROOT / BUILT,
        *,
        clock_skew: int = 0,
        prefix: Sequence[str] = (),
    ) -> None:
        self._events, self._program, self._prefix = events, program, prefix
        self.is_previous = program == PREVIOUS
        self._environment = {**os.environ, "CLOCK_SKEW_SECONDS": str(clock_skew)}
        self._tags = count(1)
        self._states: dict[int, dict[str, Any]] = {}
        self._arrived = threading.Condition()
        self.parts: dict[str, Part] = {}

    def __enter__(self) -> Self:
        self._node = subprocess.Popen(
            [*self._prefix, "node", "--max-old-space-size=2048", str(self._program)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=self._environment,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, name="driver", daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._node.stdin is not None
        try:
            # It ends with its input.
            self._node.stdin.close()
            self._node.wait(5)
        except (OSError, subprocess.TimeoutExpired):
            self._node.kill()
            self._node.wait()
        self._reader.join(5)

    def start(self, parts: Iterable[Part], seconds: float = 0.0) -> None:
        """Open these tabs, spread over that time."""
        parts = list(parts)
        self.parts |= {part.id: part for part in parts}
        self._tell({"do": "start", "parts": [asdict(part) for part in parts], "seconds": seconds})

    def open(self, rooms: dict[str, list[str]]) -> None:
        """Show these rooms in the agents' tabs."""
        self._tell({"do": "open", "rooms": rooms})

    def load(self, seconds: float, rate: float, seed: int, ids: Iterable[str] | None = None) -> None:
        """Each client writes `rate` texts a second, for so many seconds."""
        command = {"do": "load", "seconds": seconds, "rate": rate, "seed": seed}
        self._tell(command if ids is None else {**command, "ids": list(ids)})

    def quiet(self) -> None:
        self._tell({"do": "quiet"})

    def act(self, verb: str, ids: Iterable[str]) -> None:
        """say, stop, vanish, stall, drain, wake or look."""
        self._tell({"do": verb, "ids": list(ids)})

    def states(self, ids: Iterable[str] | None = None, *, brief: bool = False) -> dict[str, Any]:
        """What each client shows, and what it still has to send."""
        tag = next(self._tags)
        command: dict[str, Any] = {"do": "state", "tag": tag, "brief": brief}
        self._tell(command if ids is None else {**command, "ids": list(ids)})
        with self._arrived:
            if not self._arrived.wait_for(lambda: tag in self._states or self._node.poll() is not None, 20):
                raise TimeoutError("the driver does not answer")
            if tag not in self._states:
                raise RuntimeError(f"the driver ended with {self._node.returncode}")
            return self._states.pop(tag)

    def until(self, ready: Callable[[dict[str, Any]], bool], seconds: float, what: str) -> None:
        """Return when all clients' brief states are as wanted; TimeoutError when they are not in time."""
        deadline = time.monotonic() + seconds
        while not ready(states := self.states(brief=True)):
            if time.monotonic() > deadline:
                shown = dict(list(states.items())[:3])
                raise TimeoutError(f"{what}: not within {seconds:.0f} s, such as {shown}")
            time.sleep(0.1)

    def _tell(self, command: dict[str, Any]) -> None:
        assert self._node.stdin is not None
        self._node.stdin.write(json.dumps(command) + "\n")
        self._node.stdin.flush()

    def _read(self) -> None:
        assert self._node.stdout is not None
        for line in self._node.stdout:
            first, second, third, *rest = json.loads(line)
            if first == "state":
                with self._arrived:
                    self._states[second] = third
                    self._arrived.notify_all()
            else:
                self._events.append(Event(first, second, third, tuple(rest)))
        with self._arrived:
            self._arrived.notify_all()
