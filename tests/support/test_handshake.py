"""Who may open a socket. A refusal happens before accept, and over HTTP it says why."""

import json
from datetime import timedelta

import pytest
import time_machine
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.test import AsyncClient
from django.utils import timezone

from accounts.identity import agent_of_session, session_key_of
from accounts.models import Agent, ApiToken
from accounts.tokens import CustomerToken
from support import limits
from support.models import Customer, Room, Site
from tests.support.wire import SHOP, Wire, cookie_of, handshake

pytestmark = pytest.mark.django_db(transaction=True)

OWN = settings.PUBLIC_URL.encode()


async def accepted(path: str, headers: list[tuple[bytes, bytes]], subprotocols: list[str]) -> bool:
    communicator = handshake(path, headers, subprotocols)
    connected, _ = await communicator.connect(10)
    if connected:
        await Wire(communicator).close()
    return connected


async def refusal(path: str, headers: list[tuple[bytes, bytes]], subprotocols: list[str]) -> tuple[int, str]:
    """The status and the code of the HTTP answer that refuses the handshake."""
    communicator = handshake(path, headers, subprotocols)
    communicator.scope["extensions"] = {"websocket.http.response": {}}
    await communicator.send_input({"type": "websocket.connect"})
    start = await communicator.receive_output(10)
    body = await communicator.receive_output(10)
    await communicator.wait()
    return start["status"], json.loads(body["body"])["code"]


def offered(token: str) -> list[str]:
    return ["porchlight.v1", "bearer." + token]


@pytest.mark.parametrize(
    ("origins", "allowed"),
    [
        ([SHOP.encode()], True),
        ([OWN], True),
        ([], False),
        ([b"null"], False),
        ([b"https://evil.example"], False),
        ([b"http://shop.example.com"], False),
        ([b"https://shop.example.com:8443"], False),
        ([b"https://shop.example.com.evil.example"], False),
        ([SHOP.encode(), SHOP.encode()], False),
    ],
)
async def test_a_widget_connects_from_allowed_pages_only(
    carol: CustomerToken, origins: list[bytes], allowed: bool
) -> None:
    """Exactly one Origin, equal in scheme, host and port to one of the site's or our own."""
    headers = [(b"origin", origin) for origin in origins]
    assert await accepted("/ws/customer/", headers, offered(carol.sign())) is allowed


async def test_bad_tokens_are_refused(carol: CustomerToken, site: Site) -> None:
    """Forged, cut, expired and unsigned tokens, none and two."""
    headers = [(b"origin", SHOP.encode())]
    good = carol.sign()
    flipped = good[:-1] + ("A" if good[-1] != "A" else "B")
    for subprotocols in (
        [],
        ["porchlight.v1"],
        offered("x"),
        offered(flipped),
        offered(good[:20]),
        offered(good) + offered(good),
    ):
        assert not await accepted("/ws/customer/", headers, subprotocols)
    later = timezone.now() + timedelta(seconds=limits.CUSTOMER_TOKEN_SECONDS + 60)
    with time_machine.travel(later):
        assert not await accepted("/ws/customer/", headers, offered(good))


async def test_a_token_is_good_for_its_own_site_only(carol: CustomerToken) -> None:
    """Another site's page cannot use it, whichever origin that site allows."""
    await Site.objects.acreate(name="Other", allowed_origins=["https://other.example"])
    assert not await accepted("/ws/customer/", [(b"origin", b"https://other.example")], offered(carol.sign()))


async def test_a_closed_site_accepts_nobody(carol: CustomerToken, site: Site) -> None:
    """Switching a site off ends new connections."""
    await Site.objects.filter(pk=site.pk).aupdate(active=False)
    assert not await accepted("/ws/customer/", [(b"origin", SHOP.encode())], offered(carol.sign()))


async def test_a_customer_cannot_open_the_agents_socket(carol: CustomerToken) -> None:
    """A customer's token is worth nothing there."""
    assert not await accepted("/ws/agent/", [(b"origin", OWN)], offered(carol.sign()))


async def test_agents_connect_from_our_own_origin_with_a_live_session(alice: Agent) -> None:
    """Not from a site's page, not without a cookie, not after the password changed or the account was closed."""
    cookie = (b"cookie", await sync_to_async(cookie_of)(alice))
    own = (b"origin", OWN)
    assert await accepted("/ws/agent/", [own, cookie], ["porchlight.v1"])
    assert not await accepted("/ws/agent/", [(b"origin", SHOP.encode()), cookie], ["porchlight.v1"])
    assert not await accepted("/ws/agent/", [cookie], ["porchlight.v1"])
    assert not await accepted("/ws/agent/", [own], ["porchlight.v1"])
    assert not await accepted("/ws/agent/", [own, (b"cookie", b"porchlight_session=forged")], ["porchlight.v1"])
    await Agent.objects.filter(pk=alice.pk).aupdate(is_active=False)
    assert not await accepted("/ws/agent/", [own, cookie], ["porchlight.v1"])
    alice.is_active = True
    await sync_to_async(alice.set_password)("another long password")
    await alice.asave()
    assert not await accepted("/ws/agent/", [own, cookie], ["porchlight.v1"])


async def test_a_bot_connects_without_an_origin_by_its_api_token(site: Site) -> None:
    """Programs have no Origin; a page that has one cannot use an API token."""
    token, secret = await sync_to_async(ApiToken.issue)("Bot")
    bearer = (b"authorization", f"Bearer {secret}".encode())
    assert await accepted("/ws/agent/", [bearer], ["porchlight.v1"])
    assert not await accepted("/ws/agent/", [bearer, (b"origin", SHOP.encode())], ["porchlight.v1"])
    assert not await accepted("/ws/agent/", [(b"authorization", b"Bearer plt_wrong")], ["porchlight.v1"])
    await ApiToken.objects.filter(pk=token.pk).aupdate(active=False)
    assert not await accepted("/ws/agent/", [bearer], ["porchlight.v1"])


@pytest.mark.parametrize(
    "beside",
    [b'prefs={"a":1, "b": 2}', b"foo[bar]=1", b"a=b,c", b"plain", "n=Jørgen".encode("latin-1"), b"=;;", b'q="\\000"'],
)
async def test_cookies_of_others_do_not_sign_an_agent_out(alice: Agent, beside: bytes) -> None:
    """The session's cookie is found as in any page, whatever stands before or after it."""
    ours = await sync_to_async(cookie_of)(alice)
    for cookie in (beside + b"; " + ours, ours + b"; " + beside):
        assert await accepted("/ws/agent/", [(b"origin", OWN), (b"cookie", cookie)], ["porchlight.v1"])
    two_headers = [(b"origin", OWN), (b"cookie", beside), (b"cookie", ours)]
    assert await accepted("/ws/agent/", two_headers, ["porchlight.v1"])


@pytest.mark.parametrize("value", [b'"aaaaaaaaaaaa\\000"', b'"\\377"', b"x" * 5000, b"aaaaaaaa:1", b'"', b""])
async def test_a_session_key_of_another_shape_is_never_looked_up(
    value: bytes,
) -> None:
    """Neither by a socket nor by a page, so that PostgreSQL is not asked what it cannot answer."""
    cookie = b"porchlight_session=" + value
    assert await refusal("/ws/agent/", [(b"origin", OWN), (b"cookie", cookie)], ["porchlight.v1"]) == (401, "bad_token")
    page = await AsyncClient().get("/inbox/", headers={"cookie": cookie.decode("latin-1")})
    assert page.status_code == 302
    # In the event loop, where Django lets no query pass.
    assert agent_of_session(session_key_of([(b"cookie", cookie)]) or "") is None


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (OperationalError("down"), (503, "unavailable")),
        (InterfaceError("connection closed"), (503, "unavailable")),
        (RuntimeError("a bug"), (500, "internal")),
    ],
)
async def test_a_handshake_that_cannot_be_judged_is_refused_in_words(
    carol: CustomerToken, monkeypatch: pytest.MonkeyPatch, error: Exception, answer: tuple[int, str]
) -> None:
    """A database that is down and a bug of ours are answers as well, before anything is accepted."""

    def fail(site_id: int) -> None:
        raise error

    monkeypatch.setattr("support.handshake.rules_by_id", fail)
    headers = [(b"origin", SHOP.encode())]
    assert await refusal("/ws/customer/", headers, offered(carol.sign())) == answer
    assert not await accepted("/ws/customer/", headers, offered(carol.sign()))


async def test_nobody_connects_to_an_origin_that_cannot_be_read(alice: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    """No origin is never equal to no origin."""
    monkeypatch.setattr(settings, "PUBLIC_URL", "https://büro.example")
    cookie = (b"cookie", await sync_to_async(cookie_of)(alice))
    for headers in ([cookie], [(b"origin", b"null"), cookie], [(b"origin", settings.PUBLIC_URL.encode()), cookie]):
        assert await refusal("/ws/agent/", headers, ["porchlight.v1"]) == (403, "bad_origin")


async def ask(site: str, origin: str | None = SHOP, token: str | None = None) -> tuple[int, dict[str, object]]:
    headers = {"origin": origin} if origin else {}
    if token:
        headers["authorization"] = f"Bearer {token}"
    answer = await AsyncClient().post(
        "/widget/session", {"site": site}, content_type="application/json", headers=headers
    )
    return answer.status_code, json.loads(answer.content)


async def test_a_session_gives_a_token_and_stores_nothing(site: Site) -> None:
    """No row and no cookie before the first message."""
    status, answer = await ask(site.key)
    assert status == 200
    token = CustomerToken.read(str(answer["token"]), 60)
    assert token is not None
    assert token.site_id == site.pk
    assert await Customer.objects.acount() == await Room.objects.acount() == 0


async def test_a_session_is_continued_by_its_token(site: Site) -> None:
    """The fresh token is the same customer's."""
    _, first = await ask(site.key)
    _, again = await ask(site.key, token=str(first["token"]))
    assert again["you"] == first["you"]
    assert (await ask(site.key))[1]["you"] != first["you"]


async def test_the_session_endpoint_says_in_words_why(site: Site) -> None:
    """Browsers hide a failed handshake's reason; here it is."""
    other = await Site.objects.acreate(name="Other", allowed_origins=[SHOP])
    foreign = CustomerToken.fresh(other.pk).sign()
    for answer, code, status in (
        (await ask("nobody"), "no_such_site", 404),
        (await ask("x" * 5000), "no_such_site", 404),
        (await ask(site.key, origin="https://evil.example"), "bad_origin", 403),
        (await ask(site.key, origin=None), "bad_origin", 403),
        (await ask(site.key, token="forged"), "bad_token", 401),
        (await ask(site.key, token=foreign), "bad_token", 401),
    ):
        assert (answer[0], answer[1]["code"]) == (status, code)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"site": 1}', b'{"site": "a", "more": 1}', b"\xff", b"null"])
async def test_a_malformed_session_request_is_refused(site: Site, body: bytes) -> None:
    """A clear 4xx, whatever is sent."""
    answer = await AsyncClient().post(
        "/widget/session", body, content_type="application/json", headers={"origin": SHOP}
    )
    assert 400 <= answer.status_code < 500
    assert json.loads(answer.content)["code"] in ("bad_frame", "not_json")


async def test_other_addresses_are_refused_without_a_traceback() -> None:
    """A socket that does not exist is an answer, not an error of the server's."""
    for path in ("/ws/", "/ws/customer", "/", "/ws/agent/more"):
        assert not await accepted(path, [(b"origin", OWN)], ["porchlight.v1"])
