"""What is written while nothing can be sent is kept, waits in one order over all tabs, and is sent once."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from e2e.pages import Inbox, NewContext, Shop
from e2e.server import PorchlightServer

pytestmark = pytest.mark.both_servers

BACK = 40_000
FORBID_INDEXED_DB = (
    "Object.defineProperty(window, 'indexedDB', {get() { throw new DOMException('no', 'SecurityError') }})"
)

STORED_AGAIN = """(texts) => new Promise((resolve) => {
    const opening = indexedDB.open("porchlight");
    opening.onupgradeneeded = () => opening.transaction.abort();
    opening.onerror = () => resolve(false);
    opening.onsuccess = () => {
        const counting = opening.result.transaction("outbox").objectStore("outbox").count();
        counting.onsuccess = () => { opening.result.close(); resolve(counting.result === texts); };
    };
})"""


@pytest.fixture
def topic() -> str:
    """Words that no other test says."""
    return f"Parcel {uuid4().hex[:8]}"


def test_what_a_customer_wrote_offline_is_sent_once_days_later(
    new_context: NewContext, porchlight: PorchlightServer, topic: str
) -> None:
    """The tab was closed meanwhile; half a sentence is there again, too."""
    carol = Shop(new_context, porchlight).visit().open_chat()
    carol.write(f"{topic} one")
    carol.expect_saved(1)
    porchlight.kill_web()
    carol.write(f"{topic} two")
    carol.write(f"{topic} three")
    carol.composer.press_sequentially(f"{topic} fo")
    carol.page.goto("about:blank")
    porchlight.start()
    carol = carol.come_back(days=3).open_chat()
    carol.expect_saved(3)
    assert carol.said == [f"{topic} one", f"{topic} two", f"{topic} three"]
    expect(carol.composer).to_have_value(f"{topic} fo")
    carol.write(f"{topic} four")
    carol.expect_saved(4)
    alice = Inbox(new_context, porchlight, "alice").sign_in()
    alice.view("All")
    alice.open_room(f"{topic} four")
    assert alice.said == [f"{topic} {word}" for word in ("one", "two", "three", "four")]


def test_what_an_agent_wrote_offline_is_sent_once_by_the_next_tab(
    new_context: NewContext, porchlight: PorchlightServer, topic: str
) -> None:
    """Also a draft of a note is where it was."""
    carol = Shop(new_context, porchlight).visit().open_chat()
    carol.write(topic)
    alice = Inbox(new_context, porchlight, "alice").sign_in()
    alice.view("Unassigned")
    alice.open_room(topic)
    porchlight.kill_web()
    alice.reply(f"{topic} answer")
    alice.page.get_by_role("button", name="Note", exact=True).click()
    alice.composer.press_sequentially("Half a note")
    room = alice.page.url
    alice.page.goto("about:blank")
    alice.page.close()
    porchlight.start()
    tomorrow = alice.another_tab()
    tomorrow.page.goto(room)
    expect(carol.log.get_by_text(f"{topic} answer")).to_have_count(1, timeout=BACK)
    expect(tomorrow.log.get_by_text(f"{topic} answer")).to_have_count(1)
    tomorrow.page.get_by_role("button", name="Note", exact=True).click()
    expect(tomorrow.composer).to_have_value("Half a note")


def test_two_tabs_that_write_in_turn_keep_their_order_through_a_crash(
    new_context: NewContext, porchlight: PorchlightServer, topic: str
) -> None:
    """Each shows at once what the other wrote; everybody ends with the same list."""
    first = Shop(new_context, porchlight).visit().open_chat()
    first.write(f"{topic} 0")
    first.expect_saved(1)
    second = Shop(new_context, porchlight, first.context).visit().open_chat()
    expect(second.log).to_contain_text(f"{topic} 0")
    porchlight.kill_web()
    for number in range(1, 7):
        writer, reader = (first, second) if number % 2 else (second, first)
        writer.write(f"{topic} {number}")
        expect(reader.log.get_by_text(f"{topic} {number}")).to_have_count(1)
    expect(first.page.get_by_label("Waiting to be sent")).to_have_count(6)
    porchlight.start()
    written = [f"{topic} {number}" for number in range(7)]
    for tab in (first, second):
        expect(tab.page.get_by_label("Waiting to be sent")).to_have_count(0, timeout=BACK)
        assert tab.said == written
    bob = Inbox(new_context, porchlight, "bob").sign_in()
    bob.view("All")
    bob.open_room(f"{topic} 6")
    assert bob.said == written


def test_without_storage_a_text_waits_in_the_page_which_says_so(
    new_context: NewContext, porchlight: PorchlightServer, topic: str
) -> None:
    """For customers and agents alike; once it is sent, the words go away."""
    carol, alice = Shop(new_context, porchlight), Inbox(new_context, porchlight, "alice")
    for each in (carol, alice):
        each.page.add_init_script(FORBID_INDEXED_DB)
    carol.visit().open_chat().write(f"{topic} one")
    carol.expect_saved(1)
    alice.sign_in()
    alice.view("Unassigned")
    alice.open_room(f"{topic} one")
    porchlight.kill_web()
    carol.write(f"{topic} two")
    alice.reply(f"{topic} three")
    expect(carol.notice).to_contain_text("Keep this page open")
    expect(alice.page.locator(".hint")).to_contain_text("Keep this page open")
    porchlight.start()
    for log in (carol.log, alice.log):
        for word in ("two", "three"):
            expect(log.get_by_text(f"{topic} {word}")).to_have_count(1, timeout=BACK)
    carol.expect_saved(2)
    expect(carol.notice).to_be_empty()
    expect(alice.page.locator(".hint").filter(has_text="Keep this page open")).to_have_count(0)


def test_storage_that_is_cleared_under_the_page_loses_nothing(
    new_context: NewContext, porchlight: PorchlightServer, topic: str
) -> None:
    """As a browser's "clear site data" does it; the order stays, too."""
    carol = Shop(new_context, porchlight).visit().open_chat()
    carol.write(f"{topic} one")
    carol.expect_saved(1)
    porchlight.kill_web()
    carol.write(f"{topic} two")
    browser = carol.context.new_cdp_session(carol.page)
    browser.send("Storage.clearDataForOrigin", {"origin": porchlight.shop_url, "storageTypes": "indexeddb"})
    carol.write(f"{topic} three")
    carol.page.wait_for_function(STORED_AGAIN, arg=2)
    carol.page.goto("about:blank")
    porchlight.start()
    carol = carol.come_back(days=1).open_chat()
    carol.expect_saved(3)
    assert carol.said == [f"{topic} {word}" for word in ("one", "two", "three")]
