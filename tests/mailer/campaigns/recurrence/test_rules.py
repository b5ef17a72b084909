"""Rules over ten years: their days are those that an independent reader of RFC 5545 finds."""

from datetime import UTC, date, datetime, time
from itertools import islice, pairwise
from typing import Final

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from mailer.campaigns.recurrence import rrules
from mailer.campaigns.recurrence.rules import (
    MOST_MONTHS,
    MOST_WEEKS,
    NTHS,
    WEEKDAYS,
    DayOfMonth,
    NthWeekday,
    Rule,
    Weekly,
    WorkingDay,
)

_NTHS = st.sampled_from(list(NTHS))
_WEEKDAYS = st.integers(0, 6)
_MONTHS = st.integers(1, MOST_MONTHS)
RULES: Final[st.SearchStrategy[Rule]] = st.one_of(
    st.builds(NthWeekday, _NTHS, _WEEKDAYS, _MONTHS),
    st.builds(DayOfMonth, st.sampled_from([-1, *range(1, 32)]), _MONTHS),
    st.builds(WorkingDay, st.sampled_from([1, -1]), _MONTHS),
    st.builds(Weekly, _WEEKDAYS, st.integers(1, MOST_WEEKS)),
)
DAYS: Final = st.dates(date(2020, 1, 1), date(2040, 12, 31))


def _as_others_read_it(rule: Rule, starts_on: date) -> list[date]:
    """Sixty days by dateutil; in plain RFC 5545 a short month's last is the last of several."""
    text = rrules.write(rule)
    if isinstance(rule, DayOfMonth) and rule.day > 28:
        days = ",".join(map(str, range(28, rule.day + 1)))
        text = text.replace(f"BYMONTHDAY={rule.day}", f"BYMONTHDAY={days};BYSETPOS=-1")
    read = rrulestr(text, dtstart=datetime.combine(starts_on, time()))
    return [each.date() for each in islice(read, 60)]


@given(RULES, DAYS)
def test_a_rule_has_the_days_that_others_read_in_its_text(rule: Rule, starts_on: date) -> None:
    ours = list(islice(rule.days(starts_on, since=starts_on), 60))

    assert ours == _as_others_read_it(rule, starts_on)


@given(RULES, DAYS, DAYS)
def test_days_are_the_same_whenever_somebody_looks(rule: Rule, starts_on: date, day: date) -> None:
    first, later = sorted([starts_on, day])
    everything = islice(rule.days(first, since=first), 2000)
    since = [each for each in everything if each >= later][:5]

    assert list(islice(rule.days(first, since=later), 5)) == since


@given(RULES)
def test_a_rule_is_read_again_as_it_was_written(rule: Rule) -> None:
    assert rrules.parse(rrules.write(rule)) == rule


@given(RULES, DAYS)
def test_days_rise_and_no_month_or_week_is_left_out(rule: Rule, starts_on: date) -> None:
    days = list(islice(rule.days(starts_on, since=starts_on), 60))

    assert all(earlier < later for earlier, later in pairwise(days))
    if isinstance(rule, Weekly):
        assert {(later - earlier).days for earlier, later in pairwise(days)} == {7 * rule.every}
    else:
        months = [each.year * 12 + each.month for each in days]
        assert {later - earlier for earlier, later in pairwise(months)} == {rule.every}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (NthWeekday(2, 1), "the second Tuesday of every month"),
        (NthWeekday(-1, 4), "the last Friday of every month"),
        (NthWeekday(1, 0, 3), "the first Monday, every 3 months"),
        (DayOfMonth(1), "day 1 of every month"),
        (DayOfMonth(-1), "the last day of every month"),
        (DayOfMonth(31), "the last day of every month"),
        (WorkingDay(-1), "the last working day of every month"),
        (WorkingDay(1, 2), "the first working day, every 2 months"),
        (Weekly(1), "every Tuesday"),
        (Weekly(1, 2), "Tuesday, every 2 weeks"),
    ],
)
def test_a_rule_is_described_in_words(rule: Rule, words: str) -> None:
    assert rule.in_words() == words


def test_days_of_the_week_are_in_the_order_their_numbers_say() -> None:
    assert [WEEKDAYS[datetime(2026, 11, day, tzinfo=UTC).weekday()] for day in (23, 29)] == [
        "Monday",
        "Sunday",
    ]


def test_days_end_before_the_calendar_does() -> None:
    assert list(Weekly(1).days(date(2026, 1, 1), since=date(9200, 1, 1))) == []
