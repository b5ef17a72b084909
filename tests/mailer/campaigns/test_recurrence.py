"""Monthly rules over ten years in London: each month once, at the same time on the clock."""

from calendar import monthrange
from datetime import UTC, datetime
from itertools import islice, pairwise
from typing import Final

import pytest

from mailer.campaigns.recurrence import NTHS, WEEKDAYS, Monthly
from mailer.clock import UK, exists, instant_of, wall_of
from mailer.errors import NotAllowed
from mailer.models import ScheduleRule

_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
_TEN_YEARS: Final = 120
_RULES: Final = [
    *((ScheduleRule.WEEKDAY, nth, weekday) for nth in NTHS for weekday in range(7)),
    *((ScheduleRule.DAY, day, None) for day in range(1, 32)),
]


@pytest.mark.parametrize(("rule", "nth", "weekday"), _RULES)
def test_every_month_comes_round_exactly_once_at_ten(
    rule: ScheduleRule, nth: int, weekday: int | None
) -> None:
    ahead = list(islice(Monthly(rule, nth, weekday, "10:00", UK).after(_START), _TEN_YEARS))

    months = [wall[:7] for wall, _ in ahead]
    assert months == [f"{2026 + at // 12}-{at % 12 + 1:02}" for at in range(_TEN_YEARS)]
    for wall, moment in ahead:
        shown = wall_of(moment, UK)
        assert shown.strftime("%Y-%m-%dT%H:%M") == wall
        assert wall.endswith("T10:00")
        last = monthrange(shown.year, shown.month)[1]
        if rule is ScheduleRule.DAY:
            assert shown.day == min(nth, last)
        elif nth > 0:
            assert (shown.weekday(), (shown.day - 1) // 7) == (weekday, nth - 1)
        else:
            assert shown.weekday() == weekday
            assert shown.day > last - 7


def test_summer_is_an_hour_earlier_in_utc_and_no_gap_is_short() -> None:
    ahead = [
        moment
        for _, moment in islice(
            Monthly(ScheduleRule.WEEKDAY, 2, 1, "10:00", UK).after(_START), _TEN_YEARS
        )
    ]

    assert {moment.hour for moment in ahead} == {9, 10}
    assert all(27 <= (later - earlier).days < 36 for earlier, later in pairwise(ahead))


@pytest.mark.parametrize("hour", range(24))
def test_every_hour_of_the_day_comes_round_each_month_whatever_the_clocks_do(hour: int) -> None:
    for nth, weekday in ((-1, 6), (28, None), (25, None), (31, None)):
        rule = ScheduleRule.DAY if weekday is None else ScheduleRule.WEEKDAY
        ahead = list(
            islice(Monthly(rule, nth, weekday, f"{hour:02}:30", UK).after(_START), _TEN_YEARS)
        )

        assert len({wall[:7] for wall, _ in ahead}) == _TEN_YEARS
        assert sorted(moment for _, moment in ahead) == [moment for _, moment in ahead]


def test_the_next_occurrence_is_later_than_the_given_time() -> None:
    rule = Monthly(ScheduleRule.WEEKDAY, 2, 1, "10:00", UK)
    first_wall, first = next(rule.after(datetime(2026, 12, 8, 9, 59, 59, tzinfo=UTC)))
    second_wall, _ = next(rule.after(first))

    assert (first_wall, second_wall) == ("2026-12-08T10:00", "2027-01-12T10:00")


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (
            Monthly(ScheduleRule.WEEKDAY, 2, 1, "10:00", UK),
            "the second Tuesday of every month at 10:00",
        ),
        (
            Monthly(ScheduleRule.WEEKDAY, -1, 4, "16:30", UK),
            "the last Friday of every month at 16:30",
        ),
        (Monthly(ScheduleRule.DAY, 1, None, "09:00", UK), "day 1 of every month at 09:00"),
        (Monthly(ScheduleRule.DAY, 31, None, "09:00", UK), "the last day of every month at 09:00"),
    ],
)
def test_a_rule_is_described_in_words(rule: Monthly, text: str) -> None:
    assert rule.in_words() == text


def test_days_of_the_week_are_in_the_order_their_numbers_say() -> None:
    assert [WEEKDAYS[datetime(2026, 11, day, tzinfo=UTC).weekday()] for day in (23, 29)] == [
        "Monday",
        "Sunday",
    ]


def test_a_time_the_clocks_skip_does_not_exist_and_one_they_repeat_is_the_first() -> None:
    assert not exists("2027-03-28T01:30", UK)
    assert exists("2027-03-28T02:00", UK)
    assert exists("2026-10-25T01:30", UK)
    assert instant_of("2026-10-25T01:30", UK) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert instant_of("2027-03-28T01:30", UK) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("wall", ["", "soon", "2026-13-01T10:00", "2026-12-08T10:00+01:00"])
def test_an_invalid_wall_time_is_refused(wall: str) -> None:
    with pytest.raises(NotAllowed):
        instant_of(wall, UK)
