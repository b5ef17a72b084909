"""A word as it is compared: no case, spaces or punctuation, no accents."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_LETTERS: Final = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})
_TICKS: Final = {"✓": "yes", "✔": "yes", "☑": "yes", "✅": "yes", "+": "yes"}
_CROSSES: Final = {"✗": "no", "✘": "no", "❌": "no", "☐": "no"}
_SIGNS: Final = {**_TICKS, **_CROSSES}


@lru_cache(maxsize=20_000)
def plain(word: str) -> str:
    """A header's word, or a value's, as compared."""
    folded = unicodedata.normalize("NFKD", word).casefold().translate(_LETTERS)
    return re.sub(r"[\W_]+", "", "".join(c for c in folded if not unicodedata.combining(c)))


def value(cell: str) -> str:
    """A value as compared; a sign that stands alone stays itself."""
    cell = cell.strip()
    return plain(cell) or _SIGNS.get(cell.rstrip("\ufe0f"), cell)[:200]
