"""`make run` from the outside: what it starts, what it prints, and that it leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import httpx
import pytest

from config.embedded import StartError
from config.embedded.folder import MARKER
from config.embedded.leftovers import read_pid
from config.run.options import Options
from config.run.stop import SIGNALS
from config.run.summary import progress
from config.run.supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[2]
OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PUBLIC_URL", "DATABASE_POOL", "MAKELEVEL", "PORT", "SERVER")


def environment(folder: Path, port: int, **changes: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in OURS}
    return {**inherited, "DATA_DIR": str(folder), "PORT": str(port), **changes}


class Run:
    """A `make run` in a process of its own."""

    def __init__(self, folder: Path, port: int, **changes: str) -> None:
        self.port = port
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.run"],
            cwd=ROOT,
            env=environment(folder, port, **changes),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.printed = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.process.terminate()
        self.rest()

    def read_until(self, text: str) -> str:
        """Everything it prints up to a line with this text."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed += line
            if text in line:
                return self.printed
        raise AssertionError(f"It never printed {text!r}, but:\n{self.printed}")

    def rest(self) -> str:
        """Everything it still prints until it ends."""
        assert self.process.stdout is not None
        rest = "" if self.process.stdout.closed else self.process.stdout.read()
        self.process.stdout.close()
        self.process.wait(30)
        return rest

    def children(self) -> dict[str, int]:
        """The processes it has started, by what they are."""
        listed = subprocess.run(
            ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        kinds = {
            "bin/postgres": "postgres",
            "valkey-server": "valkey",
            "-m daphne": "web",
            "-m uvicorn": "web",
            " worker ": "worker",
            " beat ": "beat",
            "config.demo": "shop",
        }
        return {
            kind: int(line.split()[0]) for line in listed.splitlines() for mark, kind in kinds.items() if mark in line
        }

    def fetch(self, path: str, port: int | None = None) -> str:
        origin = f"http://127.0.0.1:{port}" if port else f"http://localhost:{self.port}"
        return httpx.get(origin + path, timeout=10).raise_for_status().text


def refused(folder: Path, port: int, **changes: str) -> str:
    """The one line of a start that fails."""
    done = subprocess.run(
        [sys.executable, "-m", "config.run"],
        cwd=ROOT,
        env=environment(folder, port, **changes),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stdout) == (1, "")
    line = done.stderr.strip()
    assert "\n" not in line
    return line


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.timeout(180)
def test_a_whole_life(used_folder: Path, port: int) -> None:
    """Start, use, refuse a twin, stop in order; start again with the other server, and crash."""
    with Run(used_folder, port) as run:
        printed = run.read_until("Ctrl-C stops everything")
        children = run.children()
        assert set(children) == {"postgres", "valkey", "web", "worker", "beat", "shop"}
        password = re.search(r"alice, bob, grace +password (\S+)", printed)
        assert password
        key = re.search(rf"http://localhost:{port}/chat/(\w+)", printed)
        assert key
        assert "Porchlight" in run.fetch("/sign-in/")
        assert f'data-site="{key[1]}"' in run.fetch("/", port + 1)

        manage = subprocess.run(
            [sys.executable, "manage.py", "migrate", "--check"],
            cwd=ROOT,
            env=environment(used_folder, port),
            capture_output=True,
            check=False,
        )
        assert manage.returncode == 0, "manage.py finds the running servers without being told"
        assert f"is in use: Porchlight is already running there (process {run.process.pid})" in refused(
            used_folder, port
        )
        assert run.fetch("/sign-in/")

        run.process.send_signal(signal.SIGINT)
        assert "Everything is kept" in run.rest()
        assert run.process.returncode == 0
        assert [kind for kind, pid in children.items() if alive(pid)] == []
        assert not (used_folder / "env").exists()

    with Run(used_folder, port, SERVER="uvicorn") as run:
        again = run.read_until("Ctrl-C stops everything")
        assert password[0] in again
        assert key[0] in again
        children = run.children()
        run.process.kill()
        # Their ends of the pipe are closed when they are gone.
        run.rest()
        wait_for(lambda: not [kind for kind, pid in children.items() if alive(pid)])


def test_a_part_that_dies_ends_the_rest(used_folder: Path, port: int) -> None:
    """It is named with how it ended and where its log is; nothing is left in a half-working state."""
    options = Options(port, "daphne", used_folder, None, os.environ["REDIS_URL"])
    supervisor = Supervisor(options, os.environ, progress)
    try:
        supervisor.servers.start()
        supervisor.env = dict(os.environ)
        script = "import signal; print('Working.', flush=True); signal.pause()"
        part = supervisor.add("The part", [sys.executable, "-c", script], "part")
        other = supervisor.add("The other part", [sys.executable, "-c", script], "other")
        part.wait_until(lambda: "Working." in part.output())
        assert part.pid
        os.kill(part.pid, signal.SIGKILL)
        with pytest.raises(StartError, match=r"^The part has stopped \(killed by signal 9; log: .*/part\.log\)$"):
            supervisor.watch()
    finally:
        # What `stop` does with signals is for a process that ends.
        handlers = {signum: signal.getsignal(signum) for signum in SIGNALS}
        supervisor.stop()
        for signum, handler in handlers.items():
            signal.signal(signum, handler)
    assert not other.alive
    assert not supervisor.servers.postgres.running


def test_a_port_in_use_names_the_variable(folder: Path, port: int) -> None:
    """For the application as well as for the shop, before anything has been started."""
    for taken, purpose in ((port, "the application"), (port + 1, "the demo shop")):
        with socket.create_server(("127.0.0.1", taken)):
            line = refused(folder, port)
        assert line.startswith(f"Port {taken}, for {purpose}, is in use. Choose another pair of ports with PORT")
    assert not (folder / "postgres").exists()


def test_a_foreign_folder_is_refused(folder: Path, port: int) -> None:
    (folder / "thesis.odt").touch()
    assert "is not empty and not Porchlight's" in refused(folder, port)


def test_an_unreachable_database_is_one_line(folder: Path, port: int) -> None:
    """Servers of one's own are used, and no others are started in their place."""
    own = {"DATABASE_URL": "postgres://x:y@127.0.0.1:1/z", "REDIS_URL": os.environ["REDIS_URL"]}
    line = refused(folder, port, **own)
    assert line.startswith("Preparing database and Redis failed (exit code 1)")
    assert "Connection refused" in line
    own = {"DATABASE_URL": os.environ["DATABASE_URL"], "REDIS_URL": "redis://127.0.0.1:1/0"}
    assert "Error 111 connecting to 127.0.0.1:1" in refused(folder, port, **own)
    assert not (folder / "postgres").exists()
    assert not (folder / "valkey").exists()


def test_ctrl_c_while_starting_stops_what_was_started(folder: Path, port: int) -> None:
    """At any moment, also before there is anything to see."""
    with Run(folder, port) as run:
        wait_for((folder / MARKER).exists)
        run.process.send_signal(signal.SIGINT)
        assert "Stopped." in run.rest()
        assert run.process.returncode == 0
    pid = read_pid(folder / "postgres" / "postmaster.pid")
    assert pid is None or not alive(pid)
