"""Dates and times of events, as authors write them (ISO 8601) and as people read them.

Times are those of the network's zone, whatever the language.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from babel.dates import format_date

from mailer.authoring.text.languages import ENGLISH, locale_of, say
from mailer.clock import UK, abbreviation, zone_of

_UK: Final = zone_of(UK)


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, and perhaps a time of day, as the clocks of one zone show them."""

    day: date
    at: time | None


def read(text: str, zone: tzinfo = _UK) -> Moment | None:
    """The moment an author wrote, or None when it is not one; ``zone`` matters to one that says how
    far it is from UTC."""
    try:
        if len(text) == 10:
            return Moment(date.fromisoformat(text), None)
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is not None:
        try:
            moment = moment.astimezone(UTC).astimezone(zone)
        except OverflowError:
            return None
    return Moment(moment.date(), moment.time().replace(tzinfo=None))


def seen(moment: datetime) -> Moment:
    """An aware time as the clocks of its own zone show it."""
    return Moment(moment.date(), moment.time())


def instant(moment: Moment, zone: tzinfo) -> datetime:
    """When clocks of the zone show it; a day begins at midnight."""
    return datetime.combine(moment.day, moment.at or time(), zone).astimezone(UTC)


def end_of(moment: Moment, zone: tzinfo, *, timed: bool) -> datetime | date:
    """When something is over: a time where its start is one, and else the last day of it. A day
    among times ends with its last midnight."""
    if not timed:
        return moment.day
    if moment.at is None:
        return instant(Moment(moment.day + timedelta(days=1), None), zone)
    return instant(moment, zone)


def is_before(one: Moment, other: Moment) -> bool:
    """Whether it certainly is; two moments of a day are only compared when both have a time."""
    if one.day != other.day or one.at is None or other.at is None:
        return one.day < other.day
    return one.at < other.at


def day_words(day: date, language: str = ENGLISH) -> str:
    """Wednesday 9 December 2026."""
    return _formatted(day, "EEEE d MMMM y", language)


def date_words(day: date, language: str = ENGLISH) -> str:
    """9 December 2026."""
    return _formatted(day, "d MMMM y", language)


def short_day(day: date, language: str = ENGLISH) -> str:
    """Wed."""
    return _formatted(day, "EEE", language)


def short_month(day: date, language: str = ENGLISH) -> str:
    """Dec."""
    return _formatted(day, "LLL", language)


def span_words(
    start: Moment, end: Moment | None, language: str = ENGLISH, zone: tzinfo = _UK
) -> str:
    """Wednesday 9 December 2026, 10:00 to 11:30 UK time, or Tuesday 12 to Wednesday 13 January
    2027."""
    first, last = moment_words(start, language), ""
    if end is None or end == start:
        pass
    elif end.day == start.day:
        last = "" if end.at is None else f"{end.at:%H:%M}"
    else:
        if start.at is None and (start.day.year, start.day.month) == (end.day.year, end.day.month):
            first = _formatted(start.day, "EEEE d", language)
        last = moment_words(end, language)
    words = say(language, "{first} to {last}", first=first, last=last) if last else first
    timed = start.at is not None or (end is not None and end.at is not None)
    return f"{words} {_zone_words(zone, start, language)}" if timed else words


def _zone_words(zone: tzinfo, moment: Moment, language: str) -> str:
    if zone == _UK:
        return say(language, "UK time")
    return abbreviation(datetime.combine(moment.day, moment.at or time(), zone))


def moment_words(moment: Moment, language: str = ENGLISH) -> str:
    """Wednesday 9 December 2026, 10:00."""
    words = day_words(moment.day, language)
    return words if moment.at is None else f"{words}, {moment.at:%H:%M}"


def _formatted(day: date, pattern: str, language: str) -> str:
    return format_date(day, pattern, locale=locale_of(language))
