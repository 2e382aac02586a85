"""Server: what PostgreSQL and Valkey have in common: a kept port, a process, a way to know that it answers."""

from abc import ABC, abstractmethod

from config.embedded.errors import StartError
from config.embedded.folder import DataFolder
from config.embedded.ports import HOST, free_port, is_free
from config.embedded.process import Process

ATTEMPTS = 5


class Server(ABC):
    """A server on the loopback address. It can be stopped, killed and started again on the same port."""

    name: str

    def __init__(self, folder: DataFolder, *, key: str, port: int | None) -> None:
        self.folder, self.key, self.wanted_port = folder, key, port
        self._port: int | None = port
        self._process: Process | None = None

    @property
    def port(self) -> int:
        if self._port is None:
            raise StartError(f"{self.name} has not been started.")
        return self._port

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.alive

    def start(self) -> None:
        """Return when the server answers.

        It takes the port it was given, else the one it had last time, else any free one.
        """
        if self.running:
            return
        self.prepare()
        for _ in range(ATTEMPTS):
            self._port = self._choose_port()
            process = self._process = self.process(self._port)
            process.start()
            try:
                process.wait_until(self.answers)
            except StartError:
                output = process.output()
                self.kill()
                # Somebody took the port between our look and the server's.
                if "ddress already in use" in output and self.wanted_port is None:
                    continue
                raise
            except BaseException:
                self.kill()
                raise
            self.folder.note(f"{self.key}_port", self._port)
            return
        raise StartError(f"{self.name} found no free port on {HOST}.")

    def stop(self) -> None:
        """Shut down in order; everything that was confirmed to a client is kept."""
        if self._process:
            self._process.stop(30)
            self._process = None

    def kill(self) -> None:
        """End the server as a power cut would."""
        if self._process:
            self._process.kill()
            self._process = None

    def check(self) -> None:
        """StartError with the server's last log line when it has ended by itself."""
        if self._process:
            self._process.check()

    def _choose_port(self) -> int:
        if self.wanted_port is not None:
            if not is_free(self.wanted_port):
                raise StartError(f"{self.name} cannot start: port {self.wanted_port} on {HOST} is in use.")
            return self.wanted_port
        kept = self._port or self.folder.number(f"{self.key}_port")
        return kept if kept and is_free(kept) else free_port()

    @abstractmethod
    def prepare(self) -> None:
        """Everything that comes before the process: programs, files, leftovers."""

    @abstractmethod
    def process(self, port: int) -> Process:
        """The process that listens on this port, not started."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it serves."""
