"""Reads values out of an untrusted payload: every type may be wrong, every text hostile.

A wrong value reads as empty; nothing here raises.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

MOST_OCTETS: Final = 1 << 20  # SendGrid's batches end at 768 kB, the largest of the five
_LONGEST_ADDRESS: Final = 320  # RFC 5321 section 4.5.3.1: 64 + 1 + 255
_LONGEST_ID: Final = 998
_MOST_REFERENCES: Final = 20
_LONGEST_NAME: Final = 100


def parsed(text: bytes | str) -> object:
    """The JSON value in the text; None when it is no JSON, or too large."""
    if len(text) > MOST_OCTETS:
        return None
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")  # json.loads would also guess UTF-16 and UTF-32
        value: object = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    return value


def _no_number(name: str) -> object:
    raise ValueError(name)  # NaN and Infinity are no JSON (RFC 8259 section 6)


def mapping(value: object) -> Mapping[str, object]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def members(value: object) -> list[object]:
    """The value if it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def line(value: object, most: int = 1000) -> str:
    """A text or a number as one printable line of at most ``most`` characters."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value)[: 2 * most]
    if not text.isprintable():
        text = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(text.split())[:most].rstrip()


def address(value: object) -> str:
    """An e-mail address, without the name that may stand before it; "" when it is no address."""
    text = line(value, 2 * _LONGEST_ADDRESS)
    if text.endswith(">"):
        text = text.rpartition("<")[2].removesuffix(">")
    local, at, domain = text.rpartition("@")
    good = local and domain and " " not in text and len(text) <= _LONGEST_ADDRESS
    return text if at and good else ""


def identifier(value: object) -> str:
    """A Message-ID, or a provider's id for a message, without angle brackets."""
    return line(value, _LONGEST_ID).strip("<> ")


def references(pairs: Mapping[str, object]) -> dict[str, str]:
    """Names and texts, bounded; what is neither text nor number is left out."""
    found = {line(name, _LONGEST_NAME): line(value) for name, value in pairs.items()}
    kept = [(name, text) for name, text in found.items() if name and text]
    return dict(kept[:_MOST_REFERENCES])


def moment(value: object, *, now: datetime) -> datetime:
    """Seconds since 1970 or an ISO 8601 text as aware UTC; ``now`` for anything else.

    Also ``now`` for a time in the future, since clocks differ.
    """
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found = datetime.fromtimestamp(value, UTC)
        else:
            return now
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return now
    return min(found, now)


def fingerprint(*parts: str) -> str:
    """An id for an event of a provider that gives none: equal for equal parts."""
    octets = "\0".join(parts).encode("utf-8", "surrogatepass")
    return sha256(octets).hexdigest()
