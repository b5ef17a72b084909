"""A rule at a time of day in a zone: when it comes round.

Wall time is the truth; the moment in UTC is worked out for each occurrence, so that 10:00 stays
10:00 through clock changes. An occurrence is known by its wall time as the rule plans it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mailer.campaigns.recurrence.rules import Rule
from mailer.clock import instant_of, wall_of


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule, its time ("10:00") and zone. The first is not before ``starts_on``."""

    rule: Rule
    time: str
    zone: str
    starts_on: date

    def after(self, moment: datetime) -> Iterator[tuple[str, datetime]]:
        """Occurrences later than ``moment``, without end: wall time and moment in UTC."""
        since = max(self.starts_on, wall_of(moment, self.zone).date() - timedelta(days=1))
        for day in self.rule.days(self.starts_on, since=since):
            wall = f"{day.isoformat()}T{self.time}"
            due_at = instant_of(wall, self.zone)
            if due_at > moment:
                yield wall, due_at

    def in_words(self) -> str:
        """ "the second Tuesday of every month at 10:00"."""
        return f"{self.rule.in_words()} at {self.time}"
