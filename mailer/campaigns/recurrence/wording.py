"""What is unusual about an occurrence, in sentences: clocks that change, days that are off."""

from datetime import datetime

from mailer.campaigns.recurrence.coming import Occurrence
from mailer.clock import abbreviation, exists, is_twice, wall_of


def clock_words(occurrence: Occurrence, time: str, zone: str) -> str:
    """What clocks do at the time of an occurrence, in a sentence; "" on ordinary days."""
    there = wall_of(occurrence.at, zone)
    shown = f"{there:%H:%M} {abbreviation(there)}"
    if not exists(f"{there:%Y-%m-%d}T{time}", zone):
        return f"Clocks go forward over {time} on that day: it goes out at {shown}."
    if is_twice(occurrence.wall, zone):
        return f"Clocks show {time} twice on that day: it goes out once, at the first, {shown}."
    return ""


def day_words(occurrence: Occurrence) -> str:
    """Why it goes out on another day than planned, or waits for its owner; "" on ordinary days."""
    if not occurrence.day_off and not occurrence.crowd:
        return ""
    planned = datetime.fromisoformat(occurrence.planned)
    day = f"{planned:%a} {planned.day} {planned:%b}"
    named = day if occurrence.day_off == f"{planned:%A}" else f"{day} is {occurrence.day_off}"
    if occurrence.asks:
        why = f"{named}." if named != day else f"{day} is no working day."
        return f"{why} The draft is made without a time: its owner chooses."
    if occurrence.crowd:
        return f"Instead of {day}: the issue before it has the day it would move to."
    return f"Instead of {day}, {occurrence.day_off}." if named != day else f"Instead of {day}."
