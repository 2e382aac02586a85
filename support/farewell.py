"""What a process still owes when it ends in order: told within moments, not found out by others' patience."""

import asyncio

from support.attendance import attendance
from support.receipts import receipts
from support.summaries import summaries


async def farewell() -> None:
    """Publish lines and receipts that wait, give up every lease, and tell of whoever that made leave."""
    await asyncio.gather(attendance().leases.aclose(), receipts().finish(), summaries().finish())
