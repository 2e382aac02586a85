"""What the real servers answer on the wire, before and after the handshake."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from e2e.server import PorchlightServer
from e2e.sockets import close_code, customer_on_a_loop, on_a_loop
from support import limits
from support.broadcast import site_feed
from support.layer import FeedLayer
from support.protocol.codes import CloseCode
from support.wire import Audience

pytestmark = pytest.mark.both_servers


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
    """SIGTERM: 200 sockets hear 1012, other processes that their customer left, and the process ends within seconds."""
    try:
        codes, told, ended = on_a_loop(stop_under(porchlight, token, 200))
        assert codes == {CloseCode.GOING_AWAY: 200}
        assert told < 2
        assert ended < 6
        assert "Traceback" not in porchlight.web.output()
    finally:
        porchlight.start()


async def stop_under(server: PorchlightServer, token: str, count: int) -> tuple[Counter[int | None], float, float]:
    """Open so many sockets and stop the server: their close codes; when its neighbours knew, and when it was gone."""
    async with AsyncExitStack() as stack, neighbour(server) as news:
        sockets = []
        for _ in range(count):
            sockets.append(await stack.enter_async_context(customer_on_a_loop(server, token)))
            # At once: who waits too long with it is closed.
            await sockets[-1].send('{"type": "hello", "protocol": 1}')
        for socket in sockets:
            while json.loads(await socket.recv())["type"] != "welcome":
                pass
        await news(present=True)
        began = monotonic()
        stopping = asyncio.create_task(asyncio.to_thread(server.stop_web))
        codes = Counter(await asyncio.gather(*map(close_code, sockets)))
        await news(present=False)
        told = monotonic() - began
        await stopping
        return codes, told, monotonic() - began


@asynccontextmanager
async def neighbour(server: PorchlightServer) -> AsyncIterator[Callable[..., Awaitable[None]]]:
    """Another process of the same installation: returns when it hears that a customer came, or left."""
    layer: Any = FeedLayer(url=os.environ["REDIS_URL"])
    channel = await layer.new_channel()
    await layer.group_add(site_feed(server.site_id, Audience.STAFF), channel)

    async def news(*, present: bool) -> None:
        async with asyncio.timeout(10):
            while True:
                frame = json.loads((await layer.receive(channel)).get("text", "{}"))
                if frame.get("type") == "customer.presence" and frame["present"] is present:
                    return

    try:
        yield news
    finally:
        await layer.flush()
