"""Numbers, sizes, moments and names as people read them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zlib import crc32

from markupsafe import Markup, escape

_UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB")
_STEP: Final = 1000
_WHOLE_FROM: Final = 100
_HUES: Final = 6
_DAY: Final = timedelta(days=1)
_RECENT_DAYS: Final = 30


def size(size_bytes: int | None) -> str:
    """Return a size in decimal units, as docker prints it; nothing for an unknown one."""
    if size_bytes is None:
        return ""
    amount, unit = float(size_bytes), 0
    while amount >= _STEP and unit < len(_UNITS) - 1:
        amount, unit = amount / _STEP, unit + 1
    digits = 0 if unit == 0 or amount >= _WHOLE_FROM else 1
    return f"{amount:.{digits}f} {_UNITS[unit]}"


def count(number: int) -> str:
    """Return a number with thousands set apart."""
    return f"{number:,}"


def plural(number: int, one: str, many: str | None = None) -> str:
    """Return ``1 tag`` or ``3 tags``."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment three ways: for machines, in full, and relative to now."""

    iso: str
    full: str
    ago: str


def moment(text: str | None, now: datetime) -> Moment | None:
    """Read an RFC 3339 moment; nothing for nothing."""
    if not text:
        return None
    when = datetime.fromisoformat(text)
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return Moment(
        iso=when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        full=when.strftime("%d %B %Y, %H:%M:%S UTC").lstrip("0"),
        # Clocks differ a little: what is minutes ahead has just been.
        ago=_ahead(when, now) if when - now > timedelta(hours=1) else _ago(when, now),
    )


def _ago(when: datetime, now: datetime) -> str:
    minutes = int((now - when).total_seconds() // 60)
    if minutes < 1:
        return "Just now"
    if minutes < 60:  # noqa: PLR2004
        return f"{minutes} min ago"
    if minutes < 24 * 60:
        return f"{plural(minutes // 60, 'hour')} ago"
    days = (now.date() - when.date()).days
    if now - when < 2 * _DAY and days == 1:
        return "Yesterday"
    if days <= _RECENT_DAYS:
        return f"{plural(max(days, 1), 'day')} ago"
    return when.strftime("%d %b" if when.year == now.year else "%d %b %Y").lstrip("0")


def _ahead(when: datetime, now: datetime) -> str:
    days = (when.date() - now.date()).days
    if days == 0:
        return "Today"
    if days <= _RECENT_DAYS:
        return "Tomorrow" if days == 1 else f"In {days} days"
    return when.strftime("%d %b %Y").lstrip("0")


def initials(name: str) -> str:
    """Return one or two letters for an avatar; a robot's are those of the last part of its name."""
    name = name.rpartition("/")[2]
    words = re.split(r"[-_. ]+", name.strip("-_. "))
    letters = "".join(word[0] for word in words[:2]) if len(words) > 1 else name[:2]
    return letters.upper()


def hue(name: str) -> int:
    """Return which of the six muted colours a name gets, always the same."""
    return crc32(name.encode()) % _HUES


def short(digest: str) -> str:
    """Return the first twelve hex digits of a digest."""
    return digest.partition(":")[2][:12]


def soft(text: str) -> Markup:
    """Return text that may break inside an image reference, but not in an IP address."""
    broken = re.sub(r"(?<=[/.])(?=[a-z])", "\0", text)
    return Markup("<wbr>").join(escape(part) for part in broken.split("\0"))
