"""The rules by which a newsletter comes round: values that know their days and their words.

A month without the day (the 31st of June) uses its last: RFC 7529 calls that SKIP=BACKWARD. Every
rule has a day in each of its months or weeks, so a newsletter is never silently skipped.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar, Final

from dateutil.relativedelta import relativedelta

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NTHS: Final = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
MOST_MONTHS: Final = 12
MOST_WEEKS: Final = 26
_SATURDAY: Final = 5
_LAST_YEAR: Final = 9000  # calendars end with the year 9999, and shifts look ahead


class _EveryFewMonths:
    """What has one day in each of its months."""

    __slots__ = ()
    every: int

    def days(self, starts_on: date, *, since: date) -> Iterator[date]:
        """Its days from ``since`` on, where months are counted from the one of ``starts_on``."""
        months = (since.year - starts_on.year) * 12 + since.month - starts_on.month
        month = since.replace(day=1) + relativedelta(months=-months % self.every)
        while month.year < _LAST_YEAR:
            if (day := self.day_of(month)) >= since:
                yield day
            month += relativedelta(months=self.every)

    def day_of(self, month: date) -> date:
        """Its day in the month that begins with ``month``."""
        raise NotImplementedError

    def _of_months(self) -> str:
        return " of every month" if self.every == 1 else f", every {self.every} months"


@dataclass(frozen=True, slots=True)
class NthWeekday(_EveryFewMonths):
    """The second Tuesday; ``nth`` is 1 to 4, or -1 for the last."""

    nth: int
    weekday: int  # 0 is Monday
    every: int = 1

    @property
    def names_a_weekend(self) -> bool:
        return self.weekday >= _SATURDAY

    def day_of(self, month: date) -> date:
        if self.nth > 0:
            first = month + timedelta(days=(self.weekday - month.weekday()) % 7)
            return first + timedelta(weeks=self.nth - 1)
        end = _end(month)
        return end - timedelta(days=(end.weekday() - self.weekday) % 7)

    def in_words(self) -> str:
        return f"the {NTHS[self.nth]} {WEEKDAYS[self.weekday]}{self._of_months()}"


@dataclass(frozen=True, slots=True)
class DayOfMonth(_EveryFewMonths):
    """``day`` is 1 to 31, or -1 for the last; a month that is shorter uses its last."""

    day: int
    every: int = 1
    names_a_weekend: ClassVar[bool] = False

    def day_of(self, month: date) -> date:
        end = _end(month)
        return end if self.day == -1 else end.replace(day=min(self.day, end.day))

    def in_words(self) -> str:
        day = "the last day" if self.day in {-1, 31} else f"day {self.day}"
        return f"{day}{self._of_months()}"


@dataclass(frozen=True, slots=True)
class WorkingDay(_EveryFewMonths):
    """The first (``nth`` 1) or last (-1) day from Monday to Friday."""

    nth: int
    every: int = 1
    names_a_weekend: ClassVar[bool] = False

    def day_of(self, month: date) -> date:
        if self.nth == 1:
            return month + timedelta(days=(7 - month.weekday()) % 7 if month.weekday() > 4 else 0)
        end = _end(month)
        return end - timedelta(days=max(0, end.weekday() - 4))

    def in_words(self) -> str:
        return f"the {NTHS[self.nth]} working day{self._of_months()}"


@dataclass(frozen=True, slots=True)
class Weekly:
    """A day of every week, or of every few weeks."""

    weekday: int
    every: int = 1

    @property
    def names_a_weekend(self) -> bool:
        return self.weekday >= _SATURDAY

    def days(self, starts_on: date, *, since: date) -> Iterator[date]:
        """Its days from ``since`` on; weeks begin on Monday, and that of ``starts_on`` counts."""
        weeks = (_monday(since) - _monday(starts_on)).days // 7
        day = _monday(since) + timedelta(weeks=-weeks % self.every, days=self.weekday)
        while day.year < _LAST_YEAR:
            if day >= since:
                yield day
            day += timedelta(weeks=self.every)

    def in_words(self) -> str:
        name = WEEKDAYS[self.weekday]
        return f"every {name}" if self.every == 1 else f"{name}, every {self.every} weeks"


Rule = NthWeekday | DayOfMonth | WorkingDay | Weekly


def _end(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
