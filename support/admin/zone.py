"""The viewer's time zone: the browser names it in a cookie, as HTTP has no header for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest, HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils import timezone

COOKIE = "porchlight_zone"


@contextmanager
def viewers_zone(request: HttpRequest) -> Iterator[None]:
    """Times and days are the viewer's inside; the server's zone when the browser has not said or makes no sense."""
    name = request.COOKIES.get(COOKIE, "")
    with timezone.override(ZoneInfo(name) if name in _known() else None):
        yield


def rendered(response: HttpResponseBase) -> HttpResponseBase:
    """The response with its template rendered now, while the viewer's zone is set."""
    return response.render() if isinstance(response, SimpleTemplateResponse) else response


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones())
