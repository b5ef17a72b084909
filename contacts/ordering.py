"""Rows that have an order of their own, which people change a place at a time."""

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar


class Ordered(Protocol):
    """A row that says where it stands."""

    position: Any


Row = TypeVar("Row", bound=Ordered)


def move(rows: Sequence[Row], row: Row, *, up: bool) -> int | None:
    """Move a row one place up or down and number all of them anew; its place from 1, None where it
    stays because there is no further."""
    ordered = list(rows)
    place = ordered.index(row)
    there = max(0, min(len(ordered) - 1, place + (-1 if up else 1)))
    ordered.insert(there, ordered.pop(place))
    for position, each in enumerate(ordered):
        each.position = position
    return None if there == place else there + 1
