"""The wall clock, and wall time in a zone as a moment and back, right across clock changes.

Only doors and the courier read the clock; everything below is handed ``now``. RFC 5545 3.3.5: a
time that occurs twice is the first of them; a time that does not exist is read with the offset
before the gap, which moves it forward by the gap.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mailer.errors import NotAllowed

UK: Final = "Europe/London"  # the zone of a network that has named none
_STEP: Final = timedelta(seconds=5)  # more than a clock is out by that is kept right


class ClockWatch:
    """Notices that the clock was set: it and the steady one, which nobody sets, go apart."""

    def __init__(self, steady: Callable[[], float]) -> None:
        self._steady = steady
        self._last: tuple[datetime, float] | None = None

    def step(self, now: datetime) -> timedelta:
        """By how much the clock was set since the last call: forward, back (negative), or not."""
        before, self._last = self._last, (now, self._steady())
        if before is None:
            return timedelta(0)
        passed = timedelta(seconds=self._last[1] - before[1])
        step = now - before[0] - passed
        return step if abs(step) > _STEP else timedelta(0)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def zone_of(name: str) -> ZoneInfo:
    """The zone called ``name``; NotAllowed when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones is no zone
        raise NotAllowed(f"There is no time zone called {name!r}.") from None


def instant_of(wall: str, zone: str) -> datetime:
    """The moment in UTC at which clocks in ``zone`` show ``wall`` ("2026-12-08T10:00")."""
    try:
        naive = datetime.fromisoformat(wall)
    except ValueError:
        raise NotAllowed(f"{wall!r} is not a date and time.") from None
    if naive.tzinfo is not None:
        raise NotAllowed("Give the time as clocks show it, without an offset.")
    return naive.replace(tzinfo=zone_of(zone), fold=0).astimezone(UTC)


def wall_of(moment: datetime, zone: str) -> datetime:
    """What clocks in ``zone`` show at ``moment``."""
    return moment.astimezone(zone_of(zone))


def zone_words(zone: str) -> str:
    """A zone as people call it: "UK time", "UTC", "Paris time"."""
    if zone == UK:
        return "UK time"
    place = zone.rpartition("/")[2].replace("_", " ")
    return place if place == "UTC" else f"{place} time"


def abbreviation(there: datetime) -> str:
    """ "GMT", "CET"; "UTC+04" where the zone has no letters for it."""
    letters = f"{there:%Z}"
    return f"UTC{letters}" if letters[:1] in {"+", "-"} else letters


def moment_words(moment: datetime, zone: str) -> str:
    """ "Tue 8 Dec 2026, 10:00 UK time (GMT)"; elsewhere the letters say it all."""
    there = wall_of(moment, zone)
    letters = abbreviation(there)
    clock = f"{zone_words(zone)} ({letters})" if zone == UK else letters
    return f"{there:%a} {there.day} {there:%b %Y, %H:%M} {clock}"


def is_twice(wall: str, zone: str) -> bool:
    """Whether clocks in ``zone`` show ``wall`` twice: within the hour they repeat in autumn."""
    there = datetime.fromisoformat(wall).replace(tzinfo=zone_of(zone))
    return exists(wall, zone) and there.utcoffset() != there.replace(fold=1).utcoffset()


def exists(wall: str, zone: str) -> bool:
    """Whether clocks in ``zone`` ever show ``wall``: not within the hour they skip in spring."""
    naive = datetime.fromisoformat(wall)
    return wall_of(instant_of(wall, zone), zone).replace(tzinfo=None) == naive
