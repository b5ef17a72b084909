"""Working days: from Monday to Friday, but for bank holidays and the network's own days off.

A value without a database, so that whoever reckons with days does it in one way. Working hours are
those from 9:00 to 17:00 by the clocks of a zone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from mailer.clock import wall_of, zone_of
from mailer.network.bank_holidays import Nation, bank_holidays

OPENS: Final = time(9)
CLOSES: Final = time(17)
_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
# The longest search for a working day: more days off in a row are refused where they are added.
_FURTHEST: Final = 400


@dataclass(frozen=True, slots=True)
class OwnDays:
    """Days of the network's own, both ends included; every year when they are ``yearly``.

    ``works`` makes them working days though a bank holiday is among them.
    """

    first_day: date
    last_day: date
    words: str
    yearly: bool = False
    works: bool = False

    def has(self, day: date) -> bool:
        """Whether a day is among them."""
        if not self.yearly:
            return self.first_day <= day <= self.last_day
        first, last, that = (
            (each.month, each.day) for each in (self.first_day, self.last_day, day)
        )
        return first <= that <= last if first <= last else that >= first or that <= last


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The calendar of a network."""

    nation: Nation = Nation.ENGLAND_AND_WALES
    own: tuple[OwnDays, ...] = ()

    def day_off(self, day: date) -> str:
        """What makes a day one off, whatever its weekday: "Christmas Day"; "" for nothing."""
        for each in self.own:
            if not each.works and each.has(day):
                return each.words
        if any(each.works and each.has(day) for each in self.own):
            return ""
        return bank_holidays(self.nation, day.year).get(day, "")

    def is_working_day(self, day: date) -> bool:
        """Whether people are at work on it."""
        return day.weekday() < _SATURDAY and not self.day_off(day)

    def next_working_day(self, day: date) -> date:
        """The first working day after ``day``."""
        return self.add_working_days(day, 1)

    def previous_working_day(self, day: date) -> date:
        """The last working day before ``day``."""
        return self.add_working_days(day, -1)

    def add_working_days(self, day: date, number: int) -> date:
        """So many working days later, or earlier; ``day`` itself where the number is 0."""
        step = _DAY if number > 0 else -_DAY
        for _ in range(abs(number)):
            day += step
            for _ in range(_FURTHEST):
                if self.is_working_day(day):
                    break
                day += step
        return day

    def working_hours_between(self, start: datetime, end: datetime, zone: str) -> timedelta:
        """How much of the time between two moments is within working hours."""
        total = timedelta(0)
        for opens, closes in self._openings(start, zone):
            if opens >= end:
                return total
            total += max(timedelta(0), min(closes, end) - max(opens, start))
        return total

    def add_working_hours(self, start: datetime, hours: float, zone: str) -> datetime:
        """The moment by which so many working hours have passed."""
        left = timedelta(hours=hours)
        for opens, closes in self._openings(start, zone):
            begins = max(opens, start)
            if closes - begins >= left:
                return begins + left if left else start
            left -= max(timedelta(0), closes - begins)
        return start + left

    def _openings(self, start: datetime, zone: str) -> Iterator[tuple[datetime, datetime]]:
        day = wall_of(start, zone).date()
        while day.year < date.max.year:
            if self.is_working_day(day):
                opens, closes = (
                    datetime.combine(day, at, zone_of(zone)).astimezone(UTC)
                    for at in (OPENS, CLOSES)
                )
                yield opens, closes
            day += _DAY
