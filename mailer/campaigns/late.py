"""How late an approval still sends by itself: within four working hours of the planned time."""

from datetime import datetime, time, timedelta
from typing import Final

from mailer.clock import wall_of

WINDOW: Final = timedelta(hours=4)
_BEGINS, _ENDS = time(9), time(17)
_SATURDAY: Final = 5


def within_the_window(planned: datetime, *, now: datetime, zone: str) -> bool:
    """Whether at most four working hours have passed since the planned time."""
    return planned <= now and working_time(planned, now, zone=zone) <= WINDOW


def working_time(since: datetime, until: datetime, *, zone: str) -> timedelta:
    """How much of the time between is Monday to Friday, 9 to 17, in ``zone``."""
    total = timedelta()
    at, end = wall_of(since, zone), wall_of(until, zone)
    day = at.date()
    while day <= end.date() and total <= WINDOW:
        if day.weekday() < _SATURDAY:
            begins = max(at, datetime.combine(day, _BEGINS, at.tzinfo))
            ends = min(end, datetime.combine(day, _ENDS, at.tzinfo))
            total += max(timedelta(), ends - begins)
        day += timedelta(days=1)
    return total
