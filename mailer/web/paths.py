"""What stands in a URL: numbers that a row can have, text that a database can look for.

A path with a control character or with octets that are no UTF-8 names no page, and PostgreSQL
would break on a NUL. It is refused here once, before any view and any session.
"""

from typing import Final

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter, Map

_LARGEST: Final = 2**63 - 1  # what either database can look for
_CONTROL: Final = frozenset({*range(0x20), 0x7F})


class RowNumber(IntegerConverter):
    """``<int:…>`` in a path. A number that no row can have is a page that is not there."""

    regex = r"[0-9]{1,19}"

    def __init__(self, map: Map, max: int = _LARGEST) -> None:
        super().__init__(map, max=max)


def bound_paths(app: Flask) -> None:
    """Let every ``<int:…>`` be a number that a row can have, and every path and query be text."""
    app.url_map.converters["int"] = RowNumber

    @app.before_request
    def refuse() -> None:
        path = request.environ["PATH_INFO"].encode("latin-1")  # its octets, as PEP 3333 has them
        if not _CONTROL.isdisjoint(path) or not _is_utf8(path):
            abort(400)
        if b"%00" in request.query_string or b"\0" in request.query_string:
            abort(400)


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True
