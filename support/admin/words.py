"""Times and states in the admin's words: short to read, exact on hover."""

import re
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from support.limits import PREVIEW_CHARACTERS
from support.models import Room


def exact(at: datetime) -> str:
    """Such as: Tuesday, 3 March 2026, 14:05:09 CET"""
    return date_format(timezone.localtime(at), "l, j F Y, H:i:s T")


def moment(at: datetime | None) -> SafeString | str:
    """As people say it: "14:05", "yesterday 14:05", "3 Mar 14:05", "3 Mar 2025"; exact on hover."""
    if at is None:
        return ""
    local, today = timezone.localtime(at), timezone.localdate()
    if local.date() == today:
        form = "H:i"
    elif local.date() == today - timedelta(days=1):
        form = r"\y\e\s\t\e\r\d\a\y H:i"
    else:
        form = "j M H:i" if local.year == today.year else "j M Y"
    return _time(at, date_format(local, form))


def dated(at: datetime) -> SafeString:
    """With its day and year, as paper outlives today; exact on hover."""
    return _time(at, date_format(timezone.localtime(at), "j M Y, H:i"))


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


def excerpt(text: str, found: list[str]) -> SafeString:
    """One short line of `text`; of a long one the part around the first word that was found. These words are marked."""
    line = " ".join(text.split())
    pattern = re.compile("|".join(map(re.escape, found)) or r"(?!)", re.IGNORECASE)
    hit = pattern.search(line)
    start = line.rfind(" ", 0, max(0, hit.start() - 16)) + 1 if hit else 0
    part = Truncator(line[start:]).chars(PREVIEW_CHARACTERS)
    marks = [(part[slice(*match.span())], match.span()) for match in pattern.finditer(part)]
    ends = [0, *(end for _, (_, end) in marks)]
    pieces = [(part[end:begin], word) for end, (word, (begin, _)) in zip(ends, marks, strict=False)]
    marked = format_html_join("", "{}<mark>{}</mark>", pieces)
    return format_html("{}{}{}", "…" if start else "", marked, part[ends[-1] :])


def status(room: Room) -> SafeString:
    """The word, quiet for what is over."""
    return format_html('<span class="pl-state pl-state-{}">{}</span>', room.status, room.get_status_display())


def _time(at: datetime, text: str) -> SafeString:
    return format_html('<time dir="auto" datetime="{}" title="{}">{}</time>', at.isoformat(), exact(at), text)
