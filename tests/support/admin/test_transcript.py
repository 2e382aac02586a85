"""The page of one transcript."""

import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Agent
from support.admin import reading
from support.admin.timeline import Event, Group, timeline, words_of
from support.models import Message, Room
from tests.support.admin.conftest import Talk


def page_of(browser: Client, talk: Talk, query: str = "") -> str:
    answer = browser.get(talk.url + query)
    assert answer.status_code == 200
    return answer.content.decode()


def said(seq: int, at: str, author: str = "customer:c", kind: str = "text", **fields: object) -> Message:
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    return Message(seq=seq, created_at=moment, author=author, author_name=author[-1].upper(), kind=kind, **fields)


def test_a_conversation_reads_from_top_to_bottom(admin: Client, talk: Talk, alice: Agent, bob: Agent) -> None:
    """Texts, notes, and what happened in words, in the order of the log, each with its anchor."""
    talk.says(None, "Is anybody there?")
    talk.claimed(alice)
    talk.says(alice, "I am")
    talk.notes(bob, "Be kind")
    talk.resolved(alice)
    talk.reopened(bob)
    talk.says(None, "Thanks")
    page = page_of(admin, talk)
    order = ["Hello", "Is anybody there?", "Alice took this conversation", "I am", "Be kind", "Resolved by Alice"]
    order += ["Reopened by Bob", "Thanks"]
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    assert re.findall(r'id="m(\d+)"', page) == [str(n) for n in range(1, 9)]
    assert "Chain intact: 8 entries" in page
    assert page.count(">Note<") == 1


def test_what_people_write_stays_text(admin: Client, talk: Talk) -> None:
    """Markup is shown, not run, in bodies, names and sites; addresses are not made into links."""
    nasty = '<script>alert(1)</script><img src=x onerror="a()"> https://evil.example {{ 7|add:7 }}'
    talk.says(None, nasty)
    talk.room.customer.__class__.objects.update(name=nasty[:80])
    talk.room.site.__class__.objects.update(name=nasty[:80])
    page = page_of(admin, talk)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="https://evil' not in page
    assert "{{ 7|add:7 }}" in page


def test_each_text_finds_its_own_direction(admin: Client, talk: Talk) -> None:
    """Arabic among English, line breaks kept."""
    talk.says(None, "مرحبا\nكيف الحال؟")
    assert '<div class="pl-body" dir="auto">مرحبا\nكيف الحال؟</div>' in page_of(admin, talk)


def test_times_are_the_viewers_and_exact_on_hover(admin: Client, talk: Talk) -> None:
    """The rail shows the clock of the browser's zone, the title everything."""
    at = Message.objects.get(room_id=talk.ref.id, seq=1).created_at
    admin.cookies["porchlight_zone"] = "Asia/Kathmandu"
    page = page_of(admin, talk)
    assert re.search(r'<time datetime="[^"]+\+05:45" title="\w+, \d+ \w+ \d{4}, \d\d:\d\d:\d\d \+0545">', page)
    assert "Asia/Kathmandu" in page
    assert at.tzinfo is not None


def test_long_rooms_come_in_pages_that_stay_put(admin: Client, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry is always on the same page, its link leads there, and a page is the same number of queries."""
    monkeypatch.setattr(reading, "PAGE", 4)
    for n in range(2, 11):
        talk.says(None, f"Entry {n}")
    for query, expected in (
        ("", [1, 2, 3, 4]),
        ("?at=4", [1, 2, 3, 4]),
        ("?at=5", [5, 6, 7, 8]),
        ("?at=10", [9, 10]),
        ("?at=999", [9, 10]),
        ("?at=-3", [1, 2, 3, 4]),
        ("?at=x", [1, 2, 3, 4]),
        ("?at=" + "9" * 5000, [1, 2, 3, 4]),
    ):
        found = re.findall(r'id="m(\d+)"', page_of(admin, talk, query))
        assert [int(seq) for seq in found] == expected, query
    middle = page_of(admin, talk, "?at=6")
    assert "Entries 5 to 8 of 10" in middle
    assert 'href="?at=1" rel="prev"' in middle
    assert 'href="?at=9" rel="next"' in middle
    assert 'href="?at=6#m6"' in middle


def test_a_page_costs_a_few_queries_however_long(admin: Client, talk: Talk) -> None:
    """The same for one entry and for a hundred."""
    with CaptureQueriesContext(connection) as short:
        page_of(admin, talk)
    for n in range(99):
        talk.says(None, f"{n}")
    with CaptureQueriesContext(connection) as long:
        page_of(admin, talk)
    assert len(long) == len(short) <= 8


def test_a_broken_chain_is_named(admin: Client, talk: Talk) -> None:
    """At the head of the page and beside it."""
    talk.says(None, "I owe you 10")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE support_message DISABLE TRIGGER USER")
        cursor.execute("UPDATE support_message SET body = 'I owe you 1' WHERE seq = 2")
        cursor.execute("ALTER TABLE support_message ENABLE TRIGGER USER")
    page = page_of(admin, talk)
    assert "Broken at entry 2" in page
    assert "Chain intact" not in page


def test_a_very_long_room_says_that_it_was_not_checked(
    admin: Client, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than let the admin wait, or claim what was not computed."""
    monkeypatch.setattr(reading, "VERIFIED", 0)
    page = page_of(admin, talk)
    assert "Not checked here" in page
    assert "Chain intact" not in page


def test_what_was_said_in_a_row_stands_together() -> None:
    """One group per person, kind, day and two minutes; an event ends it; a minute is shown once."""
    days = timeline(
        [
            said(1, "2026-03-01T10:00:00"),
            said(2, "2026-03-01T10:00:30"),
            said(3, "2026-03-01T10:01:10"),
            said(4, "2026-03-01T10:04:00"),
            said(5, "2026-03-01T10:04:01", "agent:a"),
            said(6, "2026-03-01T10:04:02", "agent:a", "note"),
            said(7, "2026-03-01T10:04:03", "agent:a", "status", payload={"status": "resolved"}),
            said(8, "2026-03-01T23:59:59", "agent:a"),
            said(9, "2026-03-02T00:00:01", "agent:a"),
        ]
    )
    shape = [
        [[e.seq for e in block.entries] if isinstance(block, Group) else block.seq for block in day.blocks]
        for day in days
    ]
    assert shape == [[[1, 2, 3], [4], [5], [6], 7, [8]], [[9]]]
    first = days[0].blocks[0]
    assert isinstance(first, Group)
    assert [entry.shows_time for entry in first.entries] == [True, False, True]
    assert isinstance(days[0].blocks[4], Event)


@pytest.mark.parametrize(
    ("kind", "payload", "words"),
    [
        ("assignment", {"owner": {"ref": "agent:a", "name": "A"}}, "A took this conversation"),
        ("assignment", {"owner": {"ref": "agent:b", "name": "Bob"}}, "A gave this conversation to Bob"),
        ("assignment", {"owner": {"ref": "agent:b"}}, "A gave this conversation to agent:b"),
        ("assignment", {"owner": None}, "A gave this conversation back"),
        ("status", {"status": "resolved"}, "Resolved by A"),
        ("status", {"status": "open"}, "Reopened by A"),
        ("status", {"status": "snoozed"}, "Status by A"),
        ("status", [], "Status by A"),
        ("rating", {}, "Rating by A"),
    ],
)
def test_what_happened_is_said_in_words(kind: str, payload: object, words: str) -> None:
    """Also kinds and payloads that a later version wrote."""
    assert words_of(said(1, "2026-03-01T10:00:00", "agent:a", kind, payload=payload)) == words


def test_authors_without_a_name_are_called_something(talk: Talk) -> None:
    """An entry that was written without a name."""
    entry = Message.objects.create(
        room_id=talk.ref.id, client_id=uuid4(), author=f"customer:{talk.customer.id}", body="x"
    )
    block = timeline([entry])[0].blocks[0]
    assert isinstance(block, Group)
    assert block.name == f"Visitor {talk.customer.id[:4]}"
    assert Room.objects.count() == 1
