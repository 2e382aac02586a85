"""A client's end of a socket, in the words of the protocol."""

import asyncio
import json
from typing import Any
from uuid import uuid4

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client

from accounts.models import Agent
from accounts.tokens import CustomerToken
from config.asgi import application

SHOP = "https://shop.example.com"
SECONDS = 10


class Wire:
    """Sends frames and waits for the ones a test expects; everything received stays in `frames`."""

    def __init__(self, communicator: WebsocketCommunicator) -> None:
        self.communicator = communicator
        self.frames: list[dict[str, Any]] = []
        self.welcome: dict[str, Any] = {}
        # Answer heartbeats, as a client does that reads what it is sent.
        self.answers = False
        self._ended = False

    async def hello(self) -> dict[str, Any]:
        await self.send("hello", protocol=1)
        self.welcome = await self.expect("welcome")
        return self.welcome

    async def send(self, type: str, **fields: Any) -> None:
        await self.raw(json.dumps({"type": type, **fields}))

    async def raw(self, text: str) -> None:
        await self.communicator.send_input({"type": "websocket.receive", "text": text})

    async def binary(self, data: bytes) -> None:
        await self.communicator.send_input({"type": "websocket.receive", "bytes": data})

    async def next(self, seconds: float = SECONDS) -> dict[str, Any]:
        event = await self.communicator.receive_output(seconds)
        if event["type"] == "websocket.close":
            self._ended = True
            return {"type": "close", "code": event["code"]}
        frame: dict[str, Any] = json.loads(event["text"])
        self.frames.append(frame)
        if self.answers and frame["type"] == "heartbeat":
            await self.send("heartbeat", heads={})
        return frame

    async def expect(self, type: str, **fields: Any) -> dict[str, Any]:
        """The next frame of this type with these fields, passing over others. Fails after SECONDS."""
        async with asyncio.timeout(SECONDS):
            while True:
                frame = await self.next()
                if frame["type"] == type and all(frame.get(name) == value for name, value in fields.items()):
                    return frame

    async def write(
        self, room: str, body: str, *, client_id: str | None = None, type: str = "message.send"
    ) -> dict[str, Any]:
        """Send a text and wait for its ack."""
        client_id = client_id or str(uuid4())
        await self.send(type, client_id=client_id, room=room, body=body)
        return await self.expect("ack", client_id=client_id)

    async def refused(self, code: str) -> dict[str, Any]:
        return await self.expect("error", code=code)

    async def close(self) -> None:
        if not self._ended:
            self._ended = True
            await self.communicator.disconnect()

    async def vanish(self) -> None:
        """What a dead server process leaves: the connection's task is cancelled, with no disconnect event."""
        self._ended = True
        self.communicator.future.cancel()
        await asyncio.wait({self.communicator.future})


def handshake(path: str, headers: list[tuple[bytes, bytes]], subprotocols: list[str]) -> WebsocketCommunicator:
    return WebsocketCommunicator(application, path, headers=headers, subprotocols=subprotocols)


async def opened(communicator: WebsocketCommunicator) -> Wire:
    connected, subprotocol = await communicator.connect(SECONDS)
    assert connected, f"refused with {subprotocol}"
    assert subprotocol == "porchlight.v1"
    return Wire(communicator)


async def widget(token: CustomerToken, origin: str = SHOP) -> Wire:
    headers = [(b"origin", origin.encode())]
    return await opened(handshake("/ws/customer/", headers, ["porchlight.v1", "bearer." + token.sign()]))


async def inbox(agent: Agent) -> Wire:
    headers = [(b"origin", settings.PUBLIC_URL.encode()), (b"cookie", await sync_to_async(cookie_of)(agent))]
    return await opened(handshake("/ws/agent/", headers, ["porchlight.v1"]))


def cookie_of(agent: Agent) -> bytes:
    client = Client()
    client.force_login(agent)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}".encode()
