"""Effort: how much of the machine the run used, and how much was taken by others."""

import os
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


class Effort:
    """Measures from when it is made."""

    def __init__(self) -> None:
        self._began, self._busy, self._ours = time.monotonic(), _busy(), _ours()

    def of_others(self) -> float:
        """How many cores were busy, on average, with processes that this run did not start."""
        seconds = time.monotonic() - self._began
        return max(0.0, (_busy() - self._busy) - (_ours() - self._ours)) / seconds


def _busy() -> float:
    """Seconds that all cores together have worked."""
    user, nice, system, _idle, _wait, *rest = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:])
    return (user + nice + system + sum(rest[:3])) / TICKS


def _ours() -> float:
    """Seconds that this process and everything below it have worked."""
    parents, spent = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        pid = int(folder.name)
        parents[pid] = int(fields[1])
        spent[pid] = sum(map(int, fields[11:15])) / TICKS
    return sum(seconds for pid, seconds in spent.items() if _is_below(pid, parents))


def _is_below(pid: int, parents: dict[int, int]) -> bool:
    while pid > 1:
        if pid == os.getpid():
            return True
        pid = parents.get(pid, 0)
    return False
