"""What every handshake asks of a site, from the cache: whether it exists and which origins it allows."""

import re
from collections.abc import Callable
from time import monotonic
from typing import Any, NamedTuple

from django.core.cache import cache

from support.models import Site
from support.origin import Origin

_SECONDS = 60
# A cache that takes this long is away; the database answers in a fraction of it.
SLOW_SECONDS = 0.5
AWAY_SECONDS = 5.0
_KEY = re.compile(r"[0-9A-Za-z_-]{1,32}")


class SiteRules(NamedTuple):
    id: int
    key: str
    origins: frozenset[Origin]


def site_by_key(key: str) -> Site | None:
    """The active site with this key, which may be anything that came over the network."""
    return Site.objects.filter(key=key, active=True).first() if _KEY.fullmatch(key) else None


def rules_by_key(key: str) -> SiteRules | None:
    """The same, from the cache."""
    return _cached(f"site:key:{key}", key=key) if _KEY.fullmatch(key) else None


def rules_by_id(site_id: int) -> SiteRules | None:
    """The active site with this id."""
    return _cached(f"site:id:{site_id}", pk=site_id)


def forget(site: Site) -> None:
    """Call after a site has changed: the next handshake reads it anew."""
    cache.delete_many([f"site:key:{site.key}", f"site:id:{site.pk}"])


class _Patience:
    """Leaves the cache alone for a while after it was slow: handshakes wait on threads that others need."""

    def __init__(self) -> None:
        self._away_until = 0.0

    def call(self, use: Callable[[], Any]) -> Any:
        began = monotonic()
        if began < self._away_until:
            return None
        answer = use()
        if monotonic() - began > SLOW_SECONDS:
            self._away_until = monotonic() + AWAY_SECONDS
        return answer


_patience = _Patience()


def _cached(name: str, **lookup: object) -> SiteRules | None:
    known = _patience.call(lambda: cache.get(name))
    if known is None:
        site = Site.objects.filter(active=True, **lookup).first()
        if site is None:
            return None
        known = (site.pk, site.key, list(site.allowed_origins))
        _patience.call(lambda: cache.set(name, known, _SECONDS))
    site_id, key, origins = known
    return SiteRules(site_id, key, frozenset(parsed for text in origins if (parsed := Origin.parse(text))))
