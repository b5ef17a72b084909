"""Working days of the three nations, with days off of one's own, and working hours."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.clock import UK
from mailer.network.bank_holidays import Nation, bank_holidays
from mailer.network.working_days import OwnDays, WorkingDays

_E, _S, _N = Nation.ENGLAND_AND_WALES, Nation.SCOTLAND, Nation.NORTHERN_IRELAND
# As published, without their names; 2027 and 2028 have substitute days at both ends of the year.
_PUBLISHED: Final = {
    (_E, 2026): "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    (_E, 2027): "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
    (_E, 2028): "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26",
    (_S, 2026): "01-01 01-02 04-03 05-04 05-25 08-03 11-30 12-25 12-28",
    (_S, 2027): "01-01 01-04 03-26 05-03 05-31 08-02 11-30 12-27 12-28",
    (_S, 2028): "01-03 01-04 04-14 05-01 05-29 08-07 11-30 12-25 12-26",
    (_S, 2030): "01-01 01-02 04-19 05-06 05-27 08-05 12-02 12-25 12-26",
    (_N, 2026): "01-01 03-17 04-03 04-06 05-04 05-25 07-13 08-31 12-25 12-28",
    (_N, 2027): "01-01 03-17 03-26 03-29 05-03 05-31 07-12 08-30 12-27 12-28",
    (_N, 2028): "01-03 03-17 04-14 04-17 05-01 05-29 07-12 08-28 12-25 12-26",
}
_XMAS: Final = OwnDays(date(2026, 12, 24), date(2027, 1, 2), "Office closed", yearly=True)
_DAYS: Final = st.dates(date(2025, 1, 1), date(2035, 12, 31))
_CALENDARS: Final = st.builds(
    WorkingDays, st.sampled_from(list(Nation)), st.sampled_from([(), (_XMAS,)])
)


@pytest.mark.parametrize(("which", "days"), _PUBLISHED.items())
def test_bank_holidays_are_those_that_are_published(which: tuple[Nation, int], days: str) -> None:
    nation, year = which

    assert [f"{day:%m-%d}" for day in bank_holidays(nation, year)] == days.split()


def test_a_holiday_on_a_weekend_is_kept_on_a_weekday_of_its_own() -> None:
    assert bank_holidays(_E, 2027)[date(2027, 12, 27)] == "Christmas Day (substitute day)"
    assert bank_holidays(_E, 2027)[date(2027, 12, 28)] == "Boxing Day (substitute day)"
    assert bank_holidays(_E, 2022)[date(2022, 12, 26)] == "Boxing Day"
    assert bank_holidays(_E, 2022)[date(2022, 12, 27)] == "Christmas Day (substitute day)"


@given(st.sampled_from(list(Nation)), st.integers(1990, 2100))
def test_each_holiday_of_a_year_has_a_weekday(nation: Nation, year: int) -> None:
    found = bank_holidays(nation, year)

    assert all(day.weekday() < 5 and day.year == year for day in found)
    assert len(found) == {_E: 8, _S: 9, _N: 10}[nation]


def test_own_days_of_every_year_go_over_its_end() -> None:
    calendar = WorkingDays(_E, (_XMAS,))

    assert calendar.day_off(date(2030, 12, 24)) == "Office closed"
    assert calendar.day_off(date(2031, 1, 2)) == "Office closed"
    assert calendar.next_working_day(date(2026, 12, 23)) == date(2027, 1, 4)
    assert calendar.previous_working_day(date(2027, 1, 4)) == date(2026, 12, 23)


def test_a_bank_holiday_can_be_worked_but_for_a_day_off_of_ones_own() -> None:
    day = date(2027, 5, 3)
    worked = OwnDays(day, day, "Early May bank holiday", works=True)

    assert not WorkingDays(_E).is_working_day(day)
    assert WorkingDays(_E, (worked,)).is_working_day(day)
    assert not WorkingDays(_E, (worked, OwnDays(day, day, "Moving house"))).is_working_day(day)
    assert not WorkingDays(
        _E, (OwnDays(date(2027, 5, 1), day, "Open day", works=True),)
    ).is_working_day(date(2027, 5, 1))


@given(_CALENDARS, _DAYS, st.integers(-30, 30))
def test_working_days_are_counted_one_by_one(calendar: WorkingDays, day: date, number: int) -> None:
    found = calendar.add_working_days(day, number)

    between = [day + timedelta(days=at + 1) for at in range((found - day).days)] or [
        day - timedelta(days=at + 1) for at in range((day - found).days)
    ]
    assert sum(map(calendar.is_working_day, between)) == abs(number)
    assert number == 0 or calendar.is_working_day(found)


def test_working_hours_leave_out_nights_weekends_and_holidays() -> None:
    calendar = WorkingDays(_E)
    thursday = datetime(2026, 12, 24, 16, 0, tzinfo=UTC)
    tuesday = datetime(2026, 12, 29, 10, 0, tzinfo=UTC)

    assert calendar.working_hours_between(thursday, tuesday, UK) == timedelta(hours=2)
    assert calendar.add_working_hours(thursday, 4, UK) == datetime(2026, 12, 29, 12, tzinfo=UTC)
    assert calendar.add_working_hours(thursday, 0, UK) == thursday
    assert calendar.working_hours_between(tuesday, thursday, UK) == timedelta(0)


def test_working_hours_are_by_the_clocks_of_the_zone() -> None:
    calendar = WorkingDays(_E)
    friday = datetime(2027, 3, 26 - 1, 16, 30, tzinfo=UTC)  # Thursday before Good Friday, GMT

    # Easter Monday is a holiday too; on Tuesday 30 March clocks show an hour more.
    assert calendar.add_working_hours(friday, 1, UK) == datetime(2027, 3, 30, 8, 30, tzinfo=UTC)


@given(_CALENDARS, st.integers(0, 4 * 365 * 24 * 60), st.integers(0, 40))
def test_hours_that_are_added_are_those_between(
    calendar: WorkingDays, minutes: int, hours: int
) -> None:
    begins = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    end = calendar.add_working_hours(begins, hours, UK)

    assert calendar.working_hours_between(begins, end, UK) == timedelta(hours=hours)
