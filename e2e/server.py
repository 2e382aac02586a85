"""PorchlightServer: the real server as a process of its own, which a test may stop, kill and start again."""

import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psycopg
from psycopg import sql

from config.embedded.ports import free_port
from config.embedded.process import Process
from config.run import commands
from config.run.options import ROOT
from config.run.supervisor import answers


class PorchlightServer:
    """One web server, its worker and the demo shop, on a database of their own."""

    def __init__(self, kind: str, *, database_url: str, redis_url: str, folder: Path) -> None:
        self.port, self.shop_port, self.folder = free_port(), free_port(), folder
        self.url = f"http://localhost:{self.port}"
        # Another host name: for a browser another site, as with a real shop.
        self.shop_url = f"http://127.0.0.1:{self.shop_port}"
        ours = ("PUBLIC_URL", "DATABASE_POOL")
        self.env = {
            **commands.environment(
                {name: value for name, value in os.environ.items() if name not in ours},
                port=self.port,
                database_url=database_url,
                redis_url=redis_url,
                secret="only-for-browser-tests-0123456789-0123456789-0123456789",
            ),
            "DEMO_ORIGIN": self.shop_url,
            "DEMO_PASSWORD": "lamp-over-the-door",
        }
        self.demo: dict[str, Any] = {}
        self.web = self.process("web", commands.web(kind, self.port))
        self.worker = self.process("worker", commands.worker())
        self.shop: Process | None = None

    @property
    def site_key(self) -> str:
        return str(self.demo["site_key"])

    @property
    def password(self) -> str:
        """Of alice, bob and grace."""
        return self.env["DEMO_PASSWORD"]

    @property
    def site_id(self) -> int:
        with psycopg.connect(self.env["DATABASE_URL"]) as connection:
            row = connection.execute("SELECT id FROM support_site WHERE key = %s", [self.site_key]).fetchone()
        assert row, "prepare() first"
        return int(row[0])

    def new_token(self) -> str:
        """Of a customer who comes for the first time."""
        request = Request(  # noqa: S310 - our own server
            f"{self.url}/widget/session",
            json.dumps({"site": self.site_key}).encode(),
            {"Content-Type": "application/json", "Origin": self.shop_url},
        )
        with urlopen(request) as answer:  # noqa: S310 - our own server
            return str(json.load(answer)["token"])

    def prepare(self) -> None:
        """Migrate and seed; afterwards the site key is known."""
        result = self.folder / "demo.json"
        prepare = self.process("prepare", [*commands.PREPARE, str(result)])
        prepare.start()
        prepare.wait(120)
        self.demo = json.loads(result.read_text())
        self.shop = self.process("shop", commands.shop(self.shop_port, self.url, self.site_key))

    def start(self) -> None:
        """Return when pages are served; on the same port as before."""
        assert self.shop, "prepare() first"
        for process in (self.web, self.worker, self.shop):
            if not process.alive:
                process.start()
        self.web.wait_until(lambda: answers(self.port, "/sign-in/"))
        self.shop.wait_until(lambda: answers(self.shop_port, "/"))

    def stop(self) -> None:
        """Stop as an operator would: SIGTERM, and time to say good-bye to the sockets."""
        running = [process for process in (self.web, self.worker, self.shop) if process]
        for process in running:
            process.ask_to_stop()
        for process in running:
            process.stop()

    def kill_web(self) -> None:
        """The web server disappears as in a power cut; `start()` brings it back."""
        self.web.kill()

    def stop_web(self) -> None:
        """The web server is asked to go, as in a deployment; `start()` brings it back."""
        self.web.stop()

    def process(self, name: str, argv: list[str]) -> Process:
        return Process(name, argv, log=self.folder / f"{name}.log", env=self.env, cwd=ROOT)


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """The URL of an empty database on that server, dropped at the end."""
    name = f"e2e_{secrets.token_hex(4)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield server_url.rsplit("/", 1)[0] + f"/{name}"
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def running_server(kind: str) -> Iterator[PorchlightServer]:
    """A prepared and started server on the PostgreSQL and Redis of this test run."""
    with (
        tempfile.TemporaryDirectory(prefix="porchlight-e2e-") as folder,
        fresh_database(os.environ["DATABASE_URL"]) as url,
    ):
        server = PorchlightServer(kind, database_url=url, redis_url=os.environ["REDIS_URL"], folder=Path(folder))
        try:
            server.prepare()
            server.start()
            yield server
        finally:
            server.stop()
