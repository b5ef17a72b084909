"""Monthly rules: on which days a schedule comes round, and at which moments.

The rule is kept in wall time; the moment in UTC is worked out for each occurrence, so that 10:00
stays 10:00 through clock changes. A month without the day (the 31st of June) uses its last day:
RFC 7529 calls that SKIP=BACKWARD. A newsletter is never silently skipped.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from dateutil.rrule import MONTHLY, rrule, weekday

from mailer.clock import instant_of, wall_of
from mailer.models import ScheduleRule

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NTHS = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}


@dataclass(frozen=True, slots=True)
class Monthly:
    """``nth`` is which weekday (1-4, -1 the last) or the day of the month (1-31)."""

    rule: ScheduleRule
    nth: int
    weekday: int | None
    time: str
    zone: str

    def after(self, moment: datetime) -> Iterator[tuple[str, datetime]]:
        """Occurrences later than ``moment``, without end: wall time and moment in UTC."""
        month = wall_of(moment, self.zone).date().replace(day=1)
        while True:
            wall = f"{self._day(month).isoformat()}T{self.time}"
            due_at = instant_of(wall, self.zone)
            if due_at > moment:
                yield wall, due_at
            month += relativedelta(months=1)

    def in_words(self) -> str:
        """ "the second Tuesday of every month at 10:00"."""
        if self.rule is ScheduleRule.WEEKDAY and self.weekday is not None:
            day = f"the {NTHS[self.nth]} {WEEKDAYS[self.weekday]} of every month"
        elif self.nth == 31:
            day = "the last day of every month"
        else:
            day = f"day {self.nth} of every month"
        return f"{day} at {self.time}"

    def _day(self, month: date) -> date:
        if self.rule is ScheduleRule.DAY or self.weekday is None:
            return month.replace(day=min(self.nth, monthrange(month.year, month.month)[1]))
        start = datetime(month.year, month.month, 1)  # noqa: DTZ001  # rrule works on wall time
        found = rrule(MONTHLY, dtstart=start, count=1, byweekday=weekday(self.weekday)(self.nth))
        return found[0].date()
