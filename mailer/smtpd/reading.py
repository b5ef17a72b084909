"""A message as a person reads it, however malformed it is: nothing in it can raise anything."""

import email
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from typing import Final

_DEEPEST: Final = 20  # parts within parts
_MOST_PARTS: Final = 200
_LONGEST: Final = 2_000_000  # characters of one view
_HEAD_ENDS: Final = (b"\r\n\r\n", b"\n\n")


@dataclass(frozen=True, slots=True)
class ReadableMessage:
    """Headers, decoded, in their order; its text and its HTML part, each "" where there is none."""

    headers: Sequence[tuple[str, str]]
    text: str
    html: str

    def header(self, name: str) -> str:
        """The first header of this name, or ""."""
        wanted = name.lower()
        return next((value for each, value in self.headers if each.lower() == wanted), "")


def read_head(octets: bytes) -> ReadableMessage:
    """The headers alone, of a message or of its beginning."""
    ends = [found for end in _HEAD_ENDS if (found := octets.find(end)) >= 0]
    return _read(octets[: min(ends, default=len(octets))])


def read_message(octets: bytes) -> ReadableMessage:
    """The message; where its parts make no sense, its body is its text."""
    return _read(octets)


def shown(text: str) -> str:
    """The text as far as a page shows it."""
    left = len(text) - _LONGEST
    return text if left <= 0 else f"{text[:_LONGEST]}\n… and {left:,} characters more"


def _read(octets: bytes) -> ReadableMessage:
    try:
        message = email.message_from_bytes(octets)
        headers = [(name, _decoded(value)) for name, value in message.raw_items()]
        bodies = list(_bodies(message, 0))[:_MOST_PARTS]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return ReadableMessage([], octets.decode("utf-8", "replace"), "")
    text = next((body for kind, body in bodies if kind == "text/plain"), "")
    html = next((body for kind, body in bodies if kind == "text/html"), "")
    return ReadableMessage(headers, text, html)


def _bodies(message: "Message[str, str]", depth: int) -> Iterator[tuple[str, str]]:
    """Kind and text of every part that is read and not attached."""
    if depth > _DEEPEST:
        return
    if message.is_multipart():
        parts = message.get_payload()
        for part in parts[:_MOST_PARTS] if isinstance(parts, list) else ():
            if isinstance(part, Message):
                yield from _bodies(part, depth + 1)
        return
    kind = message.get_content_type()
    if kind in {"text/plain", "text/html"} and message.get_content_disposition() != "attachment":
        octets = message.get_payload(decode=True)
        if isinstance(octets, bytes):
            yield kind, _text_of(octets, str(message.get_param("charset", "utf-8")))


def _text_of(octets: bytes, charset: str) -> str:
    try:
        return octets.decode(charset, "replace")
    except (LookupError, ValueError):  # no such charset, or one that is not of text
        return octets.decode("utf-8", "replace")


def _decoded(value: object) -> str:
    """A header's value with its encoded words read, on one line."""
    raw = str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    line = " ".join(raw.split())
    try:
        pieces = decode_header(line)
    except (HeaderParseError, ValueError):
        return line
    return "".join(
        piece if isinstance(piece, str) else _text_of(piece, charset or "latin-1")
        for piece, charset in pieces
    )
