"""RawSocket: a WebSocket client that can do what no real one does: stop reading, cut a frame short, lie."""

import base64
import json
import os
import select
import socket
import struct
import time
import urllib.request
from contextlib import suppress
from typing import Any, Self

from config.embedded.ports import HOST

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class ClosedError(Exception):
    """The server ended it; `code` is the close frame's, or 1006 without one."""

    def __init__(self, code: int) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class RawSocket:
    """One connection, spoken by hand. Nothing is read unless asked for."""

    def __init__(self, port: int, path: str, headers: dict[str, str], *, buffer: int = 0, host: str = HOST) -> None:
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(10)
        self.socket.connect((host, port))
        self._buffer = b""
        self.status = self._handshake(port, path, headers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    @classmethod
    def customer(cls, port: int, token: str, origin: str, **options: Any) -> Self:
        protocols = f"porchlight.v1, bearer.{token}"
        return cls(port, "/ws/customer/", {"Origin": origin, "Sec-WebSocket-Protocol": protocols}, **options)

    @classmethod
    def agent(cls, port: int, cookie: str, origin: str, **options: Any) -> Self:
        headers = {"Origin": origin, "Cookie": cookie, "Sec-WebSocket-Protocol": "porchlight.v1"}
        return cls(port, "/ws/agent/", headers, **options)

    def hello(self) -> dict[str, Any]:
        """Says hello and returns the welcome."""
        self.say(type="hello", protocol=1)
        return self.hear("welcome")

    def say(self, **frame: Any) -> None:
        self.send(json.dumps(frame).encode())

    def send(self, payload: bytes, opcode: int = TEXT, *, first: int = 0x80) -> None:
        """One frame, masked as clients must."""
        self.socket.sendall(masked(payload, opcode, first=first))

    def hear(self, *types: str, seconds: float = 10.0, client_id: str | None = None) -> dict[str, Any]:
        """The next frame of one of these types (and about this text); others are dropped, heartbeats answered."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            frame = self.read(deadline - time.monotonic())
            if frame["type"] == "heartbeat":
                self.say(type="heartbeat", heads={})
            if frame["type"] in types and client_id in (None, frame.get("client_id")):
                return frame
        raise TimeoutError(f"no {' or '.join(types)} within {seconds:.0f} s")

    def read(self, seconds: float = 10.0) -> dict[str, Any]:
        """The next text frame; ClosedError at the end."""
        deadline = time.monotonic() + seconds
        while True:
            opcode, payload = self._frame(deadline)
            if opcode == CLOSE:
                raise ClosedError(struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else 1005)
            if opcode == PING:
                self.send(payload, PONG)
            elif opcode == TEXT:
                frame: dict[str, Any] = json.loads(payload)
                return frame

    def hung_up(self, seconds: float) -> bool:
        """Whether the server has ended the connection, which shows without reading; waits that long for it."""
        poll = select.poll()
        poll.register(self.socket, select.POLLRDHUP)
        return bool(poll.poll(seconds * 1000))

    def drain(self, seconds: float) -> tuple[int, int]:
        """Read until the end: how many bytes there were, and the close code. TimeoutError when it does not end."""
        total, deadline = 0, time.monotonic() + seconds
        try:
            while True:
                opcode, payload = self._frame(deadline)
                total += len(payload)
                if opcode == CLOSE:
                    return total, struct.unpack("!H", payload[:2])[0]
        except ClosedError as error:
            return total, error.code

    def _handshake(self, port: int, path: str, headers: dict[str, str]) -> int:
        lines = {
            "Host": f"localhost:{port}",
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            **headers,
        }
        request = f"GET {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n"
        self.socket.sendall(request.encode())
        while b"\r\n\r\n" not in self._buffer:
            self._more(time.monotonic() + 10)
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        return int(head.split(maxsplit=2)[1])

    def _frame(self, deadline: float) -> tuple[int, bytes]:
        opcode, size, start = self._take(2, deadline, peek=True)[0] & 15, self._buffer[1] & 127, 2
        if size == 126:
            size, start = struct.unpack("!H", self._take(4, deadline, peek=True)[2:4])[0], 4
        elif size == 127:
            size, start = struct.unpack("!Q", self._take(10, deadline, peek=True)[2:10])[0], 10
        return opcode, self._take(start + size, deadline)[start:]

    def _take(self, size: int, deadline: float, *, peek: bool = False) -> bytes:
        while len(self._buffer) < size:
            self._more(deadline)
        taken = self._buffer[:size]
        if not peek:
            self._buffer = self._buffer[size:]
        return taken

    def _more(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("nothing came in time")
        self.socket.settimeout(left)
        try:
            data = self.socket.recv(1 << 20)
        except ConnectionError:
            data = b""
        if not data:
            raise ClosedError(1006)
        self._buffer += data


def masked(payload: bytes, opcode: int = TEXT, *, first: int = 0x80) -> bytes:
    """A client's frame; `first` has the bits beside the opcode."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", first | opcode, 0x80 | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", first | opcode, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", first | opcode, 0x80 | 127, size)
    # A mask of zeroes leaves the payload as it is.
    return head + b"\0\0\0\0" + payload


def customer_token(port: int, site: str, origin: str) -> str:
    """A new customer's, as the widget asks for it."""
    request = urllib.request.Request(
        f"http://localhost:{port}/widget/session",
        json.dumps({"site": site}).encode(),
        {"Content-Type": "application/json", "Origin": origin},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return str(json.load(response)["token"])


def quietly_closed(connection: RawSocket) -> None:
    with suppress(OSError):
        connection.socket.close()
