"""Row 7: a client that asks for much and reads nothing."""

import json
import time
from contextlib import suppress
from threading import Thread
from uuid import UUID

from django.db import connections, transaction

from accounts.actor import Actor
from support.actions.log import add_entry
from support.limits import MESSAGE_CHARACTERS, SYNC_ENTRIES
from support.models import Customer, Message, Room, RoomHead
from tests.faults import oracle
from tests.faults.cast import SHOP
from tests.faults.raw import ClosedError, RawSocket, customer_token
from tests.faults.resources import GROWTH_MIB, held_by
from tests.faults.row import row
from tests.faults.stage import Stage
from tests.faults.verdict import percentile

# Each is answered by as many of the longest texts as a sync may bring, 7.8 MiB in pages; 187 MiB in all.
REQUESTS = 24
WAITING_MIB = 180
CLOSED_SECONDS = 30.0
# What lies in buffers of the system and of the server when it gives up.
LEFT_MIB = 16.0


@row(
    7,
    "a client that stops reading while 187 MiB wait",
    tells=(
        "close code",
        "peak MiB",
        "others p99 s",
    ),
)
def stalled(stage: Stage) -> None:
    stage.assemble()
    web = stage.cluster.webs[0]
    token, key = _long_conversation(stage)
    closed = 0.0
    stage.begin(seconds=stage.plan.fault_at + CLOSED_SECONDS + 5)
    stage.until_fault()
    stage.broken()
    peaks = [held_by(web, stage.cluster).rss_mib]
    with RawSocket.customer(web.port, token, SHOP, buffer=4096) as client:
        client.say(type="hello", protocol=1)
        asking = Thread(target=_ask, args=(client, key), name="stalled")
        asking.start()
        while time.monotonic() < stage.fault + CLOSED_SECONDS:
            peaks.append(held_by(web, stage.cluster).rss_mib)
            if not closed and client.hung_up(0.25):
                closed = time.monotonic() - stage.fault
            elif closed:
                time.sleep(0.25)
        asking.join(15)
        code, total = 0, 0
        with suppress(TimeoutError):
            total, code = client.drain(15)
    stage.mended()
    stage.verdict.add("still open after 30 s", not code, 0)
    stage.verdict.add("close code", code)
    stage.verdict.add("hung up after s", closed)
    stage.verdict.add("MiB it got in the end", total / 2**20, LEFT_MIB)
    stage.verdict.add("peak MiB", max(peaks) - peaks[0], GROWTH_MIB)
    stage.settle()
    record = stage.judge()
    times = oracle.delays(record)
    during = [shown - said for said, shown in times if shown and stage.fault <= said < stage.healed]
    stage.verdict.add("others p99 s", percentile(during, 0.99), 1.0 * stage.plan.patience)


def _ask(client: RawSocket, key: str) -> None:
    with suppress(OSError, ClosedError):
        for _ in range(REQUESTS):
            client.say(type="sync", room=key, after=0)
            # Not all at once: a client that floods is another row.
            time.sleep(0.2)


def _long_conversation(stage: Stage) -> tuple[str, str]:
    """The token and the room of a customer of no part, with as many of the longest texts as one sync brings."""
    from accounts.tokens import CustomerToken
    from support import limits

    site = stage.cast.sites[0]
    token = customer_token(stage.cluster.webs[0].port, site.key, SHOP)
    read = CustomerToken.read(token, limits.CUSTOMER_TOKEN_SECONDS)
    assert read is not None
    with transaction.atomic():
        customer = Customer.objects.create(id=read.customer, site=site)
        room = Room.objects.create(site=site, customer=customer, key=read.customer)
        RoomHead.objects.create(room=room)
        who = Actor("customer", str(read.customer), site_id=site.pk)
        for count in range(SYNC_ENTRIES):
            add_entry(who, room.pk, UUID(int=count + 1), Message.Kind.TEXT, body="🪴" * MESSAGE_CHARACTERS)
    connections.close_all()
    with RawSocket.customer(stage.cluster.webs[0].port, token, SHOP) as reader:
        reader.hello()
        reader.say(type="sync", room=str(room.key), after=0)
        size, more = 0, True
        while more:
            page = reader.hear("entries")
            size, more = size + len(json.dumps(page, ensure_ascii=False).encode()), page["more"]
    # Without such answers nothing would wait, and the row would show nothing.
    assert size * REQUESTS > WAITING_MIB * 2**20, f"a sync brings {size} bytes"
    return token, str(room.key)
