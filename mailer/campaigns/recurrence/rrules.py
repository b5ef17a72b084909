"""Rules as RFC 5545 writes them: "FREQ=MONTHLY;BYDAY=2TU", and back.

What a newsletter has no use for is refused with a sentence, and so is what would leave months out:
the fifth Friday, or a day of February that never comes.
"""

import re
from typing import Final, NoReturn

from mailer.campaigns.recurrence.rules import (
    MOST_MONTHS,
    MOST_WEEKS,
    NTHS,
    DayOfMonth,
    NthWeekday,
    Rule,
    Weekly,
    WorkingDay,
)
from mailer.errors import NotAllowed

_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WORKING: Final = frozenset(_DAYS[:5])
_MOST: Final = 200  # characters
_NUMBER: Final = re.compile(r"-?[0-9]{1,3}")
_ONE_DAY: Final = re.compile(r"(-?[0-9]{1,3})?(MO|TU|WE|TH|FR|SA|SU)")
_KNOWN: Final = frozenset({"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYSETPOS"})
# What says no more than what holds anyway: weeks begin on Monday, short months use their last day.
_GRANTED: Final = {"WKST": "MO", "SKIP": "BACKWARD", "RSCALE": "GREGORIAN"}
_EXAMPLES: Final = (
    "Such as FREQ=MONTHLY;BYDAY=2TU, FREQ=MONTHLY;BYMONTHDAY=-1, "
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1 or FREQ=WEEKLY;INTERVAL=2;BYDAY=TU."
)


def parse(text: str) -> Rule:
    """The rule that ``text`` writes; NotAllowed says what of it can't be used."""
    parts = _parts(text)
    every = _number(parts.get("INTERVAL", "1"), "INTERVAL")
    if (frequency := parts.get("FREQ")) == "WEEKLY":
        return _weekly(parts, _within(every, MOST_WEEKS, "weeks"))
    if frequency != "MONTHLY":
        raise NotAllowed("A newsletter comes round by FREQ=MONTHLY or FREQ=WEEKLY. " + _EXAMPLES)
    every = _within(every, MOST_MONTHS, "months")
    if "BYDAY" in parts and "BYMONTHDAY" in parts:
        raise NotAllowed("Give BYDAY or BYMONTHDAY, not both: together some months have no day.")
    if "BYDAY" in parts:
        return _by_day(parts["BYDAY"], parts.get("BYSETPOS"), every)
    if "BYMONTHDAY" not in parts:
        raise NotAllowed("The rule doesn't say on which day of the month. " + _EXAMPLES)
    if "BYSETPOS" in parts:
        raise NotAllowed("BYSETPOS goes with BYDAY only. " + _EXAMPLES)
    day = _number(parts["BYMONTHDAY"], "BYMONTHDAY")
    if day != -1 and not 1 <= day <= 31:
        raise NotAllowed("BYMONTHDAY is one day from 1 to 31, or -1 for the last.")
    return DayOfMonth(day, every)


def write(rule: Rule) -> str:
    """The rule as text that ``parse`` reads."""
    if isinstance(rule, Weekly):
        return _joined("WEEKLY", rule.every, f"BYDAY={_DAYS[rule.weekday]}")
    if isinstance(rule, NthWeekday):
        day = f"BYDAY={rule.nth}{_DAYS[rule.weekday]}"
    elif isinstance(rule, WorkingDay):
        day = f"BYDAY={','.join(_DAYS[:5])};BYSETPOS={rule.nth}"
    else:
        day = f"BYMONTHDAY={rule.day}"
    return _joined("MONTHLY", rule.every, day)


def _joined(frequency: str, every: int, day: str) -> str:
    interval = f";INTERVAL={every}" if every > 1 else ""
    return f"FREQ={frequency}{interval};{day}"


def _parts(text: str) -> dict[str, str]:
    written = text.strip().upper().removeprefix("RRULE:")
    if not written or len(written) > _MOST:
        raise NotAllowed("Write a rule. " + _EXAMPLES)
    parts = dict[str, str]()
    for part in written.removesuffix(";").split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value or name in parts:
            raise NotAllowed(f"{part!r} is no part of a rule, or is there twice. " + _EXAMPLES)
        if name in _GRANTED:
            if value != _GRANTED[name]:
                raise NotAllowed(f"{name} can only be {_GRANTED[name]}: it holds anyway.")
        elif name not in _KNOWN:
            raise NotAllowed(f"{name} can't be in the rule of a newsletter. " + _EXAMPLES)
        parts[name] = value
    return parts


def _weekly(parts: dict[str, str], every: int) -> Weekly:
    found = _ONE_DAY.fullmatch(parts.get("BYDAY", ""))
    if found is None or found[1] or "BYMONTHDAY" in parts or "BYSETPOS" in parts:
        raise NotAllowed("A weekly rule names one weekday: FREQ=WEEKLY;BYDAY=TU.")
    return Weekly(_DAYS.index(found[2]), every)


def _by_day(value: str, position: str | None, every: int) -> Rule:
    days = value.split(",")
    if len(days) == len(_WORKING) and set(days) == _WORKING:
        if position not in {"1", "-1", "+1"}:
            raise NotAllowed("Working days take BYSETPOS=1 for the first, or -1 for the last.")
        return WorkingDay(int(position), every)
    found = _ONE_DAY.fullmatch(value)
    if found is None:
        raise NotAllowed(
            "BYDAY names one weekday, such as 2TU, or all of MO,TU,WE,TH,FR with BYSETPOS."
        )
    if found[1] and position:
        raise NotAllowed("Say which weekday it is once: 2TU, or TU with BYSETPOS=2.")
    nth = _number(found[1] or position or "", "BYDAY") if found[1] or position else 0
    if nth == 0:
        _refuse_every(found[2])
    if nth not in NTHS:
        raise NotAllowed(
            "Choose the first to fourth weekday, or -1 for the last: not every month has others."
        )
    return NthWeekday(nth, _DAYS.index(found[2]), every)


def _refuse_every(day: str) -> NoReturn:
    raise NotAllowed(
        f"Say which one of the month, such as 2{day} or -1{day}; every one is "
        f"FREQ=WEEKLY;BYDAY={day}."
    )


def _number(text: str, name: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise NotAllowed(f"{name} takes one whole number, not {text!r}.")
    return int(text)


def _within(every: int, most: int, unit: str) -> int:
    if not 1 <= every <= most:
        raise NotAllowed(f"INTERVAL is from 1 to {most} {unit}.")
    return every
