"""A customer on a shop's page and an agent in the inbox talk, also through a crash of the server."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from e2e.pages import Admin, Inbox, NewContext, Shop
from e2e.server import PorchlightServer

pytestmark = pytest.mark.both_servers


# Bob may still be there too, by his lease from an earlier test.
HERE = re.compile("can answer you now|and .+ are here")


@pytest.fixture
def topic() -> str:
    """Words that no other test says."""
    return f"Order {uuid4().hex[:8]}"


def test_a_customer_and_an_agent_talk_both_ways(
    new_context: NewContext, porchlight: PorchlightServer, topic: str
) -> None:
    """From the first message to a note, a claim, an end and a second beginning; Grace reads all of it."""
    alice = Inbox(new_context, porchlight, "alice").sign_in()
    carol = Shop(new_context, porchlight).visit().open_chat()
    expect(carol.page.get_by_text(HERE)).to_be_visible()
    carol.write(f"{topic}: where is it?")
    alice.view("Unassigned")
    alice.open_room(f"{topic}: where is it?")
    alice.reply(f"{topic} left this morning.")
    expect(carol.log).to_contain_text(f"{topic} left this morning.")
    alice.note("Ask the warehouse about Tuesday")
    alice.press("Claim")
    expect(carol.log).to_contain_text("Alice joined the conversation")
    carol.write("شكرا جزيلا 👋")
    expect(alice.log).to_contain_text("شكرا جزيلا 👋")
    alice.press("Resolve")
    expect(carol.page.get_by_text("This conversation has ended.")).to_be_visible()
    carol.write(f"One more thing about {topic}")
    expect(alice.log).to_contain_text(f"One more thing about {topic}")
    expect(carol.log).not_to_contain_text("warehouse")
    carol.expect_saved(3)
    grace = Admin(new_context, porchlight).sign_in()
    grace.read_transcript(f"{topic} left this morning.")
    for words in (topic, "Ask the warehouse about Tuesday", "شكرا جزيلا 👋", "Alice"):
        expect(grace.page.locator("#content")).to_contain_text(words)
    assert alice.complaints.said + carol.complaints.said + grace.complaints.said == []


def test_both_go_on_after_the_server_was_killed(
    new_context: NewContext, porchlight: PorchlightServer, topic: str
) -> None:
    """Without a reload: what was written meanwhile is sent once, in order, and nothing is missing on either side."""
    alice = Inbox(new_context, porchlight, "alice").sign_in()
    carol = Shop(new_context, porchlight).visit().open_chat()
    carol.write(f"{topic} one")
    alice.view("Unassigned")
    alice.open_room(f"{topic} one")
    alice.reply(f"{topic} two")
    expect(carol.log).to_contain_text(f"{topic} two")
    porchlight.kill_web()
    carol.write(f"{topic} three")
    carol.write(f"{topic} four")
    alice.reply(f"{topic} five")
    porchlight.start()
    for log in (carol.log, alice.log):
        for words in ("one", "two", "three", "four", "five"):
            expect(log.get_by_text(f"{topic} {words}")).to_have_count(1, timeout=40_000)
    carol.expect_saved(3)
    alice.reply(f"{topic} six")
    expect(carol.log).to_contain_text(f"{topic} six")


def test_two_tabs_of_a_customer_agree(new_context: NewContext, porchlight: PorchlightServer, topic: str) -> None:
    """What one tab sends shows in the other, in the same conversation, and a reload leaves the chat open."""
    first = Shop(new_context, porchlight).visit().open_chat()
    second = Shop(new_context, porchlight, first.context).visit().open_chat()
    first.write(f"{topic} from one")
    expect(second.log).to_contain_text(f"{topic} from one")
    second.write(f"{topic} from two")
    expect(first.log).to_contain_text(f"{topic} from two")
    first.page.reload()
    expect(first.composer).to_be_visible()
    for words in ("from one", "from two"):
        expect(first.log.get_by_text(f"{topic} {words}")).to_have_count(1)


def test_the_light_goes_out_when_the_last_agent_leaves(new_context: NewContext, porchlight: PorchlightServer) -> None:
    """And comes on again when one is really there."""
    bob = Inbox(new_context, porchlight, "bob").sign_in()
    carol = Shop(new_context, porchlight).visit().open_chat()
    expect(carol.page.get_by_text("Bob can answer you now")).to_be_visible(timeout=60_000)
    bob.page.get_by_role("switch").click()
    # Agents of a process that an earlier test killed are here until their leases run out.
    expect(carol.page.get_by_text("We're away. Leave a message.")).to_be_visible(timeout=45_000)
    bob.page.get_by_role("switch").click()
    expect(carol.page.get_by_text("Bob can answer you now")).to_be_visible()
    bob.context.close()
    expect(carol.page.get_by_text("We're away. Leave a message.")).to_be_visible(timeout=45_000)


def test_only_one_agent_gets_a_room(new_context: NewContext, porchlight: PorchlightServer, topic: str) -> None:
    """The loser sees who was faster, and both lists agree."""
    alice, bob = (Inbox(new_context, porchlight, name).sign_in() for name in ("alice", "bob"))
    carol = Shop(new_context, porchlight).visit().open_chat()
    carol.write(topic)
    for agent in (alice, bob):
        agent.view("All")
        agent.open_room(topic)
    alice.press("Claim")
    expect(bob.page.get_by_role("article")).to_contain_text("Alice")
    expect(bob.page.get_by_role("article").get_by_role("button", name="Claim", exact=True)).to_have_count(0)
    bob.view("Mine")
    expect(bob.page.locator(".rooms").get_by_text(topic)).to_have_count(0)
    alice.view("Mine")
    expect(alice.line(topic)).to_be_visible()


def test_the_hosted_page_is_the_same_chat(new_context: NewContext, porchlight: PorchlightServer, topic: str) -> None:
    """A link instead of a snippet: the panel fills the page and works under the page's own strict policy."""
    carol = Shop(new_context, porchlight)
    carol.page.goto(f"{porchlight.url}/chat/{porchlight.site_key}")
    expect(carol.composer).to_be_visible()
    carol.write(topic)
    carol.expect_saved(1)
    assert carol.complaints.said == []


def test_two_tabs_that_write_first_at_once_share_a_room(
    new_context: NewContext, porchlight: PorchlightServer, topic: str
) -> None:
    """One customer, one conversation, both messages: no tab waits for the other."""
    first = Shop(new_context, porchlight).visit()
    second = Shop(new_context, porchlight, first.context).visit()
    for tab in (first, second):
        tab.launcher.click(no_wait_after=True)
    for number, tab in enumerate((first, second)):
        tab.composer.fill(f"{topic} tab {number}")
    for tab in (first, second):
        tab.composer.press("Enter", no_wait_after=True)
    for tab in (first, second):
        tab.expect_saved(2)
        for number in range(2):
            expect(tab.log.get_by_text(f"{topic} tab {number}")).to_have_count(1)
