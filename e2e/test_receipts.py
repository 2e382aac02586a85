"""How far a text has got is told truthfully, in both directions."""

from uuid import uuid4

import pytest
from playwright.sync_api import Locator, expect

from e2e.pages import Inbox, NewContext, Shop
from e2e.server import PorchlightServer

pytestmark = pytest.mark.both_servers

SOON = 15_000


@pytest.fixture
def topic() -> str:
    """Words that no other test says."""
    return f"Ticks {uuid4().hex[:8]}"


def expect_progress(of: Locator, words: str) -> None:
    """By what a screen reader hears, in either surface."""
    expect(of).to_have_accessible_name(words, timeout=SOON)


def test_ticks_go_from_waiting_to_seen_for_both_sides(
    new_context: NewContext, porchlight: PorchlightServer, topic: str
) -> None:
    """Saved is the server's word, delivered the other device's, seen the other screen's."""
    carol = Shop(new_context, porchlight).visit().open_chat()
    carol.write(f"{topic} one")
    expect_progress(carol.progress, "Sent")
    alice = Inbox(new_context, porchlight, "alice").sign_in()
    alice.view("Unassigned")
    # The line in Alice's list is its arrival.
    expect_progress(carol.progress, "Delivered")
    alice.open_room(f"{topic} one")
    expect_progress(carol.progress, "Seen")
    # The chat is closed: what comes arrives, and nobody sees it.
    carol.page.keyboard.press("Escape")
    expect(carol.composer).to_be_hidden()
    alice.reply(f"{topic} two")
    expect_progress(alice.progress, "Delivered")
    carol.open_chat()
    expect_progress(alice.progress, "Seen")
    carol.context.close()
    alice.reply(f"{topic} three")
    expect_progress(alice.progress, "Saved")
    porchlight.kill_web()
    alice.reply(f"{topic} four")
    expect_progress(alice.progress, "Sending")
    porchlight.start()
    expect_progress(alice.progress, "Saved")


def test_a_note_is_saved_and_goes_no_further(new_context: NewContext, porchlight: PorchlightServer, topic: str) -> None:
    """Also when the customer sees what comes after it."""
    carol = Shop(new_context, porchlight).visit().open_chat()
    carol.write(topic)
    alice = Inbox(new_context, porchlight, "alice").sign_in()
    alice.view("Unassigned")
    alice.open_room(topic)
    alice.note("Only for us")
    alice.reply(f"{topic} for you")
    expect_progress(alice.progress, "Seen")
    expect_progress(alice.log.locator(".group-note .pl-ticks"), "Saved")
