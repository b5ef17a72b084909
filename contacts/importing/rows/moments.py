"""A day or a moment as it stands in a cell; what can be read in two ways is not read."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

_NONE: Final = frozenset(
    {"", "-", "–", "0", "null", "none", "nil", "n/a", "na", "never", "\\n", "nan", "nat"}
)
_ZERO: Final = re.compile(r"0000-00-00|0{1,2}[./]0{1,2}[./]0{2,4}")
_NUMBERS: Final = re.compile(
    r"(\d{1,2})([./-])(\d{1,2})[./-](\d{4})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([ap]m)?)?",
    re.I,
)
_WORDED: Final = ("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y")


def is_none(cell: str) -> bool:
    """Whether a cell for a moment holds none, as programs write that."""
    cell = cell.strip()
    return cell.casefold() in _NONE or _ZERO.match(cell) is not None


@lru_cache(maxsize=20_000)
def moment(cell: str) -> datetime | None:
    """The moment, in UTC where no zone is said; None for what is none or ambiguous."""
    cell = cell.strip()
    if len(cell) > 40:
        return None
    try:
        return _aware(datetime.fromisoformat(cell.removesuffix(" UTC")))
    except ValueError:
        pass
    if found := _NUMBERS.fullmatch(cell):
        return _of_numbers(found)
    for form in _WORDED:
        try:
            return datetime.strptime(cell, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _aware(found: datetime) -> datetime:
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _of_numbers(found: re.Match[str]) -> datetime | None:
    one, mark, two, year, hour, minute, second, half = found.groups()
    day, month = int(one), int(two)
    if mark == "/" and day <= 12 and month <= 12 and day != month:
        return None  # 3/4 is the third of April here and the fourth of March there
    if month > 12:
        day, month = month, day
    hours = int(hour or 0) % 12 + (12 if half.lower() == "pm" else 0) if half else int(hour or 0)
    try:
        return datetime(
            int(year), month, day, hours, int(minute or 0), int(second or 0), tzinfo=UTC
        )
    except ValueError:
        return None
