"""Publishes what others would of long messages in some rooms: `python -m e2e.produce <MiB> <seconds> <feed>…`."""

import asyncio
import json
import os
import sys
from time import monotonic
from typing import Any
from uuid import uuid4

from support.layer import FeedLayer

CHARACTERS = 12_000


async def produce(mebibytes: int, seconds: float, feeds: list[str]) -> None:
    """Evenly over the time: a burst would be dropped before it reached anybody."""
    layer: Any = FeedLayer(url=os.environ["REDIS_URL"])
    entry = json.dumps({"type": "entry", "room": str(uuid4()), "entry": {"body": "x" * CHARACTERS}})
    count, began = mebibytes * 1024 * 1024 // len(entry), monotonic()
    for n in range(count):
        for feed in feeds:
            await layer.group_send(feed, {"type": "feed.frame", "text": entry})
        await asyncio.sleep(max(0.0, began + seconds * n / count - monotonic()))
    await layer.flush()


if __name__ == "__main__":
    asyncio.run(produce(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]))
