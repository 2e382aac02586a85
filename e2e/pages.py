"""What Carol, Alice and Grace do with their pages, as verbs."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import BrowserContext, Locator, Page, expect

from e2e.server import PorchlightServer

# pytest-playwright's fixture: what it opens is closed when the test ends.
NewContext = Callable[..., BrowserContext]


class Complaints:
    """What a browser's console says of a page: errors and refused content fail a test that asks."""

    def __init__(self, page: Page) -> None:
        self.said: list[str] = []
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("console", lambda entry: self.said.append(entry.text) if entry.type == "error" else None)


class Shop:
    """Carol on the shop's page, with the widget."""

    def __init__(
        self, new_context: NewContext, server: PorchlightServer, context: BrowserContext | None = None
    ) -> None:
        self.new_context, self.server = new_context, server
        self.context = context or new_context()
        self.page = self.context.new_page()
        self.complaints = Complaints(self.page)
        self.url = server.shop_url

    def visit(self) -> "Shop":
        self.page.goto(self.url)
        expect(self.launcher).to_be_visible()
        return self

    def open_chat(self) -> "Shop":
        self.launcher.click()
        expect(self.composer).to_be_visible()
        return self

    def write(self, text: str) -> None:
        self.composer.fill(text)
        self.composer.press("Enter")
        expect(self.log).to_contain_text(text)

    def come_back(self, days: int) -> "Shop":
        """The tab is closed, and another is opened days later in the same browser."""
        self.page.close()
        later = Shop(self.new_context, self.server, self.context)
        later.page.clock.set_system_time(datetime.now(UTC) + timedelta(days=days))
        return later.visit()

    @property
    def notice(self) -> Locator:
        return self.page.locator(".notice-bar")

    @property
    def said(self) -> list[str]:
        """The texts in the order they stand there."""
        return self.log.locator(".bubble").all_inner_texts()

    @property
    def launcher(self) -> Locator:
        return self.page.locator("button.launcher")

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name="Write a message")

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log", name="Messages")

    @property
    def progress(self) -> Locator:
        """How far the last own text has got."""
        return self.log.locator(".group.own .meta [role=img]").last

    def expect_saved(self, count: int) -> None:
        """Nothing waits any more, and the messages are there once each."""
        expect(self.page.get_by_label("Waiting to be sent")).to_have_count(0)
        expect(self.log.locator(".group.own .bubble")).to_have_count(count)


class Inbox:
    """An agent at their inbox."""

    def __init__(
        self, new_context: NewContext, server: PorchlightServer, name: str, context: BrowserContext | None = None
    ) -> None:
        self.new_context, self.server, self.name = new_context, server, name
        self.context = context or new_context()
        self.page = self.context.new_page()
        self.complaints = Complaints(self.page)

    def sign_in(self) -> "Inbox":
        self.page.goto(f"{self.server.url}/inbox/")
        self.page.get_by_label("Name").fill(self.name)
        self.page.get_by_label("Password").fill(self.server.password)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("navigation", name="Views")).to_be_visible()
        return self

    def another_tab(self) -> "Inbox":
        """The same agent in the same browser."""
        return Inbox(self.new_context, self.server, self.name, self.context).visit()

    def visit(self) -> "Inbox":
        self.page.goto(f"{self.server.url}/inbox/")
        expect(self.page.get_by_role("navigation", name="Views")).to_be_visible()
        return self

    def view(self, name: str) -> None:
        self.page.get_by_role("navigation", name="Views").get_by_text(name, exact=True).click()

    def open_room(self, words: str) -> None:
        """Open the room whose line in the list has these words."""
        self.line(words).click()
        expect(self.log).to_contain_text(words)

    def line(self, words: str) -> Locator:
        return self.page.locator(".rooms").get_by_text(words).first

    def reply(self, text: str) -> None:
        self.composer.fill(text)
        self.composer.press("Enter")
        expect(self.log).to_contain_text(text)

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("article").get_by_role("textbox")

    @property
    def said(self) -> list[str]:
        """The texts and notes in the order they stand there."""
        return self.log.locator(".bubble").all_inner_texts()

    @property
    def progress(self) -> Locator:
        """How far the last own text has got."""
        return self.log.locator(".group-ours .group-foot").last.locator(".pl-ticks, .icon")

    def note(self, text: str) -> None:
        self.page.get_by_role("button", name="Note", exact=True).click()
        self.reply(text)
        self.page.get_by_role("button", name="Reply", exact=True).click()

    def press(self, verb: str) -> None:
        self.page.get_by_role("article").get_by_role("button", name=verb, exact=True).click()

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")


class Admin:
    """Grace in Django admin."""

    def __init__(self, new_context: NewContext, server: PorchlightServer) -> None:
        self.page = new_context().new_page()
        self.complaints = Complaints(self.page)
        self.server = server

    def sign_in(self) -> "Admin":
        self.page.goto(f"{self.server.url}/admin/")
        self.page.get_by_label("Username").fill("grace")
        self.page.get_by_label("Password").fill(self.server.password)
        self.page.get_by_role("button", name="Log in").click()
        expect(self.page.get_by_role("heading", name="Administration")).to_be_visible()
        return self

    def read_transcript(self, words: str) -> None:
        """Find the conversation by words said in it and open it."""
        self.page.locator("#content-main .model-room th a").click()
        self.page.locator("#searchbar").fill(words)
        self.page.locator("#searchbar").press("Enter")
        self.page.locator("#result_list tbody tr").first.get_by_role("link").first.click()
        expect(self.page.locator("#content")).to_contain_text(words)
