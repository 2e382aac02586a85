"""The way in of one connection: frames are read as they come, whatever the connection is busy with."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, Final

from pydantic import TypeAdapter

from support import limits
from support.protocol.codes import ErrorCode, Refused
from support.protocol.fields import Frame
from support.protocol.gate import clean, client_id_of, decode, parse_json
from support.throttle import Throttle

logger = logging.getLogger(__name__)

Event = dict[str, Any]

FRAME: Final = "websocket.receive"
GONE: Final = "websocket.disconnect"


class Intake:
    """Takes events from the server, lets frames through the gate and the throttle, and queues them for the connection.

    `seen` hears of each frame at once, or of None for one that was refused: so answers to heartbeats and the end of the
    client are known also while the connection waits for something. `flooded` is called when more are queued than a
    client within its limits could have sent: no server of ours bounds what it reads ahead.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # both ends of it, and what happens at each
        self,
        receive: Callable[[], Awaitable[Event]],
        frames: TypeAdapter[Any],
        throttle: Throttle,
        seen: Callable[[Frame | None], None],
        flooded: Callable[[], Awaitable[None]],
        left: Callable[[], None],
    ) -> None:
        self._receive, self._frames, self._throttle = receive, frames, throttle
        self._seen, self._flooded, self._left = seen, flooded, left
        self._queue: deque[tuple[Event, int]] = deque()
        self._bytes = 0
        self._filled = asyncio.Event()

    async def run(self) -> None:
        """Until the client has gone."""
        gone = False
        while not gone:
            try:
                event = await self._receive()
            except Exception:
                logger.exception("nothing more can be read")
                event = {"type": GONE}
            gone = event["type"] == GONE
            if gone:
                self._left()
            size = 0
            if event["type"] == FRAME:
                text = event.get("text")
                size = len(text or event.get("bytes") or "")
                event = self._read(text)
            if len(self._queue) >= limits.INTAKE_FRAMES or self._bytes + size > limits.INTAKE_BYTES:
                await self._flooded()
                return
            self._queue.append((event, size))
            self._bytes += size
            self._filled.set()

    async def receive(self) -> Any:
        """The next event; a frame comes as `frame` or as `refused`, with its `client_id` and when it came."""
        await self._filled.wait()
        event, size = self._queue.popleft()
        self._bytes -= size
        if not self._queue:
            self._filled.clear()
        return event

    def _read(self, text: str | None) -> Event:
        frame, refused, client_id = None, None, None
        try:
            if text is None:
                raise Refused(ErrorCode.BINARY)
            raw = parse_json(text)
            client_id = client_id_of(raw)
            self._throttle.frame()
            frame = decode(clean(raw), self._frames)
        except Refused as why:
            refused = why
        except Exception:
            logger.exception("frame failed")
            refused = Refused(ErrorCode.INTERNAL)
        self._seen(frame)
        return {"type": FRAME, "frame": frame, "refused": refused, "client_id": client_id, "at": monotonic()}
