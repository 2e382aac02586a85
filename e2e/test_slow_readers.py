"""Clients that do not read, flood, or vanish: the real servers keep their memory, and others notice nothing."""

import asyncio
import json
import os
import socket as sockets
import struct
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from statistics import quantiles
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from e2e.server import PorchlightServer
from e2e.sockets import close_code, customer_on_a_loop, on_a_loop
from presence.connection import connect as connect_redis
from presence.roster import Roster
from support.broadcast import room_feed
from support.limits import ABORT_SECONDS, HEARTBEAT_SECONDS, STUCK_SECONDS
from support.protocol.codes import CloseCode
from support.wire import Audience

pytestmark = [pytest.mark.both_servers, pytest.mark.timeout(300)]

MIB = 1024 * 1024
# In MiB: 16,000 messages of 4,000 characters on the wire.
PRODUCED = 187
GROWTH = 64 * MIB


def resident(server: PorchlightServer, what: str = "VmRSS") -> int:
    """The web server's memory in bytes, now or (VmHWM) at its highest."""
    lines = Path(f"/proc/{server.web.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))


def clients(server: PorchlightServer) -> int:
    """TCP connections to the web server that it has not let go of, also half closed ones."""
    rows = [row.split() for row in Path(f"/proc/{server.web.pid}/net/tcp").read_text().splitlines()[1:]]
    # The local address, and the state: what listens and what only waits for late packets is nobody's.
    return sum(row[1].endswith(f":{server.port:04X}") and row[3] not in ("0A", "06") for row in rows)


def tracebacks(server: PorchlightServer) -> str:
    output = server.web.output()
    return output[output.index("Traceback") - 500 :][:4000] if "Traceback" in output else ""


def nobody_is_left(server: PorchlightServer) -> bool:
    deadline = monotonic() + 20
    while clients(server) and monotonic() < deadline:
        sleep(0.1)
    return not clients(server)


class Customer:
    """A client as ours: answers heartbeats as it reads them; `read` does so in the background."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.ref = ""
        self.acks: dict[str, asyncio.Future[float]] = {}

    async def hello(self) -> None:
        await self.socket.send('{"type": "hello", "protocol": 1}')
        while (frame := json.loads(await self.socket.recv()))["type"] != "welcome":
            pass
        self.ref = str(frame["you"]["ref"])

    async def read(self) -> None:
        while True:
            text = await self.socket.recv()
            if len(text) > 10_000:
                continue
            frame = json.loads(text)
            if frame["type"] == "heartbeat":
                await self.socket.send('{"type": "heartbeat", "heads": {}}')
            elif frame["type"] == "ack":
                self.acks.pop(frame["client_id"]).set_result(monotonic())

    async def write(self, room: str) -> float:
        """Seconds until the ack."""
        client_id = str(uuid4())
        acked = self.acks[client_id] = asyncio.get_running_loop().create_future()
        began = monotonic()
        await self.socket.send(
            json.dumps({"type": "message.send", "client_id": client_id, "room": room, "body": "Hello"})
        )
        seconds: float = await acked - began
        return seconds


@asynccontextmanager
async def customer(server: PorchlightServer, **options: Any) -> AsyncIterator[Customer]:
    token = await asyncio.to_thread(server.new_token)
    async with customer_on_a_loop(server, token, close_timeout=1, **options) as socket:
        one = Customer(socket)
        await one.hello()
        yield one


def test_a_client_that_stops_reading_costs_little_and_is_closed(porchlight: PorchlightServer) -> None:
    """187 MiB for it and one that reads: the process grows by less than 64 MiB, and others are acknowledged in time."""
    before = resident(porchlight)
    code, took, acks = on_a_loop(stop_reading(porchlight), 240)
    growth = resident(porchlight, "VmHWM") - before
    p99 = quantiles(acks, n=100)[-1]
    print(
        f"\n{growth / MIB:.1f} MiB more; {code} after {took:.1f} s; "
        f"{len(acks)} acks: p50 {quantiles(acks)[1]:.3f} s, p99 {p99:.3f} s"
    )
    assert growth <= GROWTH
    assert code == CloseCode.TOO_SLOW
    assert took <= 30
    assert p99 <= 1
    assert not tracebacks(porchlight)


async def stop_reading(server: PorchlightServer) -> tuple[int | None, float, list[float]]:
    async with AsyncExitStack() as stack:
        # Its kernel takes little, too: most of what is sent stays at the server.
        stuck = await stack.enter_async_context(
            customer(server, max_queue=1, ping_interval=None, sock=small_socket(server))
        )
        others = [await stack.enter_async_context(customer(server)) for _ in range(5)]
        reading = [asyncio.create_task(other.read()) for other in others]
        rooms = [str(uuid4()) for _ in others]
        acks = [await other.write(room) for other, room in zip(others, rooms, strict=True)]
        own = str(uuid4())
        await stuck.socket.send(
            json.dumps({"type": "message.send", "client_id": str(uuid4()), "room": own, "body": "Hello"})
        )
        while json.loads(await stuck.socket.recv())["type"] != "ack":
            pass
        feeds = [room_feed(await asyncio.to_thread(room_id, server, key), Audience.PUBLIC) for key in (own, rooms[0])]
        began = monotonic()
        producing = server.process("produce", [sys.executable, "-m", "e2e.produce", str(PRODUCED), "20", *feeds])
        producing.start()
        ending = asyncio.create_task(end_of(server, stuck))
        while producing.alive or not ending.done():
            # The first reads all that is produced, and its acknowledgements come behind that.
            for other, room in zip(others[1:], rooms[1:], strict=True):
                acks.append(await other.write(room))
            await asyncio.sleep(1)
        producing.wait(0)
        code, ended = await ending
        for task in reading:
            task.cancel()
        return code, ended - began, acks


async def end_of(server: PorchlightServer, stuck: Customer) -> tuple[int | None, float]:
    """The code, read at last when the server has let go of it, and when that was."""
    topic = f"customers.{await asyncio.to_thread(lambda: server.site_id)}"
    async with connect_redis(os.environ["REDIS_URL"]) as redis:
        while await Roster(redis).is_present(topic, stuck.ref):  # noqa: ASYNC110 - the change is in another process
            await asyncio.sleep(0.05)
    ended = monotonic()
    return await close_code(stuck.socket), ended


def small_socket(server: PorchlightServer) -> sockets.socket:
    made = sockets.socket()
    made.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    made.connect(("127.0.0.1", server.port))
    return made


def room_id(server: PorchlightServer, key: str) -> int:
    with psycopg.connect(server.env["DATABASE_URL"]) as connection:
        row = connection.execute("SELECT id FROM support_room WHERE key = %s", [key]).fetchone()
    assert row
    return int(row[0])


def test_a_client_that_never_reads_again_is_cut_off(porchlight: PorchlightServer) -> None:
    """It takes neither the rest nor the close: its TCP connection is gone all the same."""
    assert nobody_is_left(porchlight)
    on_a_loop(never_read_again(porchlight))


async def never_read_again(server: PorchlightServer) -> None:
    async with customer(server, max_queue=1, ping_interval=None, sock=small_socket(server)) as stuck:
        room = str(uuid4())
        await stuck.socket.send(
            json.dumps({"type": "message.send", "client_id": str(uuid4()), "room": room, "body": "Hello"})
        )
        while json.loads(await stuck.socket.recv())["type"] != "ack":
            pass
        feed = room_feed(await asyncio.to_thread(room_id, server, room), Audience.PUBLIC)
        producing = server.process("produce", [sys.executable, "-m", "e2e.produce", "20", "1", feed])
        producing.start()
        async with asyncio.timeout(STUCK_SECONDS + HEARTBEAT_SECONDS + ABORT_SECONDS + 10):
            while clients(server):  # noqa: ASYNC110 - the change is in another process
                await asyncio.sleep(0.1)
        producing.wait(10)


@pytest.mark.parametrize(
    "text", ['{"type": "heartbeat", "heads": {}}', "{", "x" * 60_000], ids=["valid", "not json", "big"]
)
def test_a_flood_is_closed_and_leaves_nothing(porchlight: PorchlightServer, text: str) -> None:
    """A client that sends as fast as it can and reads nothing is refused and closed; memory and files come back."""
    on_a_loop(floods(porchlight, text, 1))
    before = resident(porchlight)
    codes = on_a_loop(floods(porchlight, text, 5))
    growth = resident(porchlight, "VmHWM") - before
    print(f"\n{growth / MIB:.1f} MiB more at most, {(resident(porchlight) - before) / MIB:.1f} MiB left; {codes}")
    assert growth <= GROWTH
    assert nobody_is_left(porchlight)
    assert set(codes) <= {CloseCode.TOO_FAST, CloseCode.TOO_SLOW, None}
    assert not tracebacks(porchlight)


async def floods(server: PorchlightServer, text: str, count: int) -> list[int | None]:
    """So many at once, until each has been closed and its connection is gone."""
    return await asyncio.gather(*(flood(server, text) for _ in range(count)))


async def flood(server: PorchlightServer, text: str) -> int | None:
    async with customer(server) as one:
        with suppress(ConnectionClosed):
            async with asyncio.timeout(ABORT_SECONDS + 10):
                while True:
                    for _ in range(100):
                        await one.socket.send(text)
                    # A send waits only when the kernel takes no more: the others have to begin, too.
                    await asyncio.sleep(0)
        return await close_code(one.socket)


def test_clients_that_vanish_leave_nothing(porchlight: PorchlightServer) -> None:
    """A hundred resets in the middle of everything: no traceback, no file, nobody present."""
    on_a_loop(vanish(porchlight, 100))
    assert nobody_is_left(porchlight)
    assert not tracebacks(porchlight)


async def vanish(server: PorchlightServer, count: int) -> None:
    token = await asyncio.to_thread(server.new_token)

    async def one(number: int) -> None:
        async with customer_on_a_loop(server, token) as socket:
            await socket.send('{"type": "hello", "protocol": 1}')
            if number % 2:
                await socket.recv()
                await socket.send(
                    json.dumps({"type": "message.send", "client_id": str(uuid4()), "room": str(uuid4()), "body": "Hi"})
                )
            # With nothing to wait for, a close is a reset.
            raw = socket.transport.get_extra_info("socket")
            raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, struct.pack("ii", 1, 0))
            socket.transport.abort()

    for start in range(0, count, 20):
        await asyncio.gather(*(one(number) for number in range(start, min(start + 20, count))))
