"""The only caller of the channel layer: decides who hears of what, and encodes once for each audience.

What goes through here are hints. PostgreSQL has the truth, so a layer that fails or hangs delays nobody for more than a
second and raises nowhere. Heads in heartbeats heal entries that were missed; a feed that missed a change of state is
told so as soon as the layer works, and its listeners read it anew.
"""

import asyncio
import logging
from typing import Any, Final

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from accounts.actor import Actor
from support.models import Message
from support.outgoing import PUBLISH_SECONDS, Outgoing, Publication
from support.per_loop import PerLoop
from support.protocol.entities import Colleague, Person, Receipt, RoomSummary
from support.protocol.fields import Frame
from support.protocol.server import (
    Availability,
    AvailabilityChanged,
    ColleagueChanged,
    CustomerPresence,
    EntryAdded,
    ReceiptMoved,
    RoomPresence,
    SeenChanged,
    SummaryChanged,
    TypingShown,
)
from support.stale_feeds import StaleFeeds
from support.wire import Audience, RoomRef
from support.wire import entry as entry_for

logger = logging.getLogger(__name__)


_READER: Final = "reader."


def room_feed(room_id: int, audience: Audience) -> str:
    return f"room.{room_id}.{audience}"


def site_feed(site_id: int, audience: Audience) -> str:
    return f"site.{site_id}.{audience}"


def reader_feed(ref: str) -> str:
    """All connections of one person: their tabs agree through it."""
    return _READER + ref.replace(":", ".")


def missed(*feeds: str) -> None:
    """Something changed there that nobody could be told of: their listeners are to read it anew."""
    for feed in feeds:
        _stale().add(feed)


def missed_here() -> None:
    """The same for everybody who is connected to this process."""
    _layer().miss_all()


def entries(room: RoomRef, messages: list[Message]) -> None:
    """Committed entries, in order, to everybody who has the room open and may see them; waits for nothing."""
    _hint(*(_added(room, message, audience) for message in messages for audience in Audience))


def room_opened(room: RoomRef) -> None:
    """A customer's other tabs follow the room that one of them has just made."""
    _hint((reader_feed(room.customer), {"type": "feed.room", "room": list(room)}))


def typing(room: RoomRef, who: Person, on: bool) -> None:
    _hint(
        *(
            _framed(
                room_feed(room.id, audience), TypingShown(type="typing", room=room.name_for(audience), who=who, on=on)
            )
            for audience in Audience
        )
    )


async def room_presence(room: RoomRef, who: Person, present: bool) -> None:
    """Somebody came or left; customers are told of agents only."""
    told = list(Audience) if who.ref.startswith("agent:") else [Audience.STAFF]
    frames = {
        audience: RoomPresence(type="room.presence", room=room.name_for(audience), who=who, present=present)
        for audience in told
    }
    await _tell(*(_framed(room_feed(room.id, audience), frame) for audience, frame in frames.items()))


async def availability(site_id: int, online: list[Person]) -> None:
    """The lamp, to every customer of the site."""
    await _tell_one(site_feed(site_id, Audience.PUBLIC), Availability(type="availability", online=online))


async def colleague(site_id: int, changed: Colleague) -> None:
    await _tell_one(site_feed(site_id, Audience.STAFF), ColleagueChanged(type="colleague", colleague=changed))


async def availability_chosen(actor: Actor, state: str) -> None:
    """To the agent's own tabs."""
    frame = AvailabilityChanged.model_validate({"type": "availability.self", "state": state})
    await _tell_one(reader_feed(actor.ref), frame)


async def customer_presence(site_id: int, ref: str, present: bool) -> None:
    frame = CustomerPresence(type="customer.presence", ref=ref, present=present)
    await _tell_one(site_feed(site_id, Audience.STAFF), frame)


async def summary(site_id: int, changed: RoomSummary) -> bool:
    """A line of the inbox, to every agent of the site: one publish, however many agents there are. Whether it went."""
    line = _framed(site_feed(site_id, Audience.STAFF), SummaryChanged(type="summary", summary=changed))
    return not await _publish(line)


def seen(actor: Actor, room: RoomRef, seq: int, texts: int) -> None:
    """The reader's own mark, to their tabs; `seq` as this reader counts."""
    name = room.name_for(Audience.of(actor))
    _hint(_framed(reader_feed(actor.ref), SeenChanged(type="seen", room=name, seq=seq, texts=texts)))


def receipt(room: RoomRef, audience: Audience, reached: Receipt) -> None:
    """How far the other side has got, as this audience counts; heartbeats heal it."""
    frame = ReceiptMoved(type="receipt", room=room.name_for(audience), delivered=reached.delivered, seen=reached.seen)
    _hint(_framed(room_feed(room.id, audience), frame))


def _added(room: RoomRef, message: Message, audience: Audience) -> Publication | None:
    shown = entry_for(message, audience)
    if shown is None:
        return None
    return _framed(room_feed(room.id, audience), EntryAdded(type="entry", room=room.name_for(audience), entry=shown))


def _framed(feed: str, frame: Frame) -> Publication:
    return feed, {"type": "feed.frame", "text": frame.model_dump_json()}


async def _tell_one(feed: str, frame: Frame) -> None:
    await _tell(_framed(feed, frame))


def _hint(*publications: Publication | None) -> None:
    for publication in publications:
        if publication is not None:
            _outgoing().add(publication)


async def _tell(*publications: Publication) -> None:
    """Publish changes of state: a feed that did not get one is told later that it is stale."""
    missed(*(feed for feed, _ in await _publish(*publications)))


async def _publish(*publications: Publication) -> list[Publication]:
    """All of them in order, within one second in all. Returns those that are not known to have gone."""
    waiting = list(publications)
    try:
        async with asyncio.timeout(PUBLISH_SECONDS):
            while waiting:
                await _layer().group_send(*waiting[0])
                del waiting[0]
    except (RedisError, OSError, TimeoutError) as error:
        logger.warning("not published: %s", type(error).__name__)
    return waiting


def _layer() -> Any:
    layer = get_channel_layer()
    assert layer is not None, "settings have a channel layer"
    return layer


async def _send(feed: str, event: dict[str, Any]) -> None:
    await _layer().group_send(feed, event)


_stale = PerLoop(lambda: StaleFeeds(_send))


def _lost(feed: str) -> None:
    # Heads and marks in heartbeats make up for what rooms miss; what a person's tabs tell each other is in none.
    if feed.startswith(_READER):
        missed(feed)


_outgoing = PerLoop(lambda: Outgoing(_send, _lost))
