"""Origins: exact (scheme, host, port) tuples, parsed once and compared whole."""

from typing import NamedTuple
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError

from support import limits

_DEFAULT_PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Origin | None":
        """The origin a browser would send for `text`, or None for anything else: a path, `null`, a user, non-ASCII."""
        if not text.isascii() or len(text) > limits.ORIGIN_BYTES or text != text.strip():
            return None
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            return None
        host = parts.hostname
        if parts.scheme not in _DEFAULT_PORTS or not host or parts.path or parts.query or parts.fragment:
            return None
        if "@" in parts.netloc or text.endswith(("?", "#", ":")) or any(ord(letter) <= 32 for letter in text):
            return None
        return cls(parts.scheme, host, port if port is not None else _DEFAULT_PORTS[parts.scheme])

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


def of_headers(headers: list[tuple[bytes, bytes]]) -> Origin | None:
    """The origin of a request that has exactly one Origin header that can be understood, else None."""
    found = [value for name, value in headers if name.lower() == b"origin"]
    if len(found) != 1:
        return None
    try:
        return Origin.parse(found[0].decode("ascii"))
    except UnicodeDecodeError:
        return None


def validate_origin(text: str) -> None:
    """For forms: says how an origin is written."""
    parsed = Origin.parse(text)
    if parsed is None or str(parsed) != text:
        raise ValidationError(
            "%(text)s is not an origin. Write scheme, host and port only, in lower case, such as https://shop.example.com",
            params={"text": text},
        )
