"""Ten years of every rule where clocks change: each occurrence once, one after the other."""

from datetime import UTC, date, datetime
from itertools import islice, pairwise
from typing import Final

import pytest

from mailer.campaigns.recurrence.coming import Recurrence
from mailer.campaigns.recurrence.rules import (
    NTHS,
    DayOfMonth,
    NthWeekday,
    Rule,
    Weekly,
    WorkingDay,
)
from mailer.clock import UK, exists, instant_of, wall_of
from mailer.errors import NotAllowed

_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
_SINCE: Final = date(2026, 1, 1)
_RULES: Final[list[Rule]] = [
    *(NthWeekday(nth, weekday) for nth in NTHS for weekday in range(7)),
    *(DayOfMonth(day) for day in (*range(1, 32), -1)),
    *(WorkingDay(nth) for nth in (1, -1)),
    *(NthWeekday(2, 1, every) for every in (2, 3, 6, 12)),
    *(Weekly(weekday, every) for weekday in range(7) for every in (1, 2, 5)),
]
# Clocks of Asunción, Cairo and Havana are changed at midnight, in some of these years.
_ZONES: Final = (UK, "America/Asuncion", "Africa/Cairo", "America/Havana")


def _ten_years(comes: Recurrence) -> list[tuple[str, datetime]]:
    ahead = list[tuple[str, datetime]]()
    for wall, moment in comes.after(_START):
        if wall >= "2036":
            return ahead
        ahead.append((wall, moment))
    raise AssertionError("a rule without end")


@pytest.mark.parametrize("zone", _ZONES)
@pytest.mark.parametrize("time", ["00:00", "00:30", "01:00", "01:30", "02:00", "10:00", "23:30"])
def test_ten_years_of_every_rule_come_round_once_each_and_in_turn(zone: str, time: str) -> None:
    for rule in _RULES:
        ahead = _ten_years(Recurrence(rule, time, zone, _SINCE))
        planned = []
        for day in rule.days(_SINCE, since=_SINCE):
            if day.year >= 2036:
                break
            planned.append(f"{day}T{time}")

        walls = [wall for wall, _ in ahead]
        assert walls == [each for each in planned if instant_of(each, zone) > _START], rule
        assert all(one < other for (_, one), (_, other) in pairwise(ahead)), rule
        for wall, moment in ahead:
            shown = f"{wall_of(moment, zone):%Y-%m-%dT%H:%M}"
            assert shown == wall if exists(wall, zone) else shown > wall


@pytest.mark.parametrize("zone", _ZONES)
def test_looking_again_after_each_one_finds_the_same(zone: str) -> None:
    for rule in _RULES[::5]:
        comes = Recurrence(rule, "00:30", zone, _SINCE)
        moment, found = _START, []
        for _ in range(60):
            wall, moment = next(comes.after(moment))
            found.append((wall, moment))

        assert found == list(islice(comes.after(_START), 60))


def test_a_rule_keeps_its_time_through_summer_and_winter() -> None:
    comes = Recurrence(NthWeekday(2, 1), "10:00", UK, _SINCE)

    assert {moment.hour for _, moment in _ten_years(comes)} == {9, 10}


def test_the_next_occurrence_is_later_than_the_given_time() -> None:
    comes = Recurrence(NthWeekday(2, 1), "10:00", UK, _SINCE)
    first_wall, first = next(comes.after(datetime(2026, 12, 8, 9, 59, 59, tzinfo=UTC)))
    second_wall, _ = next(comes.after(first))

    assert (first_wall, second_wall) == ("2026-12-08T10:00", "2027-01-12T10:00")


def test_nothing_comes_before_the_day_it_starts_on() -> None:
    comes = Recurrence(Weekly(1), "10:00", UK, date(2027, 1, 6))

    assert next(comes.after(_START))[0] == "2027-01-12T10:00"


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
