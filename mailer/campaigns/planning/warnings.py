"""What is worth a second look before a schedule is saved. Nothing of it is in the way."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from mailer.campaigns.planning.people import gone
from mailer.campaigns.planning.plans import Plan, recurrence_of
from mailer.campaigns.recurrence.coming import Occurrence
from mailer.campaigns.recurrence.wording import clock_words
from mailer.models import Schedule
from mailer.network import election_periods
from mailer.network.working_days import WorkingDays

_YEAR: Final = 53  # occurrences of a weekly schedule
_TEN_YEARS: Final = 120  # of a monthly one: time enough for clocks to change on any day
_NEAR: Final = timedelta(hours=1)


def warnings(
    session: Session, plan: Plan, *, of: Schedule | None, calendar: WorkingDays, now: datetime
) -> list[str]:
    """Sentences about a plan for ``of``, or for a new schedule."""
    ahead = list(islice(plan.comes.ahead(now, shift=plan.shift, calendar=calendar), _TEN_YEARS))
    return [
        *_clocks(plan, ahead),
        *_clashes(session, ahead[:_YEAR], of=of, calendar=calendar, now=now),
        *gone(session, of),
    ]


def election_words(session: Session, occurrences: Iterable[Occurrence]) -> dict[str, str]:
    """The pre-election period that an occurrence is in, by the wall time that is planned."""
    periods = election_periods.listing(session)
    return {
        each.planned: f"In the pre-election period in {period.words}."
        for each in occurrences
        for period in periods
        if period.first_day.isoformat() <= each.wall[:10] <= period.last_day.isoformat()
    }


def _clocks(plan: Plan, ahead: list[Occurrence]) -> Iterator[str]:
    """The first time that clocks go forward over its time, and that they show it twice."""
    said = set[str]()
    for each in ahead:
        words = clock_words(each, plan.comes.time, plan.comes.zone)
        kind = words[:16]
        if words and kind not in said:
            said.add(kind)
            day = datetime.fromisoformat(each.wall)
            yield f"{day:%a} {day.day} {day:%b %Y}: {words[:1].lower()}{words[1:]}"


def _clashes(
    session: Session,
    ahead: list[Occurrence],
    *,
    of: Schedule | None,
    calendar: WorkingDays,
    now: datetime,
) -> Iterator[str]:
    """The first time that another newsletter goes out within the same hour."""
    others = session.scalars(
        select(Schedule)
        .where(Schedule.active, Schedule.id != (of.id if of else 0))
        .options(joinedload(Schedule.newsletter))
        .order_by(Schedule.id)
    )
    for other in others:
        theirs = recurrence_of(other).ahead(now, shift=other.shift, calendar=calendar)
        if found := _first_near(ahead, list(islice(theirs, _YEAR))):
            day = datetime.fromisoformat(found.wall)
            yield (
                f"On {day:%a} {day.day} {day:%b %Y}, {other.newsletter.name} goes out within the "
                "same hour: people on both get two emails at once."
            )


def _first_near(ours: list[Occurrence], theirs: list[Occurrence]) -> Occurrence | None:
    place = 0
    for each in ours:
        while place < len(theirs) and theirs[place].at <= each.at - _NEAR:
            place += 1
        if place < len(theirs) and theirs[place].at < each.at + _NEAR:
            return each
    return None
