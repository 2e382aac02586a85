"""Valkey: one Redis-compatible server in a data folder, on the loopback address, with a password."""

import signal

import redis

from config.embedded.binaries import valkey_program
from config.embedded.folder import DataFolder, write_private
from config.embedded.ports import HOST
from config.embedded.process import Process
from config.embedded.server import Server


class Valkey(Server):
    """Valkey; `durable` keeps queued tasks and sessions over a restart."""

    name = "Valkey"

    def __init__(self, folder: DataFolder, *, port: int | None = None, durable: bool = True) -> None:
        super().__init__(folder, key="valkey", port=port)
        self.durable = durable

    @property
    def url(self) -> str:
        return f"redis://:{self.folder.secret('valkey_password')}@{HOST}:{self.port}/0"

    def prepare(self) -> None:
        self.program = valkey_program(self.folder)
        self.data = self.folder.server_folder("valkey")
        if not self.data.exists():
            self.data.mkdir()
            self.folder.account.own(self.data, 0o700)

    def process(self, port: int) -> Process:
        # In a file and not among the arguments, which every user of the machine can list.
        configuration = self.data / "valkey.conf"
        lines = [
            f"bind {HOST}",
            f"port {port}",
            f"requirepass {self.folder.secret('valkey_password')}",
            f'dir "{self.data}"',
            # Sessions, presence and queued tasks must never be dropped to make room.
            "maxmemory-policy noeviction",
            f"appendonly {'yes' if self.durable else 'no'}",
            'save ""',
        ]
        write_private(configuration, "\n".join(lines) + "\n")
        self.folder.account.own(configuration, 0o600)
        return Process(
            self.name,
            [self.program, configuration],
            log=self.folder.logs / "valkey.log",
            account=self.folder.account,
            cwd=self.data,
            stop_signal=signal.SIGTERM,
        )

    def answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_connect_timeout=2, socket_timeout=2) as client:
                return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False
