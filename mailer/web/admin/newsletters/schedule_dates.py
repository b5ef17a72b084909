"""The dates of a schedule as pages show them: the next ones, the month as a line, warnings."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Final

from mailer.campaigns.planning import warnings
from mailer.campaigns.planning.day_by_day import LeadTimes, Milestone, line_of
from mailer.campaigns.planning.plans import Plan
from mailer.campaigns.recurrence.coming import Occurrence, Recurrence
from mailer.campaigns.recurrence.wording import clock_words, day_words
from mailer.clock import abbreviation, wall_of
from mailer.models import Schedule
from mailer.network import days_off
from mailer.network.working_days import WorkingDays
from mailer.web.shell import day
from mailer.web.transactions import session, this_mailer

_DATES: Final = 6


@dataclass(frozen=True, slots=True)
class ComingDate:
    """One date of a schedule, as the clocks of its zone show it, and what is unusual about it."""

    at: datetime
    day: str
    clock: str  # "10:00 GMT"
    notes: list[str]


@dataclass(frozen=True, slots=True)
class DayOnLine:
    """A day on the line of a month; ``cls`` says whether it is past, today or to come."""

    words: str
    when: str
    cls: str


@dataclass(frozen=True, slots=True)
class Coming:
    """What a plan comes to: its next dates, the days of the first one, and what to mind."""

    dates: list[ComingDate]
    month: str
    line: list[DayOnLine]
    warnings: list[str]


def coming(schedule: Schedule | None, plan: Plan) -> Coming:
    """What a plan for ``schedule``, or for a new one, comes to."""
    now = this_mailer().clock()
    calendar = days_off.calendar(session())
    ahead = plan.comes.ahead(now, shift=plan.shift, calendar=calendar)
    found = list(islice(ahead, _DATES))
    minded = warnings.warnings(session(), plan, of=schedule, calendar=calendar, now=now)
    dates = shown(plan.comes, found)
    if not found:
        return Coming([], "", [], minded)
    month = f"{datetime.fromisoformat(found[0].planned):%B}"
    line = _line(plan, found[0], plan.comes.zone, calendar, now)
    return Coming(dates, month, line, minded)


def shown(comes: Recurrence, occurrences: list[Occurrence]) -> list[ComingDate]:
    """Occurrences as pages show them."""
    elections = warnings.election_words(session(), occurrences)
    found = []
    for each in occurrences:
        there = wall_of(each.at, comes.zone)
        said = (
            day_words(each),
            clock_words(each, comes.time, comes.zone),
            elections.get(each.planned, ""),
        )
        clock = f"{there:%H:%M} {abbreviation(there)}"
        found.append(ComingDate(each.at, day(there), clock, [words for words in said if words]))
    return found


def _line(
    times: LeadTimes, coming: Occurrence, zone: str, calendar: WorkingDays, now: datetime
) -> list[DayOnLine]:
    """The days of one issue, and where today is among them."""
    today = wall_of(now, zone).date()
    line = line_of(times, goes_out=coming.wall, zone=zone, calendar=calendar)
    past = [each for each in line if each.day < today]
    here = DayOnLine("Today", _short(today), "today")
    return [
        *(DayOnLine(each.words, _when(each), "past") for each in past),
        here,
        *(DayOnLine(each.words, _when(each), "") for each in line[len(past) :]),
    ]


def _when(each: Milestone) -> str:
    return f"{_short(each.day)}, {each.wall[11:]}" if each.timed else _short(each.day)


def _short(on: date) -> str:
    return f"{on:%a} {on.day} {on:%b}"
