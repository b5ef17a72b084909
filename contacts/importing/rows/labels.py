"""Roles and tags as they stand in one cell: parted, unquoted, without those that programs add."""

import re
from collections.abc import Iterator
from typing import Final

# Google parts labels by " ::: ", and marks those of its own with an asterisk.
_THREE_COLONS: Final = re.compile(r"\s*:::\s*")
_GOOGLES_OWN: Final = re.compile(r"\* ?(mycontacts|starred|friends|family|coworkers)", re.I)
_QUOTED: Final = re.compile(r'\s*"((?:[^"]|"")*)"\s*')


def parted(cell: str, separators: str) -> list[str]:
    """The labels of a cell; what stands in quotation marks is one, whatever it holds."""
    found = (
        _THREE_COLONS.split(cell)
        if ":::" in cell and '"' not in cell
        else _pieces(cell, separators)
    )
    return [label for label in found if not _GOOGLES_OWN.fullmatch(label.strip())]


def _pieces(cell: str, separators: str) -> Iterator[str]:
    if '"' not in cell:
        yield from re.split(f"[{re.escape(separators)}]", cell)
        return
    place = 0
    while place <= len(cell):
        quoted = _QUOTED.match(cell, place)
        if quoted and (quoted.end() == len(cell) or cell[quoted.end()] in separators):
            yield quoted[1].replace('""', '"')
            place = quoted.end() + 1
            continue
        end = place
        while end < len(cell) and cell[end] not in separators:
            end += 1
        yield cell[place:end]
        place = end + 1
