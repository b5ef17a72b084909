"""The month that an issue is for, as it is kept and as people say it."""

import re
from datetime import datetime
from typing import Final

_MONTH: Final = re.compile(r"2\d{3}-(0[1-9]|1[0-2])")


def is_month(text: str) -> bool:
    """Whether a text is a month as issues keep it: "2026-12"."""
    return _MONTH.fullmatch(text) is not None


def month_words(month: str) -> str:
    """ "December 2026"; "" for what is no month."""
    if not is_month(month):
        return ""
    return f"{datetime.fromisoformat(month + '-01'):%B %Y}"


def month_at(wall: datetime) -> str:
    """The month of a day, as an issue keeps it."""
    return f"{wall:%Y-%m}"
