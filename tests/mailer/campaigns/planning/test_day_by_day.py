"""The month as a line: working days are counted around holidays, times are those of the zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mailer.campaigns.planning.day_by_day import line_of
from mailer.clock import UK
from mailer.network.working_days import WorkingDays


@dataclass(frozen=True)
class _Times:
    draft_days_before: int = 21
    ask_days_before: int = 18
    stories_days_before: int = 9
    submit_days_before: int = 4
    approve_days_before: int = 1
    approve_time: str = "12:00"


def test_the_line_of_december_has_each_step_on_its_day() -> None:
    line = line_of(_Times(), goes_out="2026-12-08T10:00", zone=UK, calendar=WorkingDays())

    assert [(each.name, each.wall) for each in line] == [
        ("draft", "2026-11-17T10:00"),
        ("ask", "2026-11-20T09:00"),
        ("stories", "2026-11-27T17:00"),
        ("submit", "2026-12-02T17:00"),
        ("approve", "2026-12-07T12:00"),
        ("out", "2026-12-08T10:00"),
    ]
    assert [each.name for each in line if each.timed] == ["approve", "out"]


def test_nobody_is_asked_on_a_day_off() -> None:
    # 21 days before Tuesday 18 May 2027 is Tuesday; 15 days before is a bank holiday.
    times = _Times(ask_days_before=15)
    line = line_of(times, goes_out="2027-05-18T10:00", zone=UK, calendar=WorkingDays())

    assert {each.name: each.day for each in line}["ask"] == date(2027, 4, 30)


def test_submit_and_approve_count_working_days_and_keep_their_hour_in_summer() -> None:
    # Good Friday and Easter Monday lie before Tuesday 30 March 2027, and so does a clock change.
    line = line_of(_Times(), goes_out="2027-03-30T10:00", zone=UK, calendar=WorkingDays())
    days = {each.name: each for each in line}

    assert days["approve"].wall == "2027-03-25T12:00"
    assert days["submit"].day == date(2027, 3, 22)
    assert days["draft"].at == datetime(2027, 3, 9, 10, 0, tzinfo=UTC)
    assert days["out"].at == datetime(2027, 3, 30, 9, 0, tzinfo=UTC)


_DAYS = st.integers(0, 60)
_WORKING = st.integers(0, 20)


@given(st.builds(_Times, _DAYS, _DAYS, _DAYS, _WORKING, _WORKING), st.integers(0, 3000))
def test_days_rise_and_nothing_is_due_after_it_goes_out(times: _Times, later: int) -> None:
    day = date(2026, 1, 1) + timedelta(days=later)

    line = line_of(times, goes_out=f"{day}T23:00", zone=UK, calendar=WorkingDays())

    days = [each.day for each in line]
    assert days == sorted(days)
    assert max(days) == day
    assert len(line) == 6
