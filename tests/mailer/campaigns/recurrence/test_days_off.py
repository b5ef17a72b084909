"""Days off: an occurrence moves or asks, keeps what it is known by, and never shares a day."""

from datetime import UTC, date, datetime
from itertools import islice, pairwise
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.campaigns.recurrence.coming import Occurrence, Recurrence
from mailer.campaigns.recurrence.rules import DayOfMonth, NthWeekday, Rule, Weekly, WorkingDay
from mailer.campaigns.recurrence.wording import clock_words, day_words
from mailer.clock import UK
from mailer.models import Shift
from mailer.network.bank_holidays import Nation
from mailer.network.working_days import OwnDays, WorkingDays
from tests.mailer.campaigns.recurrence.test_rules import RULES

_SINCE: Final = date(2026, 1, 1)
_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
_ENGLAND: Final = WorkingDays()
_XMAS: Final = OwnDays(date(2026, 12, 24), date(2027, 1, 2), "Office closed", yearly=True)
_CALENDARS: Final = st.builds(
    WorkingDays, st.sampled_from(list(Nation)), st.sampled_from([(), (_XMAS,)])
)
_ZONES: Final = st.sampled_from([UK, "America/Havana", "Africa/Cairo"])
_TIMES: Final = st.sampled_from(["00:00", "00:30", "01:30", "10:00", "23:59"])
_SHIFTS: Final = st.sampled_from(list(Shift))


def _first(
    rule: Rule, since: date, shift: Shift = Shift.NEXT, calendar: WorkingDays = _ENGLAND
) -> Occurrence:
    comes = Recurrence(rule, "10:00", UK, _SINCE)
    moment = datetime(since.year, since.month, since.day, tzinfo=UTC)
    return next(comes.ahead(moment, shift=shift, calendar=calendar))


@pytest.mark.parametrize(
    ("shift", "day"), [(Shift.NEXT, "2027-05-04"), (Shift.PREVIOUS, "2027-04-30")]
)
def test_a_bank_holiday_moves_to_the_working_day_beside_it(shift: Shift, day: str) -> None:
    found = _first(NthWeekday(1, 0), date(2027, 4, 20), shift)

    assert (found.planned, found.wall) == ("2027-05-03T10:00", f"{day}T10:00")
    assert day_words(found) == "Instead of Mon 3 May, Early May bank holiday."


def test_one_that_asks_stays_on_its_day_and_says_so() -> None:
    found = _first(NthWeekday(1, 0), date(2027, 4, 20), Shift.ASK)

    assert (found.asks, found.wall) == (True, "2027-05-03T10:00")
    assert day_words(found) == (
        "Mon 3 May is Early May bank holiday. The draft is made without a time: its owner chooses."
    )


def test_a_weekend_is_moved_from_by_its_date_and_kept_by_its_name() -> None:
    by_date = _first(DayOfMonth(15), date(2026, 8, 1))
    by_name = _first(Weekly(5), date(2026, 8, 10))

    assert (by_date.wall, day_words(by_date)) == ("2026-08-17T10:00", "Instead of Sat 15 Aug.")
    assert (by_name.wall, day_words(by_name)) == ("2026-08-15T10:00", "")


@pytest.mark.parametrize("shift", list(Shift))
def test_the_last_working_day_minds_holidays_and_stays_in_its_month(shift: Shift) -> None:
    last = _first(WorkingDay(-1), date(2027, 5, 1), shift)
    first = _first(WorkingDay(1), date(2026, 12, 31), shift)

    assert last.wall == "2027-05-28T10:00"  # Monday the 31st is a bank holiday
    assert first.wall == "2027-01-04T10:00"  # Friday the 1st is one


def test_two_that_would_meet_go_out_on_two_days_and_it_is_said() -> None:
    calendar = WorkingDays(own=(_XMAS,))
    comes = Recurrence(Weekly(4), "10:00", UK, _SINCE)
    moment = datetime(2026, 12, 20, tzinfo=UTC)

    found = list(islice(comes.ahead(moment, shift=Shift.NEXT, calendar=calendar), 3))

    assert [(each.planned[:10], each.wall[:10]) for each in found] == [
        ("2026-12-25", "2027-01-04"),
        ("2027-01-01", "2027-01-05"),
        ("2027-01-08", "2027-01-08"),
    ]
    assert "the issue before it has the day" in day_words(found[1])


@given(RULES, _SHIFTS, _CALENDARS, _ZONES, _TIMES)
def test_each_planned_one_comes_once_in_turn_and_never_two_a_day(
    rule: Rule, shift: Shift, calendar: WorkingDays, zone: str, time: str
) -> None:
    comes = Recurrence(rule, time, zone, _SINCE)
    before = datetime(2025, 12, 1, tzinfo=UTC)  # so that the first may move to the year before
    found = list(islice(comes.ahead(before, shift=shift, calendar=calendar), 120))

    assert [each.planned for each in found] == [
        wall for wall, _ in islice(comes.after(before), 120)
    ]
    assert all(one.wall[:10] < other.wall[:10] for one, other in pairwise(found))
    assert all(one.at < other.at for one, other in pairwise(found))
    for each in found:
        day = date.fromisoformat(each.wall[:10])
        named = rule.names_a_weekend and not each.day_off
        assert each.asks or each.crowd or named or calendar.is_working_day(day)
        assert bool(day_words(each)) == (each.moved or each.asks)


@given(RULES, _SHIFTS, _CALENDARS, st.integers(0, 3650))
def test_it_is_the_same_whenever_somebody_looks(
    rule: Rule, shift: Shift, calendar: WorkingDays, days: int
) -> None:
    comes = Recurrence(rule, "10:00", UK, _SINCE)
    everything = list(islice(comes.ahead(_START, shift=shift, calendar=calendar), 700))
    moment = everything[min(days // 8, 600)].at

    later = list(islice(comes.ahead(moment, shift=shift, calendar=calendar), 12))

    assert later == [each for each in everything if each.at > moment][:12]


def test_what_clocks_do_is_said_beforehand() -> None:
    spring = Recurrence(NthWeekday(-1, 6), "01:30", UK, _SINCE)
    in_spring = next(
        spring.ahead(datetime(2027, 3, 20, tzinfo=UTC), shift=Shift.NEXT, calendar=_ENGLAND)
    )
    in_autumn = next(
        spring.ahead(datetime(2027, 10, 20, tzinfo=UTC), shift=Shift.NEXT, calendar=_ENGLAND)
    )

    assert (in_spring.planned, in_spring.wall) == ("2027-03-28T01:30", "2027-03-28T02:30")
    assert in_spring.at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert clock_words(in_spring, "01:30", UK) == (
        "Clocks go forward over 01:30 on that day: it goes out at 02:30 BST."
    )
    assert in_autumn.at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert clock_words(in_autumn, "01:30", UK) == (
        "Clocks show 01:30 twice on that day: it goes out once, at the first, 01:30 BST."
    )
    assert clock_words(_first(NthWeekday(2, 1), _SINCE), "10:00", UK) == ""
