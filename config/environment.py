"""The environment as settings read it: typed, with `*_FILE` for secrets, and one clear line when it is wrong."""

import os
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from support.origin import Origin

BASE_DIR = Path(__file__).resolve().parent.parent


class Environment:
    """Reads variables; a missing or broken one raises ImproperlyConfigured naming it and what it should look like."""

    def __init__(self) -> None:
        self.env = environ.Env()
        local = Path(os.environ.get("DATA_DIR") or BASE_DIR / ".data") / "env"
        if local.is_file() and os.access(local, os.R_OK):
            # Written by `make run`, so that `manage.py` finds the servers that are running.
            environ.Env.read_env(local, overwrite=False)

    def text(self, name: str, example: str, default: str | None = None) -> str:
        value = os.environ.get(name) or self._from_file(name) or default
        if value is None:
            raise ImproperlyConfigured(
                f"{name} is not set. Set it to something like {example!r}, or start with `make run`."
            )
        return value

    def number(self, name: str, default: int, minimum: int = 0) -> int:
        raw = os.environ.get(name) or str(default)
        if not raw.isdecimal() or int(raw) < minimum:
            least = f" of at least {minimum}" if minimum else ""
            raise ImproperlyConfigured(f"{name} must be a whole number{least}, such as {default}; it is {raw!r}.")
        return int(raw)

    def secret(self, name: str, minimum: int) -> str:
        """A text of at least so many characters; the message never repeats it."""
        value = self.text(name, example=f"{minimum} random characters")
        if len(value) < minimum:
            raise ImproperlyConfigured(f"{name} must have at least {minimum} random characters; it has {len(value)}.")
        return value

    def flag(self, name: str, default: bool) -> bool:
        raw = (os.environ.get(name) or str(int(default))).strip().lower()
        if raw in {"1", "true", "yes", "on"}:
            return True
        if raw in {"0", "false", "no", "off"}:
            return False
        raise ImproperlyConfigured(f"{name} must be 1 or 0; it is {raw!r}.")

    def words(self, name: str, default: list[str]) -> list[str]:
        raw = os.environ.get(name)
        return default if raw is None else [word.strip() for word in raw.split(",") if word.strip()]

    def url(self, name: str, schemes: set[str], example: str, default: str | None = None) -> str:
        """An address with a host, or where the scheme or a `host` in the query says so, with a socket's path."""
        value = self.text(name, example, default)
        try:
            parts = urlsplit(value)
            # Clusters are written with commas, each host with its port.
            _ = "," in parts.netloc or parts.port
        except ValueError as error:
            # Without the value, which may hold a password.
            raise ImproperlyConfigured(f"{name} cannot be read ({error}). Write it like {example!r}.") from None
        if parts.scheme not in schemes:
            raise ImproperlyConfigured(
                f"{name} must start with {' or '.join(sorted(s + '://' for s in schemes))}, such as {example!r}."
            )
        if not (parts.path if parts.scheme == "unix" else parts.hostname or parse_qs(parts.query).get("host")):
            raise ImproperlyConfigured(f"{name} names no host. Write it like {example!r}.")
        return value

    def origin(self, name: str, example: str, default: str | None = None) -> str:
        """Scheme, host and port as browsers write them; a trailing slash is forgiven."""
        value = self.url(name, {"http", "https"}, example, default)
        origin = Origin.parse(value.removesuffix("/"))
        if origin is None:
            raise ImproperlyConfigured(
                f"{name} must be a scheme, a host (international names as xn--…) and perhaps a port, and nothing "
                f"else, such as {example!r}; it is {value!r}."
            )
        return str(origin)

    def _from_file(self, name: str) -> str | None:
        path = os.environ.get(f"{name}_FILE")
        if path is None:
            return None
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE names {path!r}, which cannot be read: {error.strerror}.") from None


def broker_url(redis_url: str) -> str:
    """The same Redis in the words of Celery, which writes a socket's address in its own way."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    query = {{"db": "virtual_host"}.get(name, name): values[0] for name, values in parse_qs(parts.query).items()}
    return f"redis+socket://{parts.netloc}{parts.path}?{urlencode(query)}"
