"""What a program is told when something did not work: problem documents (RFC 9457)."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from flask import Response, json, request

MIMETYPE: Final = "application/problem+json"
_OUTSIDE: Final = frozenset({"/metrics"})


def are_wanted() -> bool:
    """Whether the address that was asked for is one of programs."""
    return request.path.startswith("/api/") or request.path in _OUTSIDE


def problem(
    status: int, sentence: str, *, fields: Sequence[tuple[str, str]] = (), **headers: str
) -> Response:
    """One document. ``fields`` are those at fault, each with a sentence of its own.

    Without a type of its own the title is that of the status (RFC 9457 4.2.1).
    """
    document: dict[str, Any] = {
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": sentence,
    }
    if fields:
        document["errors"] = [{"field": name, "detail": told} for name, told in fields]
    answer = Response(json.dumps(document) + "\n", status, mimetype=MIMETYPE)
    for name, value in headers.items():
        answer.headers[name.replace("_", "-")] = value
    return answer
