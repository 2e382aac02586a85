"""Process: a child with a log that ends when we end, however we end."""

import ctypes
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from config.embedded.account import Account
from config.embedded.errors import StartError

PR_SET_PDEATHSIG = 1
LOG_LIMIT = 5 * 1024 * 1024
REASON = re.compile(r"\b(FATAL|PANIC|CRITICAL|ERROR)\b|\w*(Error|Exception)\b|[Ff]ailed|[Cc]ould not")
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(parent: int, signum: int) -> None:
    """Have the kernel send this process a signal when its parent ends, even by SIGKILL. Linux only; else nothing."""
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signum)


class Process:
    """A child process in its own session: Ctrl-C in the terminal reaches only us, and we stop it in order.

    On Linux it also ends when we are killed outright, if it was started from the main thread.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        log: Path,
        account: Account | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name, self.argv, self.log = name, [str(word) for word in argv], log
        self.account, self.env, self.cwd, self.stop_signal = (
            account,
            env,
            cwd,
            stop_signal,
        )
        self._child: subprocess.Popen[bytes] | None = None
        self._log_start = 0
        # Some programs take a second signal as impatience and drop what they are doing.
        self._asked = False

    def start(self) -> None:
        """Start the program; its output is appended to the log, whose predecessor is kept once."""
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        self._asked = False
        # The kernel's "parent" is the thread that forked: one that ends must not take its servers with it.
        guarded = threading.current_thread() is threading.main_thread()
        parent, last_signal = os.getpid(), self.stop_signal
        with self.log.open("ab") as output:
            self._log_start = output.tell()
            try:
                self._child = subprocess.Popen(
                    self.argv,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=self.env,
                    cwd=self.cwd,
                    start_new_session=True,
                    # Runs after the change of user, which would clear it.
                    preexec_fn=(lambda: die_with_parent(parent, last_signal)) if guarded else None,  # noqa: PLW1509
                    **(self.account.identity() if self.account else {}),
                )
            except OSError as error:
                raise StartError(f"{self.name} cannot start: {error.strerror}: {error.filename}") from None

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def wait_until(self, ready: Callable[[], bool], seconds: float = 60) -> None:
        """Return as soon as `ready()`; StartError with the last log line when the process ends or time is up."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.alive:
                raise StartError(self.post_mortem("stopped while starting"))
            if time.monotonic() > deadline:
                raise StartError(self.post_mortem(f"was not ready within {seconds:.0f} s"))
            time.sleep(0.02)
        # What was said on the way up, such as "starting up" to an early question, explains no later end.
        self._log_start = self.log.stat().st_size

    def wait(self, seconds: float = 60) -> None:
        """Return when the program has ended well; StartError with its last log line when it failed."""
        if self._child is None:
            return
        try:
            code = self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise StartError(self.post_mortem(f"did not end within {seconds:.0f} s")) from None
        if code:
            raise StartError(self.post_mortem("failed"))

    def check(self) -> None:
        """StartError with the last log line when the process has ended by itself."""
        if self._child is not None and not self.alive:
            raise StartError(self.post_mortem("has stopped"))

    def ask_to_stop(self) -> None:
        """Send the stop signal and return at once, so that several processes can stop side by side."""
        if self._child is not None and self.alive and not self._asked:
            self._child.send_signal(self.stop_signal)
            self._asked = True

    def stop(self, seconds: float = 10) -> None:
        """Ask politely, then insist. Afterwards nothing of this process is left."""
        if self._child is None:
            return
        self.ask_to_stop()
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """SIGKILL to the process and everything in its session's group."""
        if self._child is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        self._child = None

    def output(self) -> str:
        """What this run has written to its log, since it was ready when it is."""
        with self.log.open("rb") as log:
            log.seek(max(self._log_start, self.log.stat().st_size - 64 * 1024))
            return log.read().decode(errors="replace")

    def last_line(self) -> str:
        """The last line if none of the last few names a fault, else that one."""
        lines = [line.strip() for line in self.output().splitlines() if line.strip()][-20:]
        faults = [line for line in lines if REASON.search(line)]
        return (faults or lines or ["it wrote nothing"])[-1]

    def post_mortem(self, what: str) -> str:
        code = self._child.poll() if self._child else None
        if code is not None and code < 0:
            # It was killed: what it wrote last has nothing to do with it.
            return f"{self.name} {what} (killed by signal {-code}; log: {self.log})"
        how = "" if code is None else f" (exit code {code})"
        return f"{self.name} {what}{how}: {self.last_line()} (log: {self.log})"
