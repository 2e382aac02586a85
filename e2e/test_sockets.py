"""What the real servers answer on the wire, before and after the handshake."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from time import monotonic
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import psycopg
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from e2e.server import PorchlightServer
from e2e.sockets import close_code, customer_on_a_loop, on_a_loop
from presence.connection import connect as connect_redis
from presence.roster import Roster
from support import limits
from support.protocol.codes import CloseCode

pytestmark = pytest.mark.both_servers


@pytest.fixture
def token(porchlight: PorchlightServer) -> str:
    request = Request(  # noqa: S310  # our own server
        f"{porchlight.url}/widget/session",
        json.dumps({"site": porchlight.site_key}).encode(),
        {"Content-Type": "application/json", "Origin": porchlight.shop_url},
    )
    with urlopen(request) as answer:  # noqa: S310
        return str(json.load(answer)["token"])


def customer(server: PorchlightServer, token: str, origins: list[str]) -> ClientConnection:
    return connect(
        server.url.replace("http", "ws") + "/ws/customer/",
        additional_headers=[("Origin", origin) for origin in origins],
        subprotocols=["porchlight.v1", f"bearer.{token}"],  # type: ignore[list-item]
        proxy=None,
    )


@pytest.fixture
def socket(porchlight: PorchlightServer, token: str) -> Iterator[ClientConnection]:
    with customer(porchlight, token, [porchlight.shop_url]) as connection:
        assert connection.subprotocol == "porchlight.v1"
        connection.send('{"type": "hello", "protocol": 1}')
        assert expect(connection, "welcome")["rooms"] == []
        yield connection


def expect(connection: ClientConnection, kind: str) -> dict[str, Any]:
    while True:
        frame: dict[str, Any] = json.loads(connection.recv(10))
        if frame["type"] == kind:
            return frame


def test_foreign_origins_and_bad_tokens_are_refused_before_accept(porchlight: PorchlightServer, token: str) -> None:
    """Foreign, missing, null and doubled origins; a forged token. The servers answer the doubled one themselves."""
    shop = porchlight.shop_url
    refused = [
        (token, ["https://evil.example"]),
        (token, []),
        (token, ["null"]),
        (token, [shop, shop]),
        (token[:-2] + "xx", [shop]),
    ]
    for sent, origins in refused:
        with pytest.raises(InvalidStatus) as status:
            customer(porchlight, sent, origins)
        assert status.value.response.status_code in (400, 401, 403)


def test_malformed_frames_are_answered_and_the_connection_goes_on(socket: ClientConnection) -> None:
    """Each has its code, and the next message is stored."""
    for sent, code in (
        ("{", "not_json"),
        (b"\x00", "binary"),
        ("x" * 20_000, "too_big"),
        ('{"type": "x"}', "unknown_type"),
    ):
        socket.send(sent)
        assert expect(socket, "error")["code"] == code
    room = str(uuid4())
    socket.send(json.dumps({"type": "message.send", "client_id": str(uuid4()), "room": room, "body": "Still here"}))
    assert expect(socket, "ack")["seq"] == 1


def test_a_frame_beyond_what_is_read_ends_the_connection(socket: ClientConnection) -> None:
    """The server itself ends it, long before memory matters: Uvicorn with 1009, Daphne without a word."""
    socket.send("x" * 1_000_000)
    with pytest.raises(ConnectionClosed) as closed:
        expect(socket, "nothing else")
    assert closed.value.rcvd is None or closed.value.rcvd.code == CloseCode.TOO_BIG


def test_heartbeats_come_without_being_asked(socket: ClientConnection) -> None:
    """So a client knows within seconds that it has been cut off."""
    assert expect(socket, "heartbeat")["heads"] == {}


def test_a_flood_is_closed_with_its_code(socket: ClientConnection) -> None:
    """The close arrives although the server's side of the connection is over at once."""
    for _ in range(limits.REFUSALS + 1):
        socket.send(b"\x00")
    with pytest.raises(ConnectionClosed) as closed:
        expect(socket, "nothing else")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == CloseCode.TOO_FAST


def test_a_restart_says_good_bye(porchlight: PorchlightServer, token: str) -> None:
    """SIGTERM: 200 sockets hear 1012 at once, nobody is left in presence after two seconds, and the process ends."""
    try:
        codes, told, ended = on_a_loop(stop_under(porchlight, token, 200))
        assert codes == {CloseCode.GOING_AWAY: 200}
        assert told < 2
        assert ended < 6
        assert "Traceback" not in porchlight.web.output()
    finally:
        porchlight.start()


async def stop_under(server: PorchlightServer, token: str, count: int) -> tuple[Counter[int | None], float, float]:
    """Open so many sockets, stop the server: their close codes, and when presence was empty and the process gone."""
    site_id = await asyncio.to_thread(site_of, server)
    topic = f"customers.{site_id}"
    async with AsyncExitStack() as stack, connect_redis(os.environ["REDIS_URL"]) as redis:
        sockets = [await stack.enter_async_context(customer_on_a_loop(server, token)) for _ in range(count)]
        for socket in sockets:
            await socket.send('{"type": "hello", "protocol": 1}')
        for socket in sockets:
            while json.loads(await socket.recv())["type"] != "welcome":
                pass
        assert await Roster(redis).present(topic)
        began = monotonic()
        stopping = asyncio.create_task(asyncio.to_thread(server.stop_web))
        codes = Counter(await asyncio.gather(*map(close_code, sockets)))
        while await Roster(redis).present(topic):  # noqa: ASYNC110 - the change is in another process
            await asyncio.sleep(0.02)
        told = monotonic() - began
        await stopping
        return codes, told, monotonic() - began


def site_of(server: PorchlightServer) -> int:
    with psycopg.connect(server.env["DATABASE_URL"]) as connection:
        row = connection.execute("SELECT id FROM support_site WHERE key = %s", [server.site_key]).fetchone()
    assert row
    return int(row[0])
