"""The size of the buttons that are drawn for classic Outlook, which cannot measure their words."""

from typing import Final

COLUMN: Final = 536  # the width of text in a mail
_AROUND, _LINE = 52, 24


def drawn(text: str, column: int = COLUMN) -> str:
    """Height and width as a style: as wide as the words and never wider than the column, with a
    line more for what does not fit."""
    words = sum(14 if sign in "MWmw@%" else 6 if sign in "iIjlt.,:;'’! " else 10 for sign in text)
    width = min(column, _AROUND + words)
    lines = max(1, -(-words // (column - _AROUND)))
    return f"height:{54 + _LINE * (lines - 1)}px;width:{width}px"
