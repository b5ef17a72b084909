"""Dates and times of events, as authors write them (ISO 8601) and as people read them in the UK."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

UK: Final = ZoneInfo("Europe/London")

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, and perhaps a time of day, in the UK."""

    day: date
    at: time | None


def read(text: str) -> Moment | None:
    """The moment an author wrote, or None when it is not one."""
    try:
        if len(text) == 10:
            return Moment(date.fromisoformat(text), None)
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is not None:
        try:
            moment = moment.astimezone(UTC).astimezone(UK)
        except OverflowError:
            return None
    return Moment(moment.date(), moment.time().replace(tzinfo=None))


def is_before(one: Moment, other: Moment) -> bool:
    """Whether it certainly is; two moments of a day are only compared when both have a time."""
    if one.day != other.day or one.at is None or other.at is None:
        return one.day < other.day
    return one.at < other.at


def day_words(day: date) -> str:
    """Wednesday 9 December 2026."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_day(day: date) -> str:
    """Wed."""
    return _DAYS[day.weekday()][:3]


def short_month(day: date) -> str:
    """Dec."""
    return _MONTHS[day.month - 1][:3]


def span_words(start: Moment, end: Moment | None) -> str:
    """Wednesday 9 December 2026, 10:00 to 11:30; Tuesday 12 to Wednesday 13 January 2027."""
    first = _moment_words(start)
    if end is None or end == start:
        return first
    if end.day == start.day:
        return first if end.at is None else f"{first} to {end.at:%H:%M}"
    if start.at is None and (start.day.year, start.day.month) == (end.day.year, end.day.month):
        first = f"{_DAYS[start.day.weekday()]} {start.day.day}"
    return f"{first} to {_moment_words(end)}"


def _moment_words(moment: Moment) -> str:
    words = day_words(moment.day)
    return words if moment.at is None else f"{words}, {moment.at:%H:%M}"
