"""Servers: PostgreSQL and Valkey together, with their data in one folder."""

from pathlib import Path
from types import TracebackType
from typing import Self

from config.embedded.folder import DataFolder
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey


class Servers:
    """The servers of one installation.

    `durable=False` trades safety for speed, for data nobody will miss. `postgres=False` and `valkey=False` leave
    that server out, for those who bring their own.
    """

    def __init__(
        self,
        data_dir: Path | str,
        *,
        durable: bool = True,
        max_connections: int = 100,
        postgres: bool = True,
        valkey: bool = True,
    ) -> None:
        self.folder = DataFolder(Path(data_dir))
        self.postgres = Postgres(self.folder, durable=durable, max_connections=max_connections)
        self.valkey = Valkey(self.folder, durable=durable)
        wanted = ((self.postgres, postgres), (self.valkey, valkey))
        self.wanted = [server for server, is_wanted in wanted if is_wanted]

    @property
    def database_url(self) -> str:
        return self.postgres.url

    @property
    def redis_url(self) -> str:
        return self.valkey.url

    def start(self) -> None:
        """The servers answer when this returns; otherwise StartError, and nothing is left running."""
        self.folder.claim()
        try:
            for server in self.wanted:
                server.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        try:
            self.valkey.stop()
        finally:
            try:
                self.postgres.stop()
            finally:
                self.folder.release()

    def check(self) -> None:
        """StartError when a server has ended by itself."""
        for server in self.wanted:
            server.check()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
