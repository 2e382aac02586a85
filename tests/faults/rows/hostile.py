"""Row 15: connections that never become one, a frame without end, and a bomb."""

import socket
import struct
import time
import zlib
from contextlib import ExitStack, suppress

from config.embedded.ports import HOST
from tests.faults.cast import SHOP
from tests.faults.raw import ClosedError, RawSocket, customer_token, masked
from tests.faults.resources import GROWTH_MIB, all_held
from tests.faults.row import row
from tests.faults.stage import Stage
from tests.faults.verdict import percentile

HALF_OPEN, HONEST = 2_000, 40
HALF_A_REQUEST = b"GET /ws/customer/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nSec-WebSocket-"
FRAME_BYTES, SENT_BYTES = 1 << 30, 32 << 20
BOMB_BYTES = 256 << 20
# Its first bit after FIN says: compressed. Nobody agreed to that.
COMPRESSED = 0xC0


@row(
    15,
    "2,000 half-open handshakes; a frame of 1 GiB; a deflate bomb",
    tells=(
        "half-open handshakes",
        "an honest connect p99 s",
        "peak MiB",
    ),
)
def hostile(stage: Stage) -> None:
    stage.assemble()
    stage.begin(seconds=stage.plan.fault_at + 20)
    stage.until_fault()
    before = {held.pid: held.rss_mib for held in all_held(stage.cluster)}
    stage.broken()
    token = customer_token(stage.cluster.webs[0].port, stage.cast.sites[0].key, SHOP)
    with ExitStack() as ends:
        half = _half_open(stage, ends)
        codes = [code for web in stage.cluster.webs for code in (_endless(web.port, token), _bomb(web.port, token))]
        times = [_honest(stage, token, count) for count in range(HONEST)]
        peak = max(held.rss_mib - before[held.pid] for held in all_held(stage.cluster))
    stage.mended()
    stage.verdict.add("half-open handshakes", half)
    stage.verdict.add("an honest connect p99 s", percentile(times, 0.99), 1.0 * stage.plan.patience)
    stage.verdict.add("peak MiB", max(0.0, peak), GROWTH_MIB)
    stage.verdict.add("frames taken", codes.count(0), 0)
    stage.settle()
    stage.judge()


def _half_open(stage: Stage, ends: ExitStack) -> int:
    """Each begins a request and says no more, shared out over the two processes."""
    count = 0
    for index in range(HALF_OPEN):
        connection = ends.enter_context(socket.socket())
        connection.settimeout(5)
        with suppress(OSError):
            connection.connect((HOST, stage.cluster.webs[index % 2].port))
            connection.sendall(HALF_A_REQUEST)
            count += 1
    return count


def _endless(port: int, token: str) -> int:
    """Announces a gigabyte and sends as much of it as is taken. The close code; 0 when there is none."""
    with RawSocket.customer(port, token, SHOP) as tab:
        tab.hello()
        with suppress(OSError):
            tab.socket.sendall(struct.pack("!BBQ", 0x81, 0x80 | 127, FRAME_BYTES) + b"\0\0\0\0")
            for _ in range(SENT_BYTES >> 16):
                tab.socket.sendall(b"x" * (1 << 16))
        return _end_of(tab)


def _bomb(port: int, token: str) -> int:
    """Small on the wire, and a quarter of a gigabyte for who unpacks it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(b"x" * (1 << 20)) for _ in range(BOMB_BYTES >> 20)) + packer.flush()
    with RawSocket.customer(port, token, SHOP) as tab:
        tab.hello()
        with suppress(OSError):
            tab.socket.sendall(masked(packed[:60_000], first=COMPRESSED))
        return _end_of(tab)


def _end_of(tab: RawSocket) -> int:
    with suppress(TimeoutError):
        try:
            return tab.drain(10)[1]
        except (OSError, ClosedError):
            return 1006
    return 0


def _honest(stage: Stage, token: str, count: int) -> float:
    began = time.monotonic()
    with RawSocket.customer(stage.cluster.webs[count % 2].port, token, SHOP) as tab:
        tab.hello()
    return time.monotonic() - began
