"""Who is there is told truthfully, and since when who is not there is gone."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from e2e.pages import Inbox, NewContext, Shop
from e2e.server import PorchlightServer

pytestmark = pytest.mark.both_servers

SOON = 15_000
# Agents of a process that an earlier test killed are here until their leases run out.
LEASES = 45_000


def test_an_agent_reads_when_a_customer_was_last_here(new_context: NewContext, porchlight: PorchlightServer) -> None:
    """As soon as they are gone, and not before."""
    topic = f"Gone {uuid4().hex[:8]}"
    carol = Shop(new_context, porchlight).visit().open_chat()
    carol.write(topic)
    alice = Inbox(new_context, porchlight, "alice").sign_in()
    alice.view("Unassigned")
    alice.open_room(topic)
    head = alice.page.locator(".thread-head")
    expect(head).to_contain_text("Here now")
    carol.context.close()
    expect(head).to_contain_text("Last here just now", timeout=SOON)


def test_an_agent_who_touches_nothing_for_five_minutes_is_away_until_they_do(
    new_context: NewContext, porchlight: PorchlightServer
) -> None:
    """For customers; the agent's own choice stays what it is."""
    bob = Inbox(new_context, porchlight, "bob")
    bob.page.clock.install()
    bob.sign_in()
    carol = Shop(new_context, porchlight).visit().open_chat()
    expect(carol.page.get_by_text("Bob can answer you now")).to_be_visible(timeout=LEASES)
    bob.page.clock.fast_forward("05:00")
    expect(bob.page.get_by_text("Away while idle")).to_be_visible()
    expect(bob.page.get_by_role("switch")).to_be_checked()
    expect(carol.page.get_by_text("We're away. Leave a message.")).to_be_visible(timeout=SOON)
    bob.page.mouse.move(200, 200)
    expect(bob.page.get_by_text("Away while idle")).to_be_hidden()
    expect(carol.page.get_by_text("Bob can answer you now")).to_be_visible(timeout=SOON)
