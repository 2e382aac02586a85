"""The pages are there, on their origins, for the people they are for."""

import pytest
from playwright.sync_api import Page, expect

from e2e.server import PorchlightServer

pytestmark = pytest.mark.both_servers


def test_the_shop_embeds_the_real_snippet_on_an_origin_of_its_own(page: Page, porchlight: PorchlightServer) -> None:
    """The demo shop is another site for the browser and loads the widget like any customer's page."""
    page.goto(porchlight.shop_url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Stoneware for every day")
    snippet = page.locator("script[data-site]")
    expect(snippet).to_have_attribute("src", f"{porchlight.url}/widget/loader.js")
    expect(snippet).to_have_attribute("data-site", porchlight.site_key)


def test_grace_reaches_the_admin(page: Page, porchlight: PorchlightServer) -> None:
    """An admin signs in and sees Porchlight's administration, with its styles."""
    broken: list[str] = []
    page.on("response", lambda answer: broken.append(answer.url) if answer.status >= 400 else None)
    page.goto("/admin/")
    page.get_by_label("Username").fill("grace")
    page.get_by_label("Password").fill(porchlight.password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Administration")).to_be_visible()
    assert broken == []


def test_the_server_comes_back_on_its_address(page: Page, porchlight: PorchlightServer) -> None:
    """After a crash the same address answers again and the session still counts."""
    page.goto("/sign-in/")
    porchlight.kill_web()
    porchlight.start()
    answer = page.goto("/sign-in/")
    assert answer is not None
    assert answer.status == 200
