"""Options: what the user may say to `make run`, read once and refused in one line."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.embedded import StartError
from config.run.commands import SERVERS

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Options:
    port: int
    server: str
    data_dir: Path
    database_url: str | None
    redis_url: str | None

    @property
    def shop_port(self) -> int:
        return self.port + 1

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def shop_url(self) -> str:
        """Another host name as well as another port: for a browser, another site altogether."""
        return f"http://127.0.0.1:{self.shop_port}"

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Options":
        """StartError naming the variable that cannot be used."""
        port = environ.get("PORT") or "8000"
        if not (port.isascii() and port.isdecimal() and 1 <= int(port) <= 65_534):
            raise StartError(f"PORT must be a number from 1 to 65534; it is {port!r}.")
        server = environ.get("SERVER") or "daphne"
        if server not in SERVERS:
            raise StartError(f"SERVER must be {' or '.join(SERVERS)}; it is {server!r}.")
        return cls(
            port=int(port),
            server=server,
            data_dir=Path(environ.get("DATA_DIR") or ROOT / ".data").absolute(),
            database_url=_value(environ, "DATABASE_URL"),
            redis_url=_value(environ, "REDIS_URL"),
        )


def _value(environ: Mapping[str, str], name: str) -> str | None:
    """The variable, or the content of the file that NAME_FILE names, as settings read it."""
    path = environ.get(f"{name}_FILE")
    if environ.get(name) or not path:
        return environ.get(name) or None
    try:
        return Path(path).read_text().strip() or None
    except OSError as error:
        raise StartError(f"{name}_FILE names {path!r}, which cannot be read: {error.strerror}.") from None
