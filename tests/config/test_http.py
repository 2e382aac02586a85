"""Pages and sockets share a process and its pool of connections, and neither can take what is the other's."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from django.conf import settings
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from config.embedded import Servers
from e2e.server import PorchlightServer, fresh_database

pytestmark = pytest.mark.timeout(120)

REQUESTS = 12
BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture(scope="module")
def porchlight(servers: Servers) -> Iterator[PorchlightServer]:
    """A real server, which has its pool on."""
    with tempfile.TemporaryDirectory(prefix="porchlight-http-") as folder, fresh_database(servers.database_url) as url:
        server = PorchlightServer("uvicorn", database_url=url, redis_url=servers.redis_url, folder=Path(folder))
        try:
            server.prepare()
            server.start()
            yield server
        finally:
            server.stop()


@asynccontextmanager
async def hanging_pages(server: PorchlightServer) -> AsyncIterator[list[asyncio.Task[httpx.Response]]]:
    """Visits that wait for the database until this ends: more than may ask it at once, and no more than may do."""
    database = server.env["DATABASE_URL"]
    with psycopg.connect(database) as lock, psycopg.connect(database, autocommit=True) as watch:
        # What a page looks up for its visitor, and a message does not.
        lock.execute("LOCK TABLE django_session IN ACCESS EXCLUSIVE MODE")
        visits = [asyncio.create_task(visit(server, f"{number:032}")) for number in range(REQUESTS)]
        try:
            # Well below the server's lock_timeout, which ends what hangs.
            async with asyncio.timeout(4):
                while (asking := _count(watch)) < settings.HTTP_DATABASE_THREADS:  # noqa: ASYNC110  # it tells nobody
                    await asyncio.sleep(0.05)
            assert asking == settings.HTTP_DATABASE_THREADS
            yield visits
            assert _count(watch) <= settings.HTTP_DATABASE_THREADS
        finally:
            lock.rollback()
            await asyncio.wait(visits)


def _count(watch: psycopg.Connection[Any]) -> int:
    row = watch.execute(BLOCKED).fetchone()
    return int(row[0]) if row else 0


async def visit(server: PorchlightServer, session_key: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as browser:
        return await browser.get("/inbox/", headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={session_key}"})


@asynccontextmanager
async def carol_at(server: PorchlightServer) -> AsyncIterator[ClientConnection]:
    async with httpx.AsyncClient(base_url=server.url) as browser:
        headers = {"Origin": server.shop_url}
        session = await browser.post("/widget/session", json={"site": server.site_key}, headers=headers)
    async with connect(
        server.url.replace("http", "ws") + "/ws/customer/",
        origin=Origin(server.shop_url),
        subprotocols=[Subprotocol("porchlight.v1"), Subprotocol(f"bearer.{session.json()['token']}")],
        proxy=None,
    ) as socket:
        await socket.send('{"type": "hello", "protocol": 1}')
        await expect(socket, "welcome")
        yield socket


async def expect(socket: ClientConnection, *kinds: str) -> dict[str, Any]:
    while True:
        frame: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 10))
        if frame["type"] in kinds:
            return frame


async def test_slow_pages_do_not_keep_messages_waiting(porchlight: PorchlightServer) -> None:
    """Twelve requests hang in the database, and Carol's message is acknowledged meanwhile; then all are answered."""
    async with carol_at(porchlight) as carol:
        async with hanging_pages(porchlight) as visits:
            frame = {"type": "message.send", "client_id": str(uuid4()), "room": str(uuid4()), "body": "Anybody there?"}
            await carol.send(json.dumps(frame))
            assert (await expect(carol, "ack", "error"))["type"] == "ack"
            assert not any(each.done() for each in visits)
        assert [answer.status_code for answer in await asyncio.gather(*visits)] == [302] * REQUESTS


async def test_visitors_who_leave_give_their_place_back(porchlight: PorchlightServer) -> None:
    """A closed tab frees what it held as soon as the database lets go of it."""
    async with hanging_pages(porchlight) as visits:
        for each in visits:
            each.cancel()
        await asyncio.wait(visits)
    answers = await asyncio.gather(*(visit(porchlight, f"{number:032}") for number in range(REQUESTS)))
    assert [answer.status_code for answer in answers] == [302] * REQUESTS


async def test_bodies_that_never_come_hold_no_place(porchlight: PorchlightServer) -> None:
    """Mallory begins more requests than may use the database, finishes none, and pages are served meanwhile."""
    head = f"POST /widget/session HTTP/1.1\r\nHost: localhost:{porchlight.port}\r\nContent-Length: 9\r\n\r\n{{"
    unfinished = [await asyncio.open_connection("localhost", porchlight.port) for _ in range(REQUESTS)]
    for _, writer in unfinished:
        writer.write(head.encode())
        await writer.drain()
    await asyncio.sleep(0.3)
    assert (await asyncio.wait_for(visit(porchlight, "a" * 32), 5)).status_code == 302
    for _, writer in unfinished:
        writer.close()
        await writer.wait_closed()
