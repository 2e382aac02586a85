"""Servers that an earlier run left behind, found by the process number they wrote down."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from config.embedded.errors import StartError


def read_pid(path: Path) -> int | None:
    """The number on the first line of the file; None when there is none."""
    try:
        return int(path.read_text().split()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None


def is_running_with(pid: int, argument: Path) -> bool:
    """Whether that process is alive and has this path on its command line (numbers are used again)."""
    try:
        return str(argument).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        if Path("/proc/self").exists():
            return False
    # macOS has no /proc.
    listed = subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return str(argument) in listed.stdout


def end(pid: int, signum: signal.Signals, lives: Callable[[], bool], seconds: float = 30) -> None:
    """Stop a process that is not our child; StartError when it outlives even SIGKILL."""
    for attempt in (signum, signal.SIGKILL):
        try:
            os.kill(pid, attempt)
        except ProcessLookupError:
            return
        except PermissionError:
            raise StartError(
                f"Process {pid} from an earlier run still uses the data and is not ours to stop."
            ) from None
        deadline = time.monotonic() + seconds
        while lives() and time.monotonic() < deadline:
            time.sleep(0.05)
        if not lives():
            return
    raise StartError(f"Process {pid} from an earlier run still uses the data and does not end.")
