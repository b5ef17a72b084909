"""Dates and times as people type them: 9 Dec 10am, Tue 9/12/26 14.30, tomorrow noon, 9–11 Dec.

The order is British, the months are English or Welsh, and a date without a year is the next such
date. What could be two things is nothing, with a sentence that says what to write.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final

from mailer.authoring.text.dates import (
    Moment,
    date_words,
    day_words,
    is_before,
    read,
    short_day,
)

_MONTHS: Final = (
    "january jan ionawr ion|february feb chwefror chw|march mar mawrth|april apr ebrill ebr|"
    "may mai|june jun mehefin meh|july jul gorffennaf gorff|august aug awst|"
    "september sept sep medi|october oct hydref hyd|november nov tachwedd tach|"
    "december dec rhagfyr rhag"
)
_WEEKDAYS: Final = (
    "monday mon llun|tuesday tues tue dyddmawrth|wednesday weds wed mercher|"
    "thursday thurs thur thu iau|friday fri gwener|saturday sat sadwrn|sunday sun sul"
)


def _numbered(names: str) -> dict[str, int]:
    return {name: number for number, each in enumerate(names.split("|")) for name in each.split()}


_MONTH: Final = _numbered(_MONTHS)
_WEEKDAY: Final = _numbered(_WEEKDAYS)
_RELATIVE: Final = {"today": 0, "tomorrow": 1, "heddiw": 0, "yfory": 1}
_NOON: Final = {"noon", "midday", "hanner-dydd"}
_FILLER: Final = {"at", "on", "from", "the", "of", "am", "dydd", "uk", "time", "o", "o'clock"}

_ISO: Final = re.compile(r"\b(\d{4})-(\d\d?)-(\d\d?)(?:t|\b)")
_SLASHES: Final = re.compile(r"\b(\d\d?)([/.])(\d\d?)\2(\d{4}|\d\d)\b")
_SLASH: Final = re.compile(r"\b(\d\d?)/(\d\d?)\b")
_NAMES: Final = "|".join(sorted(_MONTH, key=len, reverse=True))
_YEAR: Final = r"(?: +(\d{4}|'\d\d)\b)?"
_DAYS: Final = re.compile(rf"\b(\d\d?) *- *(\d\d?) +(?:of +)?({_NAMES})\b\.?{_YEAR}")
_DAY_MONTH: Final = re.compile(rf"\b(\d\d?) *(?:of +)?({_NAMES})\b\.?{_YEAR}")
_MONTH_DAY: Final = re.compile(rf"\b({_NAMES})\b\.? +(\d\d?)\b(?![:.]\d| *[ap]\.?m){_YEAR}")
_HALF: Final = r"([ap])\.?m\b\.?"
_TIME: Final = re.compile(rf"(?:\b(?:at )?(\d\d?)[:.](\d\d)(?: *{_HALF})?|\b(\d\d?) *{_HALF})")
_BARE_RANGE: Final = re.compile(rf"\b(\d\d?)(?= *- *\d\d?(?:[:.]\d\d)? *{_HALF})")
_LONGEST: Final = 120


class _Unclear(ValueError):
    """It is no date, or could be two; the words say what to write."""


@dataclass(frozen=True, slots=True)
class _Day:
    day: date
    wants_year: bool


def read_typed(text: str, *, today: date) -> str | None:
    """The date, or date and time, as it is kept (ISO 8601); None where it is unclear, or is more
    than one. ``today`` is the day after which a date without a year is looked for."""
    span = read_span(text, today=today)
    return None if span is None or span[1] else span[0]


def read_span(text: str, *, today: date) -> tuple[str, str] | None:
    """From when to when, as both are kept; the end is "" where none was typed."""
    try:
        start, end = _read(text, today)
    except _Unclear:
        return None
    return _iso(start), _iso(end) if end else ""


def wrong_with(text: str, *, today: date) -> str:
    """What to write instead, or nothing where the text is a date."""
    try:
        _read(text, today)
    except _Unclear as unclear:
        return str(unclear)
    return ""


def shown(kept: str) -> str:
    """What is kept as a form shows it, which reads as the same: Wed 9 December 2026, 10:00."""
    moment = read(kept)
    if moment is None:
        return kept
    words = f"{short_day(moment.day)} {date_words(moment.day)}"
    return words if moment.at is None else f"{words}, {moment.at:%H:%M}"


def _iso(moment: Moment) -> str:
    day = moment.day.isoformat()
    return day if moment.at is None else f"{day}T{moment.at:%H:%M}"


def _read(text: str, today: date) -> tuple[Moment, Moment | None]:
    kept = read(text.strip())
    if kept:
        return kept, None
    rest = _tidy(text)
    days, rest = _days(rest, today)
    weekdays = [_WEEKDAY[word] for word in re.findall(r"[a-z-]+", rest) if word in _WEEKDAY]
    if not days and len(weekdays) == 1:
        days = [_Day(today + timedelta((weekdays[0] - today.weekday()) % 7), False)]
    elif days and weekdays:
        _agree([each.day for each in days], weekdays)
    times, rest = _times(rest)
    _nothing_left(rest)
    if not days:
        raise _Unclear("Add the day, like 9 December 2026." if times else _ASK)
    if len(days) > 2 or len(times) > 2:
        raise _Unclear("Write one date, or where it starts and where it ends.")
    return _span([each.day for each in days], times)


_ASK: Final = "Write a date like 9 December 2026, or 9 Dec 10am."


def _tidy(text: str) -> str:
    if len(text) > _LONGEST:
        raise _Unclear(_ASK)
    words = text.lower().replace("’", "'").replace("hanner dydd", "hanner-dydd")
    words = re.sub(r"\bdydd mawrth\b", "dyddmawrth", words)
    words = re.sub(r"[\s,;()]+", " ", words)
    words = re.sub(r"(?<=\d)(?:st|nd|rd|th|fed|eg|af|ydd)\b", "", words)
    words = re.sub(r"[‐-―−]|(?<= )(?:to|until|till|i|tan)(?= )", "-", words)
    return f" {words} "


def _days(words: str, today: date) -> tuple[list[_Day], str]:
    found: list[tuple[int, _Day]] = []

    def take(pattern: re.Pattern[str], rest: str) -> str:
        def keep(match: re.Match[str]) -> str:
            found.extend((match.start(), day) for day in _of(pattern, match, today))
            return " " * len(match[0])

        return pattern.sub(keep, rest)

    for pattern in (_ISO, _SLASHES, _DAYS, _DAY_MONTH, _MONTH_DAY, _SLASH):
        words = take(pattern, words)
    for word, ahead in _RELATIVE.items():
        place = words.find(f" {word} ")
        if place >= 0:
            found.append((place, _Day(today + timedelta(ahead), False)))
            words = words.replace(f" {word} ", " " * (len(word) + 2))
    days = [day for _, day in sorted(found, key=lambda each: each[0])]
    if len(days) == 2 and days[0].day > days[1].day and days[0].wants_year:
        # 30 Nov – 2 Dec 2026: the year that is written is that of both.
        first = days[0].day
        nearest = max(
            (
                d
                for year in (-1, 0)
                if (d := _date(days[1].day.year + year, first.month, first.day))
                and d <= days[1].day
            ),
            default=first,
        )
        days[0] = _Day(nearest, False)
    return days, words


def _of(pattern: re.Pattern[str], match: re.Match[str], today: date) -> Iterator[_Day]:
    if pattern is _ISO:
        yield _day(int(match[3]), int(match[2]), match[1], today)
    elif pattern is _SLASHES:
        yield _day(int(match[1]), int(match[3]), match[4], today)
    elif pattern is _SLASH:
        yield _day(int(match[1]), int(match[2]), "", today)
    elif pattern is _MONTH_DAY:
        yield _day(int(match[2]), _MONTH[match[1]] + 1, match[3], today)
    elif pattern is _DAY_MONTH:
        yield _day(int(match[1]), _MONTH[match[2]] + 1, match[3], today)
    else:
        last = _day(int(match[2]), _MONTH[match[3]] + 1, match[4], today)
        yield _day(int(match[1]), last.day.month, str(last.day.year), today)
        yield last


def _day(day: int, month: int, year: str | None, today: date) -> _Day:
    if year:
        number = int(year.strip("'"))
        found = _date(number + 2000 if number < 100 else number, month, day)
    else:
        years = range(today.year, today.year + 9)  # 29 February is eight years off at most
        found = next((d for y in years if (d := _date(y, month, day)) and d >= today), None)
    if found is None:
        raise _Unclear(f"There is no day {day}/{month}: write the day first, then the month.")
    return _Day(found, not year)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _agree(days: list[date], weekdays: list[int]) -> None:
    for day, weekday in zip(days, weekdays, strict=False):
        if day.weekday() != weekday:
            weekday_words = day_words(day).partition(" ")[0]
            raise _Unclear(f"{date_words(day)} is a {weekday_words}: check the day or the date.")


def _times(words: str) -> tuple[list[time], str]:
    half = _BARE_RANGE.search(words)
    if half:  # 10–11.30am
        words = f"{words[: half.end()]}{half[2]}m{words[half.end() :]}"
    found: list[tuple[int, time]] = []

    def keep(match: re.Match[str]) -> str:
        hours, minutes = int(match[1] or match[4]), int(match[2] or 0)
        found.append((match.start(), _time(hours, minutes, match[3] or match[5])))
        return " " * len(match[0])

    words = _TIME.sub(keep, words)
    for word in _NOON:
        if f" {word} " in words:
            found.append((words.index(f" {word} "), time(12)))
            words = words.replace(f" {word} ", " ")
    times = [at for _, at in sorted(found, key=lambda each: each[0])]
    if half and len(times) == 2 and times[0] > times[1] and times[0].hour >= 12:
        times[0] = times[0].replace(hour=times[0].hour - 12)  # 10–1pm
    return times, words


def _time(hours: int, minutes: int, half: str | None) -> time:
    if half and not 1 <= hours <= 12:
        raise _Unclear("Write the time like 10:00 or 2.30pm.")
    if half:
        hours = hours % 12 + (12 if half == "p" else 0)
    if hours > 23 or minutes > 59:
        raise _Unclear("Write the time like 10:00 or 2.30pm.")
    return time(hours, minutes)


def _nothing_left(words: str) -> None:
    left = [
        word
        for word in re.split(r"[\s/-]+", words)
        if word and word not in _FILLER and word not in _WEEKDAY
    ]
    if "midnight" in left:
        raise _Unclear("Write 23:59 or 00:00 instead of midnight: it could be either day.")
    if any(word.strip(".:").isdigit() for word in left):
        raise _Unclear("Write the time like 10:00 or 10am, and the date like 9 December 2026.")
    if left:
        raise _Unclear(_ASK)


def _span(days: list[date], times: list[time]) -> tuple[Moment, Moment | None]:
    start = Moment(days[0], times[0] if times else None)
    if len(days) == 1 and len(times) < 2:
        return start, None
    end = Moment(days[-1], times[1] if len(times) == 2 else None)
    if is_before(end, start):
        raise _Unclear("Let it end after it starts.")
    return start, end
