"""The tabs of one browser agree."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from e2e.pages import Inbox, NewContext, Shop
from e2e.server import PorchlightServer

pytestmark = pytest.mark.both_servers


def test_what_one_tab_saw_is_unread_in_no_other(new_context: NewContext, porchlight: PorchlightServer) -> None:
    """The launcher's badge of a customer's second tab goes when the first one reads."""
    topic = f"Tabs {uuid4().hex[:8]}"
    reading = Shop(new_context, porchlight).visit().open_chat()
    reading.write(topic)
    reading.expect_saved(1)
    reading.page.keyboard.press("Escape")
    other = Shop(new_context, porchlight, reading.context).visit()
    alice = Inbox(new_context, porchlight, "alice").sign_in()
    alice.view("Unassigned")
    alice.open_room(topic)
    alice.reply(f"{topic} answer")
    badge = other.page.locator(".launcher .badge")
    expect(badge).to_have_text("1")
    reading.open_chat()
    expect(reading.log).to_contain_text(f"{topic} answer")
    expect(badge).to_be_hidden()


def test_ending_the_chat_in_one_tab_ends_it_in_all(new_context: NewContext, porchlight: PorchlightServer) -> None:
    """A shop whose visitor signs out calls `shutdown` in one of its pages."""
    carol = Shop(new_context, porchlight).visit().open_chat()
    other = Shop(new_context, porchlight, carol.context).visit().open_chat()
    carol.page.evaluate("Porchlight('shutdown')")
    expect(other.launcher).to_have_count(0)
    expect(carol.launcher).to_have_count(0)


def test_signing_out_in_one_tab_ends_the_other(new_context: NewContext, porchlight: PorchlightServer) -> None:
    """At once, and in words."""
    bob = Inbox(new_context, porchlight, "bob").sign_in()
    other = bob.another_tab()
    other.page.get_by_role("button", name="Sign out").click()
    expect(bob.page.get_by_text("You have been signed out")).to_be_visible(timeout=2_000)
    expect(other.page.get_by_label("Password")).to_be_visible()
