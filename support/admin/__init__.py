"""Conversations in Django's admin: transcripts to read, sites to set up, customers."""

from support.admin import customers, rooms, sites

__all__ = ["customers", "rooms", "sites"]
