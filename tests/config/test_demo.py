"""The demo shop and the demo data."""

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import ThreadingHTTPServer
from io import StringIO

import httpx
import pytest
from django.core.management import call_command

from accounts.models import Agent, Team
from config.demo.server import Shop
from support.models import Site

PASSWORD = "lamp-over-the-door"
ORIGIN = "http://127.0.0.1:8001"


class QuietShop(Shop):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the test's output is for the test."""


@pytest.fixture(scope="module")
def shop() -> Iterator[httpx.Client]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietShop, "http://localhost:8000", "k<y")) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}") as client:
            yield client
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("path", ["/", "/teapot", "/delivery"])
def test_every_page_carries_the_snippet(shop: httpx.Client, path: str) -> None:
    """The documented line, with the key escaped as any value in HTML."""
    answer = shop.get(path)
    assert answer.status_code == 200
    assert '<script async src="http://localhost:8000/widget/loader.js" data-site="k&lt;y"></script>' in answer.text
    assert "{{" not in answer.text


def test_the_policy_is_one_that_careful_shops_have(shop: httpx.Client) -> None:
    """No inline script or style; the widget's origin by name."""
    policy = shop.get("/").headers["Content-Security-Policy"]
    assert "script-src http://localhost:8000;" in policy
    assert "connect-src http://localhost:8000 ws://localhost:8000;" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/nothing", "/../server.py", "/pages/index.html", "/layout.html"])
def test_nothing_else_is_served(shop: httpx.Client, path: str) -> None:
    answer = shop.get(path)
    assert answer.status_code == 404
    assert "not on the shelf" in answer.text


def seed(monkeypatch: pytest.MonkeyPatch, password: str = PASSWORD, origin: str = ORIGIN) -> dict[str, object]:
    monkeypatch.setenv("DEMO_PASSWORD", password)
    printed = StringIO()
    call_command("seed_demo", origin=origin, stdout=printed)
    seeded: dict[str, object] = json.loads(printed.getvalue())
    return seeded


@pytest.mark.django_db
def test_the_cast_is_seeded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two agents who answer for the site, and an admin who may enter the admin site."""
    seeded = seed(monkeypatch)
    site = Site.objects.get(key=seeded["site_key"])
    assert site.allowed_origins == [ORIGIN]
    assert set(site.teams.get().agents.values_list("username", flat=True)) == {"alice", "bob", "grace"}
    assert [(agent.username, agent.role, agent.is_staff) for agent in Agent.objects.order_by("username")] == [
        ("alice", "agent", False),
        ("bob", "agent", False),
        ("grace", "admin", True),
    ]
    assert all(agent.check_password(PASSWORD) for agent in Agent.objects.all())


@pytest.mark.django_db
def test_seeding_again_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second `make run` finds the same site, also under another name, and the same people."""
    first = seed(monkeypatch)
    Site.objects.update(name="Renamed by Grace")
    assert seed(monkeypatch) == first
    assert (Site.objects.count(), Agent.objects.count(), Team.objects.count()) == (1, 3, 1)


@pytest.mark.django_db
def test_the_shop_may_move(monkeypatch: pytest.MonkeyPatch) -> None:
    """`make run PORT=…` serves the shop elsewhere: the same site allows that origin, too."""
    first = seed(monkeypatch)
    moved = seed(monkeypatch, origin="http://127.0.0.1:9001")
    assert moved["site_key"] == first["site_key"]
    assert Site.objects.get().allowed_origins == [ORIGIN, "http://127.0.0.1:9001"]


@pytest.mark.django_db
def test_a_changed_password_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is neither reset nor printed wrongly."""
    seed(monkeypatch)
    grace = Agent.objects.get(username="grace")
    grace.set_password("my own long password")
    grace.save()
    logins = {login["username"]: login["password"] for login in seed(monkeypatch)["logins"]}  # type: ignore[attr-defined]
    assert logins == {"alice": PASSWORD, "bob": PASSWORD, "grace": None}
