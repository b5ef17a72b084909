"""Events as a calendar file (RFC 5545), which every calendar takes in.

Times are in UTC, so that no calendar has to know a zone; a day has none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

_LONGEST: Final = 75  # octets of a line, without its end (3.1)
_PRODUCT: Final = "-//Circular//Newsletter//EN"
_ESCAPES: Final = str.maketrans({"\\": r"\\", ";": r"\;", ",": r"\,", "\n": r"\n", "\r": None})


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """What a file says. ``start`` and ``end`` are aware, or days of which ``end`` is the last;
    ``said_at`` is when it was said so, which is the same in every copy."""

    uid: str
    said_at: datetime
    summary: str
    start: datetime | date
    end: datetime | date | None = None
    location: str = ""
    description: str = ""
    url: str = ""


def write(event: CalendarEvent) -> bytes:
    """The file: UTF-8, CRLF, folded."""
    return write_all([event])


def write_all(events: Sequence[CalendarEvent], *, name: str = "") -> bytes:
    """The file of several, as calendars follow it; ``name`` is what they call it."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{_PRODUCT}",
        "METHOD:PUBLISH",
        *_text("X-WR-CALNAME", name),
        *(line for event in events for line in _lines(event)),
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _lines(event: CalendarEvent) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"DTSTAMP:{_moment(event.said_at)}",
        _time("DTSTART", event.start),
        *_end(event),
        *_text("SUMMARY", event.summary),
        *_text("LOCATION", event.location),
        *_text("DESCRIPTION", event.description),
        *([f"URL:{event.url}"] if event.url else []),
        "END:VEVENT",
    ]


def _end(event: CalendarEvent) -> list[str]:
    end = event.end
    if end is None:
        return []
    if not isinstance(end, datetime):  # the day after is the first without it (3.6.1)
        end += timedelta(days=1)
    return [_time("DTEND", end)] if end != event.start else []


def _time(name: str, value: datetime | date) -> str:
    if isinstance(value, datetime):
        return f"{name}:{_moment(value)}"
    return f"{name};VALUE=DATE:{value:%Y%m%d}"


def _moment(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(name: str, value: str) -> list[str]:
    return [f"{name}:{value.translate(_ESCAPES)}"] if value else []


def _folded(line: str) -> str:
    """With a line end and a space where it is too long, never within a character."""
    folded, width = "", 0
    for sign in line:
        wide = len(sign.encode())
        if width + wide > _LONGEST:
            folded, width = f"{folded}\r\n ", 1
        folded, width = folded + sign, width + wide
    return folded
