"""Numbers in paths: those that a row can have, and no others."""

from typing import Final

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

_LARGEST: Final = 2**63 - 1  # what either database can look for


class RowNumber(IntegerConverter):
    """``<int:…>`` in a path. A number that no row can have is a page that is not there."""

    regex = r"[0-9]{1,19}"

    def __init__(self, map: Map, max: int = _LARGEST) -> None:
        super().__init__(map, max=max)


def bound_numbers(app: Flask) -> None:
    """Let every ``<int:…>`` of the application be a number that a row can have."""
    app.url_map.converters["int"] = RowNumber
