"""Origins: exact (scheme, host, port) tuples, parsed once and compared whole."""

import re
from ipaddress import AddressValueError, IPv6Address
from typing import NamedTuple

from django.core.exceptions import ValidationError

from support import limits

_DEFAULT_PORTS = {"http": 80, "https": 443}
_MAX_PORT = 65_535
# Nothing that means something in a Content-Security-Policy, where origins end up: no `*`, `;`, `,` or quote.
_ORIGIN = re.compile(
    r"(?P<scheme>https?)://(?:(?P<name>[a-z0-9-]+(?:\.[a-z0-9-]+)*)|\[(?P<v6>[0-9a-f:.]+)\])(?::(?P<port>[1-9][0-9]{0,4}))?",
    re.IGNORECASE | re.ASCII,
)


class Origin(NamedTuple):
    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Origin | None":
        """The origin a browser would send for `text`, or None for anything else: a path, `null`, a user, non-ASCII."""
        found = _ORIGIN.fullmatch(text) if len(text) <= limits.ORIGIN_BYTES else None
        if found is None:
            return None
        scheme = found["scheme"].lower()
        port = int(found["port"] or _DEFAULT_PORTS[scheme])
        try:
            host = found["name"].lower() if found["name"] else str(IPv6Address(found["v6"]))
        except AddressValueError:
            return None
        return cls(scheme, host, port) if port <= _MAX_PORT else None

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
