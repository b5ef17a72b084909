"""Events out of a calendar file (RFC 5545, .ics), as a form has them.

Times are those of the network's zone. Of what repeats there is the next time alone, and only rules
that cannot take long to work out are followed; whatever is over or cannot be read is told, never
silently dropped.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from dateutil.rrule import rrulestr
from icalendar import Calendar

from mailer.authoring.listed_events import ListedEvents
from mailer.authoring.text import dates
from mailer.authoring.text.characters import one_line
from mailer.errors import MailerError

MOST_BYTES: Final = 1_000_000
MOST_EVENTS: Final = 200
_OLDEST: Final = 1990  # a rule is followed day by day from where it starts
_LONGEST_STEP: Final = 1_000
_FOLLOWED: Final = {
    "DAILY": {"BYDAY"},
    "WEEKLY": {"BYDAY"},
    "MONTHLY": {"BYDAY", "BYMONTHDAY"},
    "YEARLY": set[str](),
}
_ALWAYS: Final = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"}


class UnreadableCalendar(MailerError):
    """The file is no calendar that can be taken in."""


class _Left(Exception):
    """Why an event is not among those that are taken."""


def from_calendar(content: bytes, *, now: datetime) -> ListedEvents:
    """The events that are not over at ``now``, an aware time in the network's zone.

    UnreadableCalendar where the file is none or is too large.
    """
    found, left = named_events(content, now=now)
    taken = sorted((event for _, event in found), key=lambda event: event["start"])
    return ListedEvents(tuple(taken), tuple(left))


def named_events(
    content: bytes, *, now: datetime
) -> tuple[list[tuple[str, dict[str, str]]], list[str]]:
    """The same, each with the name by which its calendar knows it, in the calendar's order; and
    what was left out. Each time of what repeats has a name of its own."""
    if len(content) > MOST_BYTES:
        raise UnreadableCalendar("The file is larger than 1 MB. Export fewer events.")
    try:
        components = Calendar.from_ical(content).walk("VEVENT")
    except Exception as error:  # its parser raises whatever it trips over
        raise UnreadableCalendar(
            "This is no calendar file. Export one that ends in .ics and choose that."
        ) from error
    taken: list[tuple[str, dict[str, str]]] = []
    left: list[str] = []
    for component in components:
        try:
            event = _event(component, now, full=len(taken) == MOST_EVENTS)
            taken.append((_name(component, event), event))
        except _Left as why:
            left.append(f"{_said(component, 'SUMMARY') or 'An event without a title'}: {why}.")
    return taken, left


def _name(component: Any, event: dict[str, str]) -> str:
    uid = _said(component, "UID") or f"{event['title']} {event['start']}"
    repeats = component.get("RRULE") is not None or component.get("RECURRENCE-ID") is not None
    return f"{uid} {event['start']}" if repeats else uid


def _event(component: Any, now: datetime, *, full: bool) -> dict[str, str]:
    if full:
        raise _Left(f"more than {MOST_EVENTS} events are not taken")
    title = _said(component, "SUMMARY")
    if not title:
        raise _Left("it has no title")
    if _said(component, "STATUS").upper() == "CANCELLED":
        raise _Left("it is cancelled")
    start = _when(component, "DTSTART")
    if start is None:
        raise _Left("it has no date that can be read")
    try:
        start, end = _next(component, start, _end(component, start), now)
        kept = {
            "title": title,
            "start": _iso(start, now),
            "end": "" if end == start else _iso(end, now),
        }
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:  # of a hostile rule
        raise _Left("its date can’t be read") from error
    if dates.is_before(_moment(end, now), dates.seen(now)):
        raise _Left("it is over")
    organiser = component.get("ORGANIZER")
    called = getattr(organiser, "params", {}).get("CN", "")
    kept |= {
        "place": _said(component, "LOCATION"),
        "organiser": one_line(str(called)),
        "link": next(_links(component), ""),
    }
    return {name: value for name, value in kept.items() if value}


def _said(component: Any, name: str) -> str:
    value = component.get(name, "")
    return one_line(str(value[0] if isinstance(value, list) else value))


def _when(component: Any, name: str) -> date | datetime | None:
    value = _value(component, name)
    return value if isinstance(value, date) else None


def _value(component: Any, name: str) -> object:
    try:
        return getattr(component.get(name), "dt", None)
    except Exception:  # the library keeps what is broken, and raises at its value
        return None


def _end(component: Any, start: date | datetime) -> date | datetime:
    end, duration = _when(component, "DTEND"), _value(component, "DURATION")
    if end is None and isinstance(duration, timedelta):
        end = start + duration
    if end is None or isinstance(end, datetime) != isinstance(start, datetime):
        return start
    if not isinstance(end, datetime):
        end -= timedelta(days=1)  # section 3.6.1: the day after the last
    try:
        return max(start, end)
    except TypeError:  # one has a zone and the other none
        return start


def _next(
    component: Any, start: date | datetime, end: date | datetime, now: datetime
) -> tuple[date | datetime, date | datetime]:
    """The first time of what repeats that is not over."""
    rule = component.get("RRULE")
    if rule is None:
        return start, end
    if isinstance(rule, list) or start.year < _OLDEST:
        raise _Left("it repeats in a way that can’t be followed here")
    frequency = str(next(iter(rule.get("FREQ", [])), ""))
    known = set(rule) <= _ALWAYS | _FOLLOWED.get(frequency, set())
    step = next(iter(rule.get("INTERVAL", [1])), 1)
    if not (known and frequency in _FOLLOWED and 1 <= step <= _LONGEST_STEP):
        raise _Left("it repeats in a way that can’t be followed here")
    zone = start.tzinfo if isinstance(start, datetime) else None
    first = start if isinstance(start, datetime) else datetime.combine(start, time())
    wall = now.astimezone(zone or now.tzinfo).replace(tzinfo=None)
    length: timedelta = end - start  # type: ignore[operator]  # _end makes both of one kind
    if "UNTIL" in rule:  # as wall time, like the rest
        until = rule["UNTIL"][0]
        if isinstance(until, datetime):
            until = until.astimezone(zone or now.tzinfo) if until.tzinfo else until
            rule["UNTIL"] = [until.replace(tzinfo=None)]
    day = timedelta(0) if isinstance(start, datetime) else timedelta(days=1)
    repeats = rrulestr(rule.to_ical().decode(), dtstart=first.replace(tzinfo=None))
    skipped = set(_skipped(component))
    at = repeats.after(wall - length - day)
    for _ in range(MOST_EVENTS):
        if at is None or at not in skipped:
            break
        at = repeats.after(at)
    if at is None:
        raise _Left("it is over")
    found = at.replace(tzinfo=zone) if isinstance(start, datetime) else at.date()
    return found, found + length


def _skipped(component: Any) -> Iterator[datetime]:
    excluded = component.get("EXDATE", [])
    for group in excluded if isinstance(excluded, list) else [excluded]:
        for each in getattr(group, "dts", []):
            value = each.dt
            if isinstance(value, datetime):
                yield value.replace(tzinfo=None)
            else:
                yield datetime.combine(value, time())


def _links(component: Any) -> Iterator[str]:
    for name in ("URL", "DESCRIPTION", "LOCATION"):
        for word in _said(component, name).split():
            if word.startswith(("https://", "http://")):
                yield word.rstrip(".,;:!?)]>")


def _moment(when: date | datetime, now: datetime) -> dates.Moment:
    """When it is by the clocks that show ``now``."""
    if not isinstance(when, datetime):
        return dates.Moment(when, None)
    if when.tzinfo is None:
        return dates.Moment(when.date(), when.time())
    return dates.seen(when.astimezone(now.tzinfo))


def _iso(when: date | datetime, now: datetime) -> str:
    moment = _moment(when, now)
    return moment.day.isoformat() + (f"T{moment.at:%H:%M}" if moment.at else "")
