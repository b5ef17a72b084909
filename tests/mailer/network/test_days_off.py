"""The network's calendar: days off of its own are kept with an audit, holidays can be worked."""

from datetime import date

import pytest
from sqlalchemy import select

from contacts.database import Database
from contacts.models import AuditEntry
from mailer.errors import FormError, NotFound
from mailer.network import days_off
from mailer.network.bank_holidays import Nation
from mailer.network.days_off import DaysOffDetails
from tests.factories import NOW, TESTER

XMAS = DaysOffDetails("2026-12-24", "2027-01-02", " Office  closed ", yearly=True)


def test_days_off_are_kept_and_removed_with_an_audit_of_both(database: Database) -> None:
    with database.writing() as session:
        kept = days_off.add(session, XMAS, actor=TESTER, now=NOW)
        off = days_off.calendar(session).day_off(date(2029, 12, 31))
        days_off.remove(session, kept.id, actor=TESTER, now=NOW)
        acts = session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()

        assert off == "Office closed"
        assert days_off.calendar(session).is_working_day(date(2029, 12, 31))
        assert list(acts) == ["days off added", "days off removed"]


def test_one_day_is_a_first_without_a_last(database: Database) -> None:
    with database.writing() as session:
        kept = days_off.add(
            session, DaysOffDetails("2027-06-18", "", "Moving"), actor=TESTER, now=NOW
        )

        assert kept.last_day == date(2027, 6, 18)


def test_a_nation_is_chosen_and_one_of_its_holidays_worked_once(database: Database) -> None:
    day = date(2026, 11, 30)
    with database.writing() as session:
        with pytest.raises(NotFound, match="no bank holiday in England and Wales"):
            days_off.work_on(session, day, actor=TESTER, now=NOW)
        days_off.set_nation(session, "scotland", actor=TESTER, now=NOW)
        holiday = days_off.calendar(session).day_off(day)
        first = days_off.work_on(session, day, actor=TESTER, now=NOW)
        again = days_off.work_on(session, day, actor=TESTER, now=NOW)

        assert holiday == "St Andrew’s Day"
        assert first is again
        assert days_off.calendar(session).is_working_day(day)
        assert (day, "St Andrew’s Day", True) in days_off.holidays(session, 2026)
        assert days_off.nation(session) is Nation.SCOTLAND


def test_a_nation_that_has_no_calendar_is_refused(database: Database) -> None:
    with database.writing() as session, pytest.raises(FormError, match="england-and-wales"):
        days_off.set_nation(session, "cornwall", actor=TESTER, now=NOW)


@pytest.mark.parametrize(
    ("details", "field"),
    [
        (DaysOffDetails("24 December", "2027-01-02", "Closed"), "first_day"),
        (DaysOffDetails("2026-12-24", "soon", "Closed"), "last_day"),
        (DaysOffDetails("2026-12-24", "2026-12-23", "Closed"), "last_day"),
        (DaysOffDetails("2026-12-24", "2027-02-22", "Closed"), "last_day"),
        (DaysOffDetails("9999-12-31", "", "Closed"), "first_day"),
        (DaysOffDetails("2026-12-24", "2027-01-02", " "), "words"),
        (DaysOffDetails("2026-12-24", "2027-01-02", "x" * 121), "words"),
        (DaysOffDetails("2026-12-24", "2027-01-02", "a\x00b"), "words"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(
    database: Database, details: DaysOffDetails, field: str
) -> None:
    with database.writing() as session:
        with pytest.raises(FormError) as refused:
            days_off.add(session, details, actor=TESTER, now=NOW)

        assert [name for name, _ in refused.value.problems] == [field]
        assert days_off.listing(session) == []


def test_some_working_day_is_always_within_reach(database: Database) -> None:
    with database.writing() as session:
        first = DaysOffDetails("2027-07-01", "2027-07-31", "July", yearly=True)
        days_off.add(session, first, actor=TESTER, now=NOW)
        august = DaysOffDetails("2028-08-01", "2028-08-31", "August")
        with pytest.raises(FormError, match="no working day"):
            days_off.add(session, august, actor=TESTER, now=NOW)


def test_what_somebody_else_removed_is_not_there(database: Database) -> None:
    with database.writing() as session, pytest.raises(NotFound):
        days_off.remove(session, 7, actor=TESTER, now=NOW)
