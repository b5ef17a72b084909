"""Colours as ``#RRGGBB``: mixed, and how far apart two of them are."""

import re
from typing import Final

_COLOUR: Final = re.compile(r"#[0-9A-Fa-f]{6}")


def parts_of(colour: str) -> tuple[int, ...]:
    """Red, green and blue, 0 to 255; ValueError for anything else."""
    if not _COLOUR.fullmatch(colour):
        raise ValueError(f"{colour[:20]!r} is not # and six hexadecimal digits.")
    return tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))


def written(parts: tuple[int, ...]) -> str:
    """The colour of these parts."""
    return "#" + "".join(f"{part:02X}" for part in parts)


def mixed(colour: str, other: str, share: float) -> str:
    """The first with this ``share``, 0 to 1, of the other in it."""
    pairs = zip(parts_of(colour), parts_of(other), strict=True)
    return written(tuple(round(one + (two - one) * share) for one, two in pairs))


def contrast(one: str, other: str) -> float:
    """1 to 21, as WCAG 2.2 defines it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (each / 255 for each in parts_of(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
