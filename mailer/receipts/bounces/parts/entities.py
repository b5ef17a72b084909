"""A message as a tree of entities (RFC 2045, RFC 2046), within bounds and without complaint.

The standard library's parser builds a tree of any depth and reads line by line; mail that came back
is written by anyone. Here broken boundaries, missing ends and unlabelled parts are read as
they were meant, and what lies beyond the bounds is not read.
"""

import re
from binascii import Error as NotBase64
from binascii import a2b_base64, a2b_qp
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from mailer.receipts.bounces.parts.charsets import decoded
from mailer.receipts.bounces.parts.fields import Fields, split_header
from mailer.receipts.bounces.parts.markup import without_markup

_MOST_OCTETS: Final = 4 * 1024 * 1024  # of a message; a returned copy comes last
_MOST_TEXT: Final = 256 * 1024  # octets of one part
_DEEPEST: Final = 20
_MOST_PARTS: Final = 200
_LONGEST_BOUNDARY: Final = 200  # RFC 2046 5.1.1 says 70; real ones are longer

# Some write no semicolon between the type and its parameters.
_MEDIA: Final = re.compile(r"\s*([\w.+-]{1,80}/[\w.+-]{1,120})")
_PARAMETER: Final = re.compile(r'[;\s]\s*([A-Za-z][\w*-]{0,40})\s*=\s*("[^"]*"|[^;\s]*)')
_MESSAGES: Final = frozenset({"message/rfc822", "message/global", "message/partial"})
_HEADERS: Final = frozenset(
    {"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"}
)
_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/]+")


@dataclass(frozen=True, slots=True)
class Entity:
    """One header with its body: a message, a part of one, or a message inside another."""

    fields: Fields
    media: str
    parameters: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    children: tuple["Entity", ...] = ()

    @property
    def is_message(self) -> bool:
        """Whether it holds another message, or the header of one."""
        return bool(self.children) and (self.media in _MESSAGES or self.media in _HEADERS)

    @property
    def is_text(self) -> bool:
        """Whether it is read as plain text, which a multipart without parts is as well."""
        lost = self.media.startswith("multipart/") and not self.children
        return lost or self.media == "text/plain"

    @property
    def text(self) -> str:
        """Its text with LF line ends, without markup; bounded."""
        charset = self.parameters.get("charset", "utf-8")
        text = decoded(_plain_octets(self), charset).replace("\r\n", "\n").replace("\r", "\n")
        return without_markup(text) if self.media == "text/html" else text

    def leaves(self) -> Iterator["Entity"]:
        """Its parts, in order, without looking into messages inside."""
        if self.is_message or not self.children:
            yield self
            return
        for child in self.children:
            yield from child.leaves()


@dataclass(slots=True)
class _Budget:
    parts: int = _MOST_PARTS


def parse(message: bytes) -> Entity:
    """The tree of a message with line ends of any kind."""
    octets = message[:_MOST_OCTETS].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return _entity(octets.lstrip(b"\n"), 0, _Budget())


def _entity(octets: bytes, depth: int, budget: _Budget) -> Entity:
    budget.parts -= 1
    fields, start = split_header(octets)
    entity = Entity(fields, *_content_type(fields), octets[start:])
    if depth >= _DEEPEST or budget.parts <= 0:
        return entity
    return replace(entity, children=_children(entity, depth + 1, budget))


def _part(octets: bytes, depth: int, budget: _Budget) -> Entity:
    entity = _entity(octets, depth, budget)
    if not entity.fields.has("content-type") and _is_message_header(entity.fields):
        # A returned message that somebody forgot to label.
        return Entity(Fields(), "message/rfc822", {}, octets, (_leaf(octets),))
    return entity


def _children(entity: Entity, depth: int, budget: _Budget) -> tuple[Entity, ...]:
    if entity.media.startswith("multipart/"):
        boundary = entity.parameters.get("boundary", "")
        pieces = _pieces(entity.body, boundary, budget.parts)
        return tuple(_part(piece, depth, budget) for piece in pieces if budget.parts > 0)
    if entity.media in _MESSAGES:
        within = _plain_octets(entity, _MOST_OCTETS).lstrip(b"\n")
        return (_entity(within, depth, budget),)
    if entity.media in _HEADERS:
        return (_leaf(_plain_octets(entity).lstrip()),)
    return ()


def _leaf(octets: bytes) -> Entity:
    fields, start = split_header(octets)
    return Entity(fields, "text/plain", {}, octets[start : start + _MOST_TEXT])


def _is_message_header(fields: Fields) -> bool:
    return fields.has("received", "from") and fields.has("message-id", "subject", "to")


def _content_type(fields: Fields) -> tuple[str, dict[str, str]]:
    value = fields.first("content-type")[:1000]
    written = _MEDIA.match(value)
    media = written[1].lower() if written else "text/plain"
    found = {name.lower(): given.strip('"') for name, given in _PARAMETER.findall(value)}
    return media, found


def _pieces(body: bytes, boundary: str, most: int) -> Iterator[bytes]:
    """The parts between the delimiters, without the preamble and the epilogue (RFC 2046 5.1.1)."""
    text = b"\n" + body
    delimiter = b"\n--" + boundary.encode("utf-8", "replace")[:_LONGEST_BOUNDARY]
    if not boundary or delimiter not in text:
        delimiter = _guessed_delimiter(text)
    if not delimiter:
        return
    at = _next_delimiter(text, delimiter, 0)
    while at >= 0 and most > 0:
        line_end = text.find(b"\n", at + 1)
        closes = text.startswith(b"--", at + len(delimiter))
        if line_end < 0 or closes:
            return
        following = _next_delimiter(text, delimiter, line_end)
        yield text[line_end + 1 : following if following >= 0 else len(text)]
        at = following
        most -= 1


def _next_delimiter(text: bytes, delimiter: bytes, start: int) -> int:
    """Where the delimiter stands as a whole: a boundary may begin as another one does."""
    at = text.find(delimiter, start)
    while at >= 0:
        rest = text[at + len(delimiter) : at + len(delimiter) + 2]
        if not rest or rest[:1] in b"\n \t" or rest == b"--":
            return at
        at = text.find(delimiter, at + 1)
    return -1


def _guessed_delimiter(text: bytes) -> bytes:
    """A line that starts with two hyphens and is followed by a field, if the boundary is wrong."""
    found = re.search(rb"\n(--[!-~]{4,200})[ \t]*\n[Cc]ontent-[Tt]ype:", text[:_MOST_TEXT])
    return b"\n" + found[1] if found else b""


def _plain_octets(entity: Entity, most: int = _MOST_TEXT) -> bytes:
    encoding = entity.fields.first("content-transfer-encoding").lower().strip()
    body = entity.body[:most]
    if encoding == "quoted-printable":
        return a2b_qp(body)
    if encoding != "base64":
        return body
    written = _NOT_BASE64.sub(b"", body)
    try:
        return a2b_base64(written[: len(written) - (len(written) % 4 == 1)] + b"==")
    except NotBase64:
        return body
