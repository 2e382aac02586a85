"""Valkey: one Redis-compatible server in a data folder, on the loopback address, with a password."""

import signal

import redis

from config.embedded.binaries import valkey_program
from config.embedded.folder import DataFolder, write_private
from config.embedded.leftovers import end, is_running_with, read_pid
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
        self.configuration, self.pid_file = self.data / "valkey.conf", self.data / "valkey.pid"
        if not self.data.exists():
            self.data.mkdir()
            self.folder.account.own(self.data, 0o700)
        # Two servers appending to one file would ruin it.
        pid = read_pid(self.pid_file)
        if pid is not None and is_running_with(pid, self.configuration):
            end(pid, signal.SIGTERM, lambda: is_running_with(pid, self.configuration))

    def process(self, port: int) -> Process:
        # In a file and not among the arguments, which every user of the machine can list.
        lines = [
            f"bind {HOST}",
            f"port {port}",
            f"requirepass {self.folder.secret('valkey_password')}",
            f'dir "{self.data}"',
            f'pidfile "{self.pid_file}"',
            # The command line keeps naming the configuration, by which a leftover is recognised.
            "set-proc-title no",
            # Sessions, presence and queued tasks must never be dropped to make room.
            "maxmemory-policy noeviction",
            f"appendonly {'yes' if self.durable else 'no'}",
            'save ""',
        ]
        write_private(self.configuration, "\n".join(lines) + "\n")
        self.folder.account.own(self.configuration, 0o600)
        return Process(
            self.name,
            [self.program, self.configuration],
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
