"""What is worth a second look: another newsletter within the hour, people who have left."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import islice
from typing import Final

from sqlalchemy.orm import Session, joinedload

from contacts.database import Database
from contacts.models import Newsletter
from contacts.permission.newsletters import add_newsletter
from mailer.accounts import operators
from mailer.campaigns import schedules
from mailer.campaigns.planning.plans import Plan
from mailer.campaigns.planning.warnings import election_words, warnings
from mailer.campaigns.recurrence.coming import Recurrence
from mailer.campaigns.recurrence.rules import DayOfMonth, NthWeekday, Weekly
from mailer.clock import UK
from mailer.models import Operator, Power, Schedule, Shift
from mailer.network import election_periods
from mailer.network.election_periods import PeriodDetails
from mailer.network.working_days import WorkingDays
from tests.factories import TESTER, a_cast

_NOW: Final = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
_TUESDAY: Final = Recurrence(NthWeekday(2, 1), "10:00", UK, date(2026, 11, 1))
_PLAN: Final = Plan(_TUESDAY, segment_id=None, draft_days_before=21, subject="News")


def _said(session: Session, plan: Plan = _PLAN, of: Schedule | None = None) -> list[str]:
    return warnings(session, plan, of=of, calendar=WorkingDays(), now=_NOW)


def _events(session: Session, comes: Recurrence) -> Schedule:
    """Another newsletter's schedule."""
    made = add_newsletter(
        session,
        slug="events",
        name="Events",
        from_name="Network",
        from_address="events@network.example",
        now=_NOW,
    )
    return schedules.make(session, made, replace(_PLAN, comes=comes), now=_NOW)


def test_another_newsletter_within_the_hour_is_warned_of_with_its_first_day(
    database: Database,
) -> None:
    with database.writing() as session:
        a_cast(session)
        _events(session, Recurrence(Weekly(1), "10:30", UK, date(2026, 12, 1)))

        (said,) = _said(session)

        assert said.startswith("On Tue 8 Dec 2026, Events goes out within the same hour")


def test_an_hour_between_them_a_pause_or_ones_own_schedule_is_no_clash(database: Database) -> None:
    with database.writing() as session:
        cast = a_cast(session)
        newsletter = session.get_one(Newsletter, cast.newsletter)
        mine = schedules.make(session, newsletter, _PLAN, now=_NOW)
        theirs = _events(session, replace(_TUESDAY, time="11:00"))
        far = _said(session, of=mine)
        schedules.change(session, theirs, _PLAN, now=_NOW)
        near = _said(session, of=mine)
        schedules.switch(session, theirs, active=False, now=_NOW)

        assert far == []
        assert len(near) == 1
        assert _said(session, of=mine) == []


def test_a_clash_is_seen_where_a_holiday_moves_one_onto_the_others_day(database: Database) -> None:
    """The first Monday of May 2027 is a bank holiday: Tuesday is the other's day."""
    with database.writing() as session:
        a_cast(session)
        _events(session, replace(_TUESDAY, rule=NthWeekday(1, 1)))

        (said,) = _said(session, replace(_PLAN, comes=replace(_TUESDAY, rule=NthWeekday(1, 0))))

        assert said.startswith("On Tue 4 May 2027")


def test_clocks_are_told_of_years_before(database: Database) -> None:
    with database.writing() as session:
        rare = replace(_TUESDAY, rule=DayOfMonth(27), time="01:59")

        said = _said(session, replace(_PLAN, comes=rare, shift=Shift.ASK))

        autumn = (
            "Sun 27 Oct 2030: clocks show 01:59 twice on that day: it goes out once, at the first, "
            "01:59 BST."
        )
        assert said == [
            autumn,
            "Sun 27 Mar 2033: clocks go forward over 01:59 on that day: it goes out at 02:59 BST.",
        ]


def _a_person(session: Session, name: str) -> Operator:
    address = f"{name.lower()}@network.example"
    return operators.create(
        session, email=address, name=name, power=Power.ADMIN, actor=TESTER, now=_NOW
    )


def test_whoever_has_left_is_named_by_what_they_were(database: Database) -> None:
    with database.writing() as session:
        cast = a_cast(session)
        _a_person(session, "Asha")
        marc, jo = _a_person(session, "Marc"), _a_person(session, "Jo")
        newsletter = session.get_one(Newsletter, cast.newsletter)
        plan = replace(_PLAN, owner_id=marc.id, backup_id=jo.id, approver_ids=(marc.id,))
        number = schedules.make(session, newsletter, plan, now=_NOW).id
        operators.remove(session, marc.email, actor=TESTER, now=_NOW)
    with database.reading() as session:
        schedule = session.get_one(Schedule, number, options=[joinedload(Schedule.newsletter)])

        assert _said(session, plan, of=schedule) == [
            "Marc, its owner, has left: choose somebody else.",
            "Marc, an approver, has left: choose somebody else.",
            "None of its approvers is here any more.",
        ]


def test_a_pre_election_period_is_told_at_the_dates_within_it(database: Database) -> None:
    with database.writing() as session:
        period = PeriodDetails("2027-03-18", "2027-05-06", "6 member areas")
        election_periods.add(session, period, actor=TESTER, now=_NOW)
        ahead = _TUESDAY.ahead(_NOW, shift=Shift.NEXT, calendar=WorkingDays())

        assert election_words(session, islice(ahead, 8)) == {
            "2027-04-13T10:00": "In the pre-election period in 6 member areas."
        }
