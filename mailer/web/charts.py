"""Charts as the server draws them: where columns stand, in the units of an SVG's viewBox.

Widths and places are attributes of the drawing, since the policy lets a page have no inline style.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

_TOP: Final = 18.0  # room for the number above the highest column
_BELOW: Final = 24.0  # and for the words below
_LEFT: Final = 26.0  # and for the scale, with numbers of two digits
_DIGIT: Final = 8.0  # and for each sign more
_FILLED: Final = 0.75  # of a column's place
_STEPS: Final = (1, 2, 5)
_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class ChartColumn:
    """One column: its corner and size, the middle of it, its number and the words below."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    number: int
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Columns above a base line; ``lines`` are the heights and numbers of the scale."""

    width: int
    height: int
    left: float
    base: float
    columns: Sequence[ChartColumn]
    lines: Sequence[tuple[float, int]]


def columns(
    rows: Sequence[tuple[str, int]], *, width: int, height: int, scale: bool = True
) -> Chart:
    """A column for each row of words and number; no words, none below it."""
    base = height - _BELOW
    step = _step(max((number for _, number in rows), default=0))
    signs = len(f"{step * _LINES:,}")
    left = _LEFT + _DIGIT * max(0, signs - 2) if scale else 0.0
    unit = (base - _TOP) / (step * _LINES)
    place = (width - left) / max(1, len(rows))
    return Chart(
        width,
        height,
        left,
        base,
        [
            ChartColumn(
                x=round(left + place * at + place * (1 - _FILLED) / 2, 1),
                y=round(base - number * unit, 1),
                width=round(place * _FILLED, 1),
                height=round(number * unit, 1),
                middle=round(left + place * (at + 0.5), 1),
                number=number,
                words=words,
            )
            for at, (words, number) in enumerate(rows)
        ],
        [(round(base - step * line * unit, 1), step * line) for line in range(_LINES + 1)]
        if scale
        else [],
    )


def _step(highest: int) -> int:
    """The smallest round number that, so many times, is as much as the highest column."""
    return next(step for step in _round_numbers() if step * _LINES >= highest)


def _round_numbers() -> Iterator[int]:
    for power in count():
        for step in _STEPS:
            yield step * 10**power
