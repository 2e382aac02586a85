"""Supervisor: starts everything in order, watches it, and stops everything when any part ends."""

import http.client
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from config.embedded import Servers, StartError
from config.embedded.folder import write_private
from config.embedded.ports import HOST, is_free
from config.embedded.process import Process
from config.run import commands
from config.run.options import ROOT, Options
from config.run.stop import ignore_signals
from config.run.summary import shown

WATCH_SECONDS = 0.25


class Supervisor:
    """One `make run`. After `stop()` nothing it started is alive, and the data is complete."""

    def __init__(self, options: Options, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
        self.options, self.environ, self.say = options, environ, say
        self.servers = Servers(
            options.data_dir, postgres=options.database_url is None, valkey=options.redis_url is None
        )
        self.folder = self.servers.folder
        self.env_file = options.data_dir / "env"
        self.processes: list[Process] = []
        self.env: dict[str, str] = {}

    def start(self) -> dict[str, Any]:
        """Everything answers when this returns what was seeded. StartError: one line for the user."""
        self.servers.folder.claim()
        self._check_ports()
        self.servers.start()
        if self.servers.wanted:
            names = " and ".join(server.name for server in self.servers.wanted)
            self.say(f"{names} running, data in {shown(self.folder.home)}")
        self._write_environment()
        demo = self._prepare()
        self.say("Database up to date, demo site and accounts in place")
        self._start_processes(demo["site_key"])
        self.say(
            f"Web server ({self.options.server}), worker, beat and demo shop running, logs in {shown(self.folder.logs)}"
        )
        return demo

    def add(self, name: str, argv: list[str], log: str) -> Process:
        """Start a process that is watched and stopped with the others."""
        process = Process(name, argv, log=self.folder.logs / f"{log}.log", env=self.env, cwd=ROOT)
        # Before it starts: a signal may arrive in between.
        self.processes.append(process)
        process.start()
        return process

    def watch(self) -> None:
        """Return never; StartError as soon as any part has ended by itself."""
        while True:
            self.servers.check()
            for process in self.processes:
                process.check()
            time.sleep(WATCH_SECONDS)

    def stop(self) -> None:
        """First those who use the servers, side by side, then the servers."""
        ignore_signals()
        for process in self.processes:
            process.ask_to_stop()
        for process in self.processes:
            process.stop()
        # Only the run that holds the folder may say that its servers are gone.
        if self.env:
            self.env_file.unlink(missing_ok=True)
        self.servers.stop()

    def _check_ports(self) -> None:
        # The environment file outlives only a run that was killed, whose processes may be ending just now.
        deadline = time.monotonic() + (10 if self.env_file.exists() else 0)
        ports = {self.options.port: "the application", self.options.shop_port: "the demo shop"}
        for port, purpose in ports.items():
            while not is_free(port):
                if time.monotonic() > deadline:
                    raise StartError(
                        f"Port {port}, for {purpose}, is in use. Choose another pair of ports with PORT, "
                        f"such as `make run PORT={self.options.port + 100}`."
                    )
                time.sleep(0.1)

    def _write_environment(self) -> None:
        self.env = commands.environment(
            self.environ,
            port=self.options.port,
            database_url=self.options.database_url or self.servers.database_url,
            redis_url=self.options.redis_url or self.servers.redis_url,
            secret=self.environ.get("SECRET_KEY") or self.folder.secret("secret_key"),
        )
        self.env |= {
            "DATA_DIR": str(self.options.data_dir),
            "DEMO_PASSWORD": self.folder.secret("demo_password", 9),
            "DEMO_ORIGIN": self.options.shop_url,
        }
        kept = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PUBLIC_URL")
        write_private(self.env_file, "".join(f"{name}={self.env[name]}\n" for name in kept))

    def _prepare(self) -> dict[str, Any]:
        result = self.options.data_dir / "demo.json"
        process = self.add("Preparing database and Redis", [*commands.PREPARE, str(result)], "prepare")
        process.wait(600)
        self.processes.remove(process)
        demo: dict[str, Any] = json.loads(result.read_text())
        return demo

    def _start_processes(self, site_key: str) -> None:
        options = self.options
        web = self.add(f"The web server ({options.server})", commands.web(options.server, options.port), "web")
        worker = self.add("The worker", commands.worker(), "worker")
        self.add("Beat", commands.beat(options.data_dir / "beat-schedule"), "beat")
        shop = self.add("The demo shop", commands.shop(options.shop_port, options.url, site_key), "shop")
        web.wait_until(lambda: answers(options.port, "/inbox/"))
        shop.wait_until(lambda: answers(options.shop_port, "/"))
        worker.wait_until(lambda: " ready." in worker.output())


def answers(port: int, path: str) -> bool:
    """Whether an HTTP server there answers this path; an error page of its own (5xx) is no answer."""
    with suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection(HOST, port, timeout=5)
        try:
            connection.request("GET", path, headers={"Host": f"localhost:{port}"})
            return connection.getresponse().status < 500
        finally:
            connection.close()
    return False
