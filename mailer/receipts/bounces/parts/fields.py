"""The header fields of mail from any writer, bounded and never refused.

Lines that are no fields end a header, so that a missing blank line loses nothing. Octets outside
ASCII are read as UTF-8 where they are, else as Latin-1.
"""

import re
from binascii import Error as NotBase64
from binascii import a2b_base64, a2b_qp
from dataclasses import dataclass
from typing import Final

from mailer.receipts.bounces.parts.charsets import decoded, octets_as_text

_MOST_FIELDS: Final = 500
_LONGEST_VALUE: Final = 4000  # characters; Received and List-Unsubscribe fit many times over
_FIELD: Final = re.compile(rb"([!-9;-~]{1,76})[ \t]*:(.*)", re.DOTALL)
# RFC 2047 2; a value is bounded, so that a word without an end costs little.
_ENCODED_WORD: Final = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS: Final = re.compile(r"\?=\s+=\?")


@dataclass(frozen=True, slots=True)
class Fields:
    """Header fields in their order: lower-case names, unfolded values."""

    pairs: tuple[tuple[str, str], ...] = ()

    def first(self, name: str) -> str:
        """The first value of a field, empty when there is none."""
        return next((value for known, value in self.pairs if known == name), "")

    def every(self, *names: str) -> tuple[str, ...]:
        """All values of these fields, in the order of the header."""
        return tuple(value for known, value in self.pairs if known in names)

    def has(self, *names: str) -> bool:
        """Whether any of these fields stands there, even without a value."""
        return any(known in names for known, _ in self.pairs)

    def words(self, name: str) -> str:
        """The first value with its encoded-words read (RFC 2047), on one line."""
        return " ".join(decode_words(self.first(name)).split())


def split_header(octets: bytes) -> tuple[Fields, int]:
    """The header at the start of some octets with LF line ends, and where the body begins."""
    pairs: list[tuple[str, list[bytes]]] = []
    at = 0
    while at < len(octets):
        end = octets.find(b"\n", at)
        end = len(octets) if end < 0 else end
        line = octets[at : min(end, at + _LONGEST_VALUE)]
        if not line.strip():
            at = end + 1
            break
        if line[:1] in b" \t" and pairs:
            pairs[-1][1].append(line)
        elif found := _FIELD.fullmatch(line):
            pairs.append((found[1].decode("ascii").lower(), [found[2]]))
        elif pairs or not line.startswith((b"From ", b">From ")):
            break
        at = end + 1
        if len(pairs) > _MOST_FIELDS:
            blank = octets.find(b"\n\n", at - 1)
            at = len(octets) if blank < 0 else blank + 2
            break
    return Fields(tuple((name, _unfolded(lines)) for name, lines in pairs[:_MOST_FIELDS])), at


def fields_of(text: str) -> Fields:
    """The header that a text begins with."""
    return split_header(text.encode("utf-8", "replace"))[0]


def _unfolded(lines: list[bytes]) -> str:
    text = octets_as_text(b" ".join(line.strip() for line in lines[:100]))
    return " ".join(text[:_LONGEST_VALUE].split())


def decode_words(value: str) -> str:
    """A value with its encoded-words read; what cannot be read stays as it is."""
    if "=?" not in value:
        return value
    return _ENCODED_WORD.sub(_decode_word, _BETWEEN_WORDS.sub("?==?", value[:_LONGEST_VALUE]))


def _decode_word(found: re.Match[str]) -> str:
    written = found[3].encode("utf-8", "replace")
    if found[2] in "qQ":
        return decoded(a2b_qp(written, header=True), found[1])
    try:
        return decoded(a2b_base64(written + b"=="), found[1])
    except NotBase64:
        return found[0]
