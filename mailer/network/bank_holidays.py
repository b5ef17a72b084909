"""Bank holidays of the United Kingdom, worked out by rule for each of its three calendars.

One that falls on a weekend is kept on the next weekday that is none yet. What is proclaimed for one
year only is not here: a person adds it in Settings.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from dateutil.easter import easter

_MONDAY: Final = 0
_SATURDAY: Final = 5
_CHRISTMAS: Final = ((12, 25, "Christmas Day"), (12, 26, "Boxing Day"))
_NEW_YEAR: Final = (1, 1, "New Year’s Day")


class Nation(StrEnum):
    """Whose bank holidays hold: the calendars there are."""

    ENGLAND_AND_WALES = "england-and-wales"
    SCOTLAND = "scotland"
    NORTHERN_IRELAND = "northern-ireland"

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS: Final = {
    Nation.ENGLAND_AND_WALES: "England and Wales",
    Nation.SCOTLAND: "Scotland",
    Nation.NORTHERN_IRELAND: "Northern Ireland",
}
_FIXED: Final = {
    Nation.ENGLAND_AND_WALES: (_NEW_YEAR, *_CHRISTMAS),
    Nation.SCOTLAND: (
        _NEW_YEAR,
        (1, 2, "2nd January"),
        (11, 30, "St Andrew’s Day"),
        *_CHRISTMAS,
    ),
    Nation.NORTHERN_IRELAND: (
        _NEW_YEAR,
        (3, 17, "St Patrick’s Day"),
        (7, 12, "Battle of the Boyne"),
        *_CHRISTMAS,
    ),
}


@lru_cache(maxsize=256)
def bank_holidays(nation: Nation, year: int) -> Mapping[date, str]:
    """The bank holidays of a year with their names, in their order."""
    found = {easter(year) - timedelta(days=2): "Good Friday"}
    if nation is not Nation.SCOTLAND:
        found[easter(year) + timedelta(days=1)] = "Easter Monday"
    found[_first_monday(year, 5)] = "Early May bank holiday"
    found[_last_monday(year, 5)] = "Spring bank holiday"
    in_summer = _first_monday if nation is Nation.SCOTLAND else _last_monday
    found[in_summer(year, 8)] = "Summer bank holiday"
    fixed = [(date(year, month, day), name) for month, day, name in _FIXED[nation]]
    found |= {day: name for day, name in fixed if day.weekday() < _SATURDAY}
    for day, name in fixed:
        if day.weekday() >= _SATURDAY:
            found[_next_free(day, found)] = f"{name} (substitute day)"
    return MappingProxyType(dict(sorted(found.items())))


def _next_free(day: date, taken: Mapping[date, str]) -> date:
    while day.weekday() >= _SATURDAY or day in taken:
        day += timedelta(days=1)
    return day


def _first_monday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(_MONDAY - first.weekday()) % 7)


def _last_monday(year: int, month: int) -> date:
    end = date(year, month, 31)  # May and August have as many
    return end - timedelta(days=end.weekday())
