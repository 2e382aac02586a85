"""A site's rules without a cache that answers."""

from time import sleep

import pytest
from django.core.cache import cache

from support import site_cards
from support.models import Site


def test_a_cache_that_hangs_is_asked_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Handshakes share few threads; those that follow read the database at once, and the cache again later."""
    asked = []

    def hang(name: str) -> None:
        asked.append(name)
        sleep(0.2)

    monkeypatch.setattr(site_cards, "SLOW_SECONDS", 0.1)
    monkeypatch.setattr(site_cards, "_patience", site_cards._Patience())
    monkeypatch.setattr(cache, "get", hang)
    for _ in range(3):
        rules = site_cards.rules_by_id(site.pk)
        assert rules is not None
        assert rules.key == site.key
    assert len(asked) == 1
    monkeypatch.setattr(site_cards._patience, "_away_until", 0.0)
    site_cards.rules_by_id(site.pk)
    assert len(asked) == 2
