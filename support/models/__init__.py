"""The tables: Site, Customer, Room with its head, the log of Messages, Receipts, PresenceEvents."""

from support.models.customers import Customer
from support.models.messages import Message
from support.models.presence_events import PresenceEvent
from support.models.receipts import Receipt
from support.models.rooms import Room, RoomHead
from support.models.sites import Site

__all__ = ["Customer", "Message", "PresenceEvent", "Receipt", "Room", "RoomHead", "Site"]
