"""Whatever is sent over HTTP, the answer is a clear error with a code from the table, and nothing unclean is stored."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.test import AsyncClient

from accounts.models import ApiToken
from accounts.tokens import CustomerToken
from config.asgi import application
from support import actions, limits, queries
from support.api import widget
from support.models import Message, Site
from support.wire import RoomRef
from tests.support.wire import SHOP

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def room(carol: CustomerToken) -> RoomRef:
    ref, _ = async_to_sync(actions.open_room)(carol.actor, str(uuid4()), "Hello", str(uuid4()))
    return ref


@pytest.fixture
def bearer(transactional_db: None) -> str:
    """An API token's header."""
    _, secret = ApiToken.issue("Bot")
    return f"Bearer {secret}"


async def post_bytes(body: str | bytes, headers: list[tuple[bytes, bytes]]) -> httpx.Response:
    """Through the whole ASGI application, with headers as bytes, as a server hands them over."""
    transport = httpx.ASGITransport(application)  # type: ignore[arg-type]  # Channels types scopes more narrowly
    async with httpx.AsyncClient(transport=transport, base_url=settings.PUBLIC_URL) as client:
        return await client.post("/widget/session", content=body, headers=headers)


async def ask_session(body: str | bytes, content_type: bytes = b"application/json") -> tuple[int, dict[str, Any]]:
    headers = [(b"origin", SHOP.encode()), (b"content-type", content_type)]
    answer = await post_bytes(body, headers)
    return answer.status_code, answer.json()


async def write(room: RoomRef, bearer: str, body: str, client_id: str = "") -> tuple[int, dict[str, Any]]:
    """`body` is JSON's own spelling of the text, without the quotes."""
    sent = f'{{"client_id": "{client_id or uuid4()}", "body": "{body}"}}'
    answer = await AsyncClient().post(
        f"/api/rooms/{room.id}/messages", sent, content_type="application/json", headers={"authorization": bearer}
    )
    return answer.status_code, json.loads(answer.content)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (r'{"site": "\u0000"}', 400, "bad_text"),
        (r'{"site": "\ud800"}', 400, "bad_text"),
        (r'{"\u0000": "x"}', 400, "bad_text"),
        ('{"site": "a", "site": "b"}', 400, "not_json"),
        ('{"site": NaN}', 400, "not_json"),
        ('{"site": 1e999}', 400, "not_json"),
        ("\ufeff{}", 400, "not_json"),
        ('{"site": "a"}'.encode("utf-16"), 400, "not_json"),
        (b'{"site": "\xff"}', 400, "not_json"),
        ("[" * 5000, 400, "too_deep"),
        ("[]", 422, "bad_frame"),
        ("1", 422, "bad_frame"),
        (json.dumps({"site": "x" * limits.FRAME_BYTES}), 413, "too_big"),
        ('{"site": "' + "x" * 3_000_000 + '"}', 413, "too_big"),
        ('{"site": "%"}', 404, "no_such_site"),
        ('{"site": "a b"}', 404, "no_such_site"),
    ],
)
async def test_bodies_pass_the_gate_of_frames(site: Site, body: str | bytes, status: int, code: str) -> None:
    """What a socket refuses is refused here, with the same code."""
    answered, answer = await ask_session(body)
    assert (answered, answer["code"]) == (status, code)


@pytest.mark.parametrize(
    "content_type",
    [
        b"",
        b";",
        "application/jsön".encode(),
        b"application/json; charset=\xff",
        b"a/b; charset=nonsense",
        b"a/b; charset=utf-16",
        b"multipart/form-data; boundary=\xff",
        b"a/b; x*=utf-8''%ff",
    ],
)
async def test_the_content_type_is_not_believed(site: Site, content_type: bytes) -> None:
    """The body is read as UTF-8 JSON whatever the header says."""
    status, answer = await ask_session(json.dumps({"site": site.key}), content_type)
    assert status == 200, answer


@pytest.mark.parametrize("content_type", [b"a/b; x*=bad''%ff", b"a/b; charset=\x00"])
async def test_a_content_type_that_cannot_be_read_is_a_400(content_type: bytes) -> None:
    """Django would let these two end as the server's traceback."""
    answer = await post_bytes(b"{}", [(b"content-type", content_type)])
    assert answer.status_code == 400


@pytest.mark.parametrize("body", [r"a\u0000b", r"a\ud800b", r"a\u001bb", "a\x7fb"])
async def test_text_that_cannot_be_stored_is_refused(room: RoomRef, bearer: str, body: str) -> None:
    """Control characters and lone surrogates do not reach the log through the API either."""
    status, answer = await write(room, bearer, body)
    assert (status, answer["code"]) == (400, "bad_text")
    assert await Message.objects.filter(room_id=room.id).acount() == 1


async def test_text_is_stored_in_its_normal_form(room: RoomRef, bearer: str) -> None:
    """A letter and its accent, sent apart, are one character, and the same message again is the same entry."""
    client_id = str(uuid4())
    apart = await write(room, bearer, r"Cafe\u0301", client_id)
    assert (apart[0], apart[1]["body"]) == (200, "Café")
    assert await write(room, bearer, "Café", client_id) == apart


@pytest.mark.parametrize(
    "path",
    [
        "/api/rooms/%00/entries",
        "/api/rooms/%C2%B2/entries",
        "/api/rooms/99999999999999999999999999/entries",
        "/api/rooms/{room}/entries?after=99999999999999999999999",
        "/api/rooms/{room}/entries?after=-1",
        "/api/rooms/{room}/entries?after=%00",
        "/api/rooms/?cursor=%00",
        "/api/rooms/?cursor=%ff",
        "/api/rooms/?cursor=x",
        "/api/rooms/?view=%00",
        "/api/rooms/?%00=1",
    ],
)
async def test_addresses_and_queries_pass_it_too(room: RoomRef, bearer: str, path: str) -> None:
    """Each is answered with a code and a 4xx."""
    answer = await AsyncClient().get(path.format(room=room.id), headers={"authorization": bearer})
    assert 400 <= answer.status_code < 500
    assert json.loads(answer.content)["code"] in ("bad_text", "bad_frame", "no_such_room")


@pytest.mark.parametrize("key", ["%00", "%ED%A0%80", "%FF", "a%20b", "x" * 5000, "nobody"])
async def test_a_hosted_page_that_does_not_exist_is_a_404(site: Site, key: str) -> None:
    """Also for a key that PostgreSQL would not even compare."""
    assert (await AsyncClient().get(f"/chat/{key}")).status_code == 404


async def test_what_is_no_origin_stays_out_of_the_policy(site: Site) -> None:
    """Only the site's real origins may frame its page, however the others came into the table."""
    await Site.objects.filter(pk=site.pk).aupdate(allowed_origins=["https://x;script-src", SHOP, "https://*"])
    policy = (await AsyncClient().get(f"/chat/{site.key}"))["Content-Security-Policy"]
    assert f"frame-ancestors 'self' {SHOP};" in policy + ";"


@pytest.mark.parametrize("error", [OperationalError("down"), InterfaceError("connection closed")])
async def test_a_database_that_does_not_answer_is_said_in_words(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """A 503 with a time to come back, and no traceback."""
    monkeypatch.setattr(widget, "rules_by_key", _raiser(error))
    answer = await AsyncClient().post(
        "/widget/session", {"site": site.key}, content_type="application/json", headers={"origin": SHOP}
    )
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert json.loads(answer.content)["code"] == "unavailable"


async def test_a_bug_of_ours_is_said_in_words_and_logged(
    bearer: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The caller learns nothing of our insides; the log has the traceback."""
    monkeypatch.setattr(queries, "rooms_page", _raiser(RuntimeError("secret")))
    answer = await AsyncClient().get("/api/rooms/", headers={"authorization": bearer})
    assert (answer.status_code, json.loads(answer.content)["code"]) == (500, "internal")
    assert b"secret" not in answer.content
    assert "RuntimeError: secret" in caplog.text


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer \x00", "Bearer \xff", "Basic eDp5", "Bearer plt_wrong"])
async def test_a_bad_api_token_is_said_in_words(site: Site, sent: str) -> None:
    """Whatever it is made of."""
    answer = await AsyncClient().get("/api/rooms/", headers={"authorization": sent})
    assert (answer.status_code, json.loads(answer.content)["code"]) == (401, "bad_token")


async def test_a_site_that_has_just_been_closed_gives_no_session(site: Site) -> None:
    """Even while its rules are still in the cache."""
    assert (await ask_session(json.dumps({"site": site.key})))[0] == 200
    await Site.objects.filter(pk=site.pk).aupdate(active=False)
    status, answer = await ask_session(json.dumps({"site": site.key}))
    assert (status, answer["code"]) == (404, "no_such_site")


def _raiser(error: Exception) -> Any:
    def fail(*arguments: object) -> None:
        raise error

    return fail
