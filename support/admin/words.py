"""Times and states in the admin's words: short to read, exact on hover."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from support.models import Room


def exact(at: datetime) -> str:
    """Such as: Tuesday, 3 March 2026, 14:05:09 CET"""
    return date_format(timezone.localtime(at), "l, j F Y, H:i:s T")


def moment(at: datetime | None) -> SafeString | str:
    """As people say it: "14:05", "yesterday 14:05", "3 March 14:05", "3 March 2025"; exact on hover."""
    if at is None:
        return ""
    local, today = timezone.localtime(at), timezone.localdate()
    if local.date() == today:
        form = "H:i"
    elif local.date() == today - timedelta(days=1):
        form = r"\y\e\s\t\e\r\d\a\y H:i"
    else:
        form = "j F H:i" if local.year == today.year else "j F Y"
    return _time(at, date_format(local, form))


def since(at: datetime | None) -> SafeString | str:
    """How long ago, as one number: "now", "2 min", "3 h", "4 days"; exact on hover."""
    return "" if at is None else _time(at, duration(timezone.now() - at))


def duration(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    if hours < 24:
        return f"{hours} h"
    return "1 day" if hours < 48 else f"{hours // 24} days"


def status(room: Room) -> SafeString:
    """The lamp and the word: open is lit, resolved is dark."""
    lit = " pl-lamp-lit" if room.status == Room.Status.OPEN else ""
    return format_html(
        '<span class="pl-state"><span class="pl-lamp{}" aria-hidden="true"></span>{}</span>',
        lit,
        room.get_status_display(),
    )


def _time(at: datetime, text: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact(at), text)
