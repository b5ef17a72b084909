"""What a program sends: the members of its body and of its query, each known or refused."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from flask import request
from werkzeug.exceptions import BadRequest

from mailer.errors import FormError

NUMBER: Final = "int(max=9223372036854775807)"  # of a row, in a path
_UNKNOWN: Final = "There is no such field."


def body(known: Collection[str]) -> Mapping[str, Any]:
    """The body, one JSON object; FormError names the members it has besides the ``known``.

    No body at all is an empty object.
    """
    if not request.get_data():
        return {}
    try:
        sent = request.get_json(force=True)
    except (BadRequest, RecursionError):
        raise FormError([("", "The body is not JSON.")]) from None
    if not isinstance(sent, dict):
        raise FormError([("", "The body has to be one JSON object.")])
    _refuse_unknown(sent, known)
    return sent


def query(known: Collection[str]) -> Mapping[str, str]:
    """What stands behind the question mark; FormError for anything that is not ``known``."""
    _refuse_unknown(request.args, known)
    return request.args


def whole(sent: Mapping[str, str], name: str, *, least: int, most: int) -> int | None:
    """A whole number of the query, None when it is not there; FormError names it."""
    text = sent.get(name)
    if text is None:
        return None
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else -1
    if not least <= number <= most:
        raise FormError([(name, f"Write a whole number from {least} to {most}.")])
    return number


def _refuse_unknown(sent: Collection[str], known: Collection[str]) -> None:
    if unknown := [name for name in sent if name not in known]:
        raise FormError([(name, _UNKNOWN) for name in unknown])
