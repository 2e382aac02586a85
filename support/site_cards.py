"""What every handshake asks of a site, from the cache: whether it exists and which origins it allows."""

import re
from typing import NamedTuple

from django.core.cache import cache

from support.models import Site
from support.origin import Origin

_SECONDS = 60
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


def _cached(name: str, **lookup: object) -> SiteRules | None:
    known = cache.get(name)
    if known is None:
        site = Site.objects.filter(active=True, **lookup).first()
        if site is None:
            return None
        known = (site.pk, site.key, list(site.allowed_origins))
        cache.set(name, known, _SECONDS)
    site_id, key, origins = known
    return SiteRules(site_id, key, frozenset(parsed for text in origins if (parsed := Origin.parse(text))))
