"""Setting up sites."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client

from accounts.models import Team
from support import site_cards
from support.models import Site

ADD = "/admin/support/site/add/"


def url_of(site: Site) -> str:
    return f"/admin/support/site/{site.pk}/change/"


def form(**changes: object) -> dict[str, object]:
    return {"name": "Shop", "greeting": "Hello", "color": "", "allowed_origins": "", "active": "on", **changes}


def errors(page: str) -> list[str]:
    found = re.findall(r'<ul class="errorlist"[^>]*>(.*?)</ul>', page, re.DOTALL)
    return re.findall(r"<li>(.*?)</li>", "".join(found), re.DOTALL)


def test_a_new_site_shows_its_snippet(admin: Client, db: None) -> None:
    """After adding one, its page has what to copy, and the hosted page's address."""
    answer = admin.post(ADD, form(allowed_origins="https://shop.example.com"), follow=True)
    site = Site.objects.get()
    page = answer.content.decode()
    assert answer.redirect_chain[-1][0] == url_of(site)
    snippet = f'<script async src="http://localhost:8000/widget/loader.js" data-site="{site.key}"></script>'
    assert snippet.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;") in page
    assert f'href="/chat/{site.key}"' in page
    assert "snippet" not in admin.get(ADD).content.decode()


def test_origins_are_written_one_on_each_line(admin: Client, site: Site) -> None:
    """Empty lines, spaces and doubles are taken out; the form shows them again as lines."""
    written = " https://shop.example.com \r\n\r\nhttp://localhost:3000\r\nhttps://shop.example.com\r\n"
    admin.post(url_of(site), form(allowed_origins=written))
    site.refresh_from_db()
    assert site.allowed_origins == ["https://shop.example.com", "http://localhost:3000"]
    assert ">\nhttps://shop.example.com\nhttp://localhost:3000</textarea>" in admin.get(url_of(site)).content.decode()


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("https://shop.example.com/", "https://shop.example.com"),
        ("https://Shop.example.com", "https://shop.example.com"),
        ("https://shop.example.com:443", "https://shop.example.com"),
        ("https://shop.example.com/products?page=2", "https://shop.example.com"),
        ("shop.example.com", "https://shop.example.com"),
        ("*", None),
        ("null", None),
        ("https://*.example.com/<b>", None),
        ("ftp://shop.example.com", None),
        ("https://münchen.example", None),
        ("https://[::1", None),
        ("x" * 5000, None),
    ],
)
def test_a_wrong_line_is_named(admin: Client, site: Site, line: str, meant: str | None) -> None:
    """By its number, with what was probably meant; nothing is saved, and what was written is still there."""
    page = admin.post(url_of(site), form(allowed_origins=f"https://a.example\n\n{line}")).content.decode()
    (complaint,) = errors(page)
    assert complaint.startswith("Line 3: ")
    if meant:
        assert f"Did you mean {meant}?" in complaint
    assert "<b>" not in page
    assert Site.objects.get().allowed_origins == ["https://shop.example.com"]


def test_a_wall_of_wrong_lines_is_answered_briefly(admin: Client, site: Site) -> None:
    """The first five are named."""
    page = admin.post(url_of(site), form(allowed_origins="\n".join(["wrong"] * 500))).content.decode()
    assert len(errors(page)) == 5


def test_saving_is_seen_by_the_next_handshake(
    admin: Client, site: Site, django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]]
) -> None:
    """What was cached of the site is forgotten when the change is committed."""
    assert site_cards.rules_by_key(site.key) is not None
    with django_capture_on_commit_callbacks(execute=True):
        admin.post(url_of(site), {**form(), "active": ""})
    assert site_cards.rules_by_key(site.key) is None
    assert site_cards.rules_by_id(site.pk) is None


@pytest.mark.parametrize("color", ["red", "#12345", "#GGGGGG", "#0F766E; background: url(x)"])
def test_a_color_is_six_hex_digits(admin: Client, site: Site, color: str) -> None:
    """Anything else is refused: it ends in a stylesheet."""
    assert errors(admin.post(url_of(site), form(color=color)).content.decode())
    assert Site.objects.get().color == ""


def test_a_site_keeps_its_key_and_is_never_deleted(admin: Client, site: Site) -> None:
    """The key is in other people's pages; conversations belong to the site."""
    key = site.key
    admin.post(url_of(site), form(key="mine"))
    assert admin.post(f"/admin/support/site/{site.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Site.objects.get().key == key


def test_teams_are_chosen_on_the_site(admin: Client, site: Site) -> None:
    """And named in the list."""
    team = Team.objects.create(name="Wholesale")
    admin.post(url_of(site), form(teams=[team.pk]))
    assert list(site.teams.all()) == [team]
    assert "Wholesale" in admin.get("/admin/support/site/").content.decode()
