"""The list of transcripts: what it shows, finds, and costs."""

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import psycopg.errors
import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Agent, Team
from support.admin.listing import TranscriptList
from support.admin.rooms import RoomAdmin
from support.models import Room, Site
from tests.support.admin.conftest import Talk

LIST = "/admin/support/room/"


def ids(browser: Client, query: str = "") -> list[int]:
    """The conversations on this page of the list, from top to bottom."""
    answer = browser.get(LIST + query)
    assert answer.status_code == 200
    return [int(key) for key in re.findall(r"/room/(\d+)/change/", answer.content.decode())]


def test_a_line_says_who_where_and_what(admin: Client, alice: Agent, talk: Talk) -> None:
    """Customer, last message, status, owner, site and number of entries."""
    talk.claimed(alice)
    talk.says(alice, "Good <b>morning</b>")
    page = admin.get(LIST).content.decode()
    for part in ("Carol", "Alice</bdi>: ", "Good &lt;b&gt;morning&lt;/b&gt;", "Open", "Shop", ">3<"):
        assert part in page


def test_a_page_costs_the_same_for_one_room_and_for_forty(admin: Client, site: Site, alice: Agent) -> None:
    """No query per line, and none that counts."""
    Talk(site).claimed(alice)
    with CaptureQueriesContext(
        connection,
    ) as one:
        admin.get(LIST + "?q=Hello")
    for n in range(39):
        talk = Talk(Site.objects.create(name=f"Shop {n}"))
        talk.claimed(alice)
    with CaptureQueriesContext(connection) as forty:
        assert len(ids(admin, "?q=Hello")) == 40
    assert len(forty) == len(one)
    assert not [query["sql"] for query in forty if "COUNT(" in query["sql"].upper()]


def test_pages_follow_one_another_both_ways(admin: Client, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Newest first, nobody twice, nobody missing, and the way back is the same."""
    monkeypatch.setattr(RoomAdmin, "list_per_page", 4)
    expected = [Talk(site).ref.id for _ in range(10)][::-1]
    pages: list[tuple[str, list[int]]] = []
    query = ""
    while True:
        answer = admin.get(LIST + query).content.decode()
        pages.append((query, ids(admin, query)))
        older = re.search(r'href="([^"]+)" rel="next"', answer)
        if not older:
            break
        query = older[1].replace("&amp;", "&")
    assert [key for _, page in pages for key in page] == expected
    assert [len(page) for _, page in pages] == [4, 4, 2]
    newer = re.search(r'href="([^"]+)" rel="prev"', admin.get(LIST + pages[2][0]).content.decode())
    assert newer
    assert ids(admin, newer[1]) == pages[1][1]
    assert 'rel="prev"' not in admin.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("parcel", True),
        ("PARCEL late", True),
        ("late parcel", True),
        ('"parcel is late"', True),
        ('"late parcel"', False),
        ("parcel refund", False),
        ("غلاية", True),
        ("100%", True),
        ("1_0", False),
        ("back\\slash", True),
        ("'", True),
        ('"', False),
        ("workshop", True),
        (" ".join(["parcel"] * 500), True),
    ],
)
def test_search_finds_words_of_one_message(admin: Client, talk: Talk, alice: Agent, words: str, found: bool) -> None:
    """In any order and case, in texts and notes, with phrases in quotes; signs stand for themselves."""
    talk.says(None, "My parcel is late, 100% sure, it's back\\slash")
    talk.says(None, "أين غلاية الشاي؟")
    talk.says(None, "I want a refund")
    talk.notes(alice, "Ask the workshop")
    assert ids(admin, f"?q={quote(words)}") == ([talk.ref.id] if found else [])


def test_a_hit_leads_to_its_entry_and_is_marked(admin: Client, talk: Talk) -> None:
    """The link goes to the first entry that fits, and the words stand out."""
    talk.says(None, "x " * 200 + "the <Lid> is cracked")
    talk.says(None, "the lid again")
    page = admin.get(LIST + "?q=lid").content.decode()
    assert re.search(rf'href="{talk.url}\?[^"]*\bat=2\b[^"]*#m2"', page)
    assert "&lt;<mark>Lid</mark>&gt; is cracked" in page


def test_filters_narrow_the_list(admin: Client, site: Site, alice: Agent, bob: Agent) -> None:
    """By status, site, owner, nobody, team, and several at once."""
    other = Site.objects.create(name="Academy")
    team = Team.objects.create(name="Teachers")
    other.teams.add(team)
    first, second, third = Talk(site), Talk(site), Talk(other)
    first.claimed(alice)
    second.claimed(bob)
    second.resolved(bob)
    one, two, three = (talk.ref.id for talk in (first, second, third))
    for query, expected in (
        ("?status__exact=resolved", [two]),
        (f"?site__id__exact={other.pk}", [three]),
        (f"?owner={alice.pk}", [one]),
        ("?owner=nobody", [three]),
        (f"?team={team.pk}", [three]),
        (f"?owner={alice.pk}&status__exact=resolved", []),
        (f"?customer={second.customer.id}", [two]),
    ):
        assert ids(admin, query) == expected, query


def test_days_are_the_viewers(admin: Client, site: Site) -> None:
    """A conversation late in the evening of UTC is of the next day in Tokyo, and both ends are included."""
    talk = Talk(site)
    Room.objects.filter(pk=talk.ref.id).update(created_at=datetime.fromisoformat("2026-03-01T22:30:00+00:00"))
    day = "?from=2026-03-02&to=2026-03-02"
    assert ids(admin, day) == []
    admin.cookies["porchlight_zone"] = "Asia/Tokyo"
    assert ids(admin, day) == [talk.ref.id]
    assert "2 Mar 07:30" in admin.get(LIST + day).content.decode() or timezone.now().year != 2026
    assert ids(admin, "?from=2026-03-03") == ids(admin, "?to=2026-03-01") == []


def test_presets_of_the_day_filter_hold(admin: Client, site: Site) -> None:
    """Today has today's, not last week's."""
    old, new = Talk(site), Talk(site)
    Room.objects.filter(pk=old.ref.id).update(created_at=timezone.now() - timedelta(days=8))
    page = admin.get(LIST).content.decode()
    today = re.search(r'href="(\?from=[^"]+)">Today', page)
    assert today
    assert ids(admin, today[1]) == [new.ref.id]


@pytest.mark.parametrize(
    "query",
    [
        "?from=yesterday",
        "?from=0001-01-01&to=9999-12-31",
        "?from=%00&to=%00",
        "?owner=x",
        "?owner=%00",
        "?owner=" + "9" * 40,
        "?owner=%D9%A1",
        "?team=-1",
        "?before=x&after=",
        "?before=" + "9" * 40,
        "?after=-" + "9" * 40,
        "?before=" + "9" * 5000,
        "?site__id__exact=x",
        "?customer=x",
        "?status__exact=%00",
        "?q=%00",
        "?q=%22",
        "?p=9999&all=",
        "?o=1.2.x",
        "?nonsense=1",
        "?owner__password__startswith=p",
    ],
)
def test_addresses_that_make_no_sense(admin: Client, talk: Talk, query: str) -> None:
    """A page, or a redirect to one, or a refusal; never an error."""
    assert admin.get(LIST + query).status_code in (200, 302, 400)


@pytest.mark.parametrize("zone", ["Mars/Base", "../../etc/passwd", "x" * 4000, ""])
def test_a_zone_that_makes_no_sense_is_utc(admin: Client, talk: Talk, zone: str) -> None:
    """The cookie is the browser's to write."""
    admin.cookies["porchlight_zone"] = zone
    assert "UTC" in admin.get(talk.url).content.decode()


def test_a_search_that_takes_too_long_says_so(admin: Client, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The words stay in the box, and the page says how to narrow."""

    def slow(self: Any) -> list[Room]:
        raise OperationalError from psycopg.errors.QueryCanceled

    monkeypatch.setattr(TranscriptList, "_page", slow)
    page = admin.get(LIST + "?q=lid").content.decode()
    assert "This takes too long" in page
    assert 'value="lid"' in page


def test_an_empty_list_says_what_will_appear(admin: Client, site: Site) -> None:
    """And another sentence when a filter is why."""
    assert "A conversation appears here" in admin.get(LIST).content.decode()
    assert "Nothing fits" in admin.get(LIST + "?q=lid").content.decode()
