"""Origins are exact tuples: what is not one, is nobody's."""

import pytest
from django.core.exceptions import ValidationError

from support.origin import Origin, of_headers, validate_origin


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://shop.example.com", ("https", "shop.example.com", 443)),
        ("https://shop.example.com:443", ("https", "shop.example.com", 443)),
        ("http://127.0.0.1:8001", ("http", "127.0.0.1", 8001)),
        ("https://SHOP.example.com", ("https", "shop.example.com", 443)),
        ("http://[::1]:8000", ("http", "::1", 8000)),
        ("http://[0:0::0:1]:8000", ("http", "::1", 8000)),
        ("https://a:65535", ("https", "a", 65535)),
        ("https://xn--bcher-kva.example", ("https", "xn--bcher-kva.example", 443)),
    ],
)
def test_an_origin_is_scheme_host_and_port(text: str, origin: tuple[str, str, int]) -> None:
    """Default ports and letter case do not matter, all else does."""
    assert Origin.parse(text) == origin


@pytest.mark.parametrize(
    "text",
    [
        "null", "", "*", "shop.example.com", "//shop.example.com", "https://", "https://a/", "https://a/path",
        "https://a?q", "https://a#f", "https://user@a", "https://a:b@c", "https://a:99999", "https://a:x", "https://a:",
        "ftp://a", "file://", "https://bücher.example", " https://a", "https://a b", "https://a\n", "https://a\t",
        "https://" + "a" * 300, "javascript:alert(1)", "https://[::1",
        "https://x;script-src", "https://*", "https://*.example.com", "https://a'b", "https://a,b", 'https://a"b',
        "https://[::1]evil.com", "https://[1:2]", "https://[fe80::1%25eth0]", "https://shop.example.com.",
        "https://a..b", "https://.a", "https://a:0", "https://a:65536", "https://a:0443", "https://a:٤", "https://a\\b",
    ],
)  # fmt: skip
def test_what_no_browser_sends_is_no_origin(text: str) -> None:
    """Opaque, malformed and oversized values never match anything and never raise."""
    assert Origin.parse(text) is None


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"origin", b"null")],
        [(b"origin", b"https://a"), (b"origin", b"https://a")],
        [(b"origin", b"https://a"), (b"Origin", b"https://b")],
        [(b"origin", b"https://\xff")],
    ],
)
def test_a_request_has_exactly_one_origin(headers: list[tuple[bytes, bytes]]) -> None:
    """Missing, doubled and unreadable headers are no origin."""
    assert of_headers(headers) is None


def test_forms_say_how_an_origin_is_written() -> None:
    """A trailing slash or capital letters are named instead of silently never matching."""
    for text in ("https://shop.example.com/", "https://Shop.example.com", "shop.example.com"):
        with pytest.raises(ValidationError, match="is not an origin"):
            validate_origin(text)
    validate_origin("https://shop.example.com")
