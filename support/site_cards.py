"""What every handshake asks of a site, from the cache: whether it exists and which origins it allows."""

from typing import NamedTuple

from django.core.cache import cache

from support.models import Site
from support.origin import Origin

_SECONDS = 60


class SiteRules(NamedTuple):
    id: int
    key: str
    origins: frozenset[Origin]


def rules_by_key(key: str) -> SiteRules | None:
    """The active site with this key."""
    return _cached(f"site:key:{key}", key=key) if len(key) <= 32 else None


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
