"""The month as a line: on which days an issue is made, asked for, submitted, approved and sent."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from mailer.clock import instant_of
from mailer.network.working_days import CLOSES, OPENS, WorkingDays

_OPENS: Final = f"{OPENS:%H:%M}"
_CLOSES: Final = f"{CLOSES:%H:%M}"


class LeadTimes(Protocol):
    """How long before it goes out what has to be done; a schedule and a plan have them.

    Days to submit and to approve are working days. What falls on a day off is due before it.
    """

    @property
    def draft_days_before(self) -> int: ...
    @property
    def ask_days_before(self) -> int: ...
    @property
    def stories_days_before(self) -> int: ...
    @property
    def submit_days_before(self) -> int: ...
    @property
    def approve_days_before(self) -> int: ...
    @property
    def approve_time(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Milestone:
    """A day of the line: ``wall`` is what clocks show, ``timed`` whether its hour matters."""

    name: str
    words: str
    wall: str
    at: datetime
    timed: bool = False

    @property
    def day(self) -> date:
        return datetime.fromisoformat(self.wall).date()


def line_of(
    times: LeadTimes, *, goes_out: str, zone: str, calendar: WorkingDays
) -> list[Milestone]:
    """The days of an issue that goes out at the wall time ``goes_out``, in their order."""
    day, time = datetime.fromisoformat(goes_out).date(), goes_out[11:]

    def before(days: int) -> date:
        on = day - timedelta(days=days)
        return on if not days or calendar.is_working_day(on) else calendar.previous_working_day(on)

    def working(days: int) -> date:
        return calendar.add_working_days(day, -days)

    approved_by = times.approve_time
    laid_out = (
        ("draft", "Draft made", before(times.draft_days_before), time, False),
        ("ask", "Stories asked for", before(times.ask_days_before), _OPENS, False),
        ("stories", "Stories in by", before(times.stories_days_before), _CLOSES, False),
        ("submit", "Submit by", working(times.submit_days_before), _CLOSES, False),
        ("approve", "Approve by", working(times.approve_days_before), approved_by, True),
        ("out", "Goes out", day, time, True),
    )
    found = []
    for name, words, on, at, timed in laid_out:
        wall = f"{on.isoformat()}T{at}"
        found.append(Milestone(name, words, wall, instant_of(wall, zone), timed))
    return sorted(found, key=lambda each: each.day)  # what is due on one day stays in its turn
