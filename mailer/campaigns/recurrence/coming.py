"""A rule at a time of day in a zone: when it comes round, with days off and clock changes.

Wall time is the truth; the moment in UTC is worked out for each occurrence, so that 10:00 stays
10:00 through clock changes. An occurrence is known by its wall time as the rule plans it, whatever
day it is moved to: neither another zone nor another holiday makes it a second one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from mailer.campaigns.recurrence.rules import Rule, WorkingDay
from mailer.clock import instant_of, wall_of
from mailer.models import Shift
from mailer.network.working_days import WorkingDays

# Where one is moved onto another's day it goes on to the next: a crowd of them is over by then.
_LOOKS_BACK: Final = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that it comes round.

    ``planned`` is its wall time by the rule and what it is known by, ``wall`` what clocks show at
    ``at``. ``day_off`` is what the planned day is, where it is no working day; an occurrence that
    ``asks`` stays there until its owner has chosen. One in a ``crowd`` was moved on once more,
    since another one had the day.
    """

    planned: str
    wall: str
    at: datetime
    day_off: str = ""
    asks: bool = False
    crowd: bool = False

    @property
    def moved(self) -> bool:
        return self.planned[:10] != self.wall[:10]


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule, its time ("10:00") and zone. The first is not before ``starts_on``."""

    rule: Rule
    time: str
    zone: str
    starts_on: date

    def after(self, moment: datetime) -> Iterator[tuple[str, datetime]]:
        """Occurrences by the rule alone, later than ``moment``: wall time and moment in UTC."""
        since = wall_of(moment, self.zone).date() - timedelta(days=1)
        for day in self._days(since):
            wall = f"{day.isoformat()}T{self.time}"
            due_at = instant_of(wall, self.zone)
            if due_at > moment:
                yield wall, due_at

    def ahead(
        self, moment: datetime, *, shift: Shift, calendar: WorkingDays
    ) -> Iterator[Occurrence]:
        """Occurrences later than ``moment``, each moved where its day is no working day."""
        if isinstance(self.rule, WorkingDay):  # a holiday makes another day the first or last
            shift = Shift.NEXT if self.rule.nth == 1 else Shift.PREVIOUS
        before: date | None = None
        for planned in self._days(wall_of(moment, self.zone).date() - _LOOKS_BACK):
            off = self._off(planned, calendar)
            day = planned
            if off and shift is Shift.NEXT:
                day = calendar.next_working_day(planned)
            elif off and shift is Shift.PREVIOUS:
                day = calendar.previous_working_day(planned)
            crowd = before is not None and day <= before
            if before is not None and crowd:
                day = calendar.next_working_day(before)
            before = day
            at = instant_of(f"{day.isoformat()}T{self.time}", self.zone)
            if at > moment:
                yield Occurrence(
                    planned=f"{planned.isoformat()}T{self.time}",
                    wall=f"{wall_of(at, self.zone):%Y-%m-%dT%H:%M}",
                    at=at,
                    day_off=off,
                    asks=bool(off) and shift is Shift.ASK,
                    crowd=crowd,
                )

    def in_words(self) -> str:
        """ "the second Tuesday of every month at 10:00"."""
        return f"{self.rule.in_words()} at {self.time}"

    def _days(self, since: date) -> Iterator[date]:
        return self.rule.days(self.starts_on, since=max(self.starts_on, since))

    def _off(self, day: date, calendar: WorkingDays) -> str:
        """What a day is that is no working day. Whoever chose Saturdays wants Saturdays."""
        if off := calendar.day_off(day):
            return off
        named = self.rule.names_a_weekend or calendar.is_working_day(day)
        return "" if named else f"{day:%A}"
