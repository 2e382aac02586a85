"""Cluster: two web servers behind a balancer, each with lines of its own to Redis and PostgreSQL."""

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from config.embedded import Servers
from config.embedded.ports import HOST, free_port
from config.embedded.process import Process
from config.embedded.server import Server
from config.run import commands
from config.run.options import ROOT
from config.run.supervisor import answers
from tests.faults.ground import SECRET
from tests.faults.line import Line
from tests.faults.network import Network


class Web:
    """One web server process and its own two lines."""

    def __init__(self, name: str, cluster: "Cluster", source: Path = ROOT, prefix: Sequence[str] = ()) -> None:
        self.name, self.port = name, free_port()
        servers = cluster.servers
        self.redis = cluster.network.line(servers.valkey.port)
        self.database = cluster.network.line(servers.postgres.port)
        self.log = cluster.folder / f"{name}.log"
        self.process = Process(
            f"web server {name}",
            [*prefix, *commands.web(cluster.kind, self.port)],
            log=self.log,
            env=dict(cluster.environment),
            cwd=source,
        )
        self.stand_on(servers)

    def stand_on(self, servers: Servers) -> None:
        """Which PostgreSQL and Redis it reaches by its lines, from its next start."""
        self.redis.ports[:], self.database.ports[:] = [servers.valkey.port], [servers.postgres.port]
        self.process.env = {
            **(self.process.env or {}),
            "DATABASE_URL": _through(servers.database_url, self.database),
            "REDIS_URL": _through(servers.redis_url, self.redis),
        }

    @property
    def pid(self) -> int:
        assert self.process.pid, f"{self.name} runs"
        return self.process.pid

    def start(self) -> None:
        """Return when it serves."""
        self.process.start()
        self.process.wait_until(lambda: answers(self.port, "/sign-in/"))

    def stop(self) -> None:
        self.process.stop(15)


class Cluster:
    """The servers under test. `front` is the address that clients know."""

    def __init__(
        self,
        kind: str,
        servers: Servers,
        network: Network,
        folder: Path,
        *,
        source: Path = ROOT,
        prefixes: tuple[list[str], list[str]],
    ) -> None:
        self.kind, self.servers, self.network, self.folder, self.source = kind, servers, network, folder, source
        self.front = network.line(1)
        self.entrances = [self.front]
        self.url = f"http://localhost:{self.front.port}"
        self.environment = commands.environment(
            {"PUBLIC_URL": self.url, "ALLOWED_HOSTS": "localhost,127.0.0.1,10.213.0.1", **_of_the_machine()},
            port=self.front.port,
            database_url="",
            redis_url="",
            secret=SECRET,
        )
        self.webs = [Web(f"{kind}-{n}", self, source, prefix) for n, prefix in enumerate(prefixes)]
        self.front.ports[:] = [web.port for web in self.webs]

    def __enter__(self) -> Self:
        for web in self.webs:
            web.process.start()
        for web in self.webs:
            web.process.wait_until(lambda web=web: answers(web.port, "/sign-in/"))  # type: ignore[misc]
        return self

    def __exit__(self, *_: object) -> None:
        for web in self.webs:
            web.process.ask_to_stop()
        for web in self.webs:
            web.stop()
        for line in (*self.entrances, *(line for web in self.webs for line in (web.redis, web.database))):
            line.cut()

    def move_to(self, servers: Servers) -> None:
        """The same processes anew, on other servers."""
        self.servers = servers
        for web in self.webs:
            web.stop()
            web.stand_on(servers)
            web.start()

    def wifi(self, host: str = HOST) -> Line:
        """Another way to the same servers, for clients whose network is bad."""
        line = self.network.line(*self.front.ports, host=host)
        self.entrances.append(line)
        return line

    def clients_of(self, web: Web) -> int:
        """How many connections come to it through the lines."""
        return sum(line.connections_to(web.port) for line in self.entrances)


def pid_of(server: Server) -> int:
    """The process of an embedded server."""
    process = server._process
    assert process is not None, f"{server.name} runs"
    assert process.pid is not None, f"{server.name} runs"
    return process.pid


def wait(ready: object, seconds: float, what: str) -> float:
    """Return after how many seconds the callable was true; TimeoutError when it was not in time."""
    assert callable(ready)
    began = time.monotonic()
    while True:
        with suppress(OSError):
            if ready():
                return time.monotonic() - began
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.05)


def _through(url: str, line: Line) -> str:
    before, _, after = url.rpartition("@")
    _, _, path = after.partition("/")
    return f"{before}@{line.host}:{line.port}/{path}"


def _of_the_machine() -> dict[str, str]:
    """What a process needs, and nothing that settings read: neither a shell nor `.data/env` may change a test."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH")
    return {**{name: os.environ[name] for name in kept if name in os.environ}, "DATA_DIR": "/nonexistent"}
