"""Addresses as reports and prose write them, read down to the bare address.

Reports carry a type before the address (``rfc822;``, RFC 3464 2.1.2), xtext (RFC 3461 4) and, with
international mail, ``\\x{...}`` for what is not ASCII (RFC 6533 3). Prose adds brackets, quotes and
full stops. Everything here is linear: an address grows from its ``@`` to both sides.
"""

import re
from collections.abc import Iterator
from typing import Final

_LONGEST: Final = 320
_MOST: Final = 200  # addresses of one text
_TYPE: Final = re.compile(r"(?:[a-z0-9][a-z0-9-]{0,30})\s*;", re.IGNORECASE)
_COMMENT: Final = re.compile(r"\([^()]*\)")
_XTEXT: Final = re.compile(r"\+([0-9A-F]{2})")
# Of printable ASCII xtext must escape only these two; other pairs may be somebody's own tag.
_ESCAPES: Final = re.compile(r"\+(2B|3D)")
_UNITEXT: Final = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_LOCAL_CHARACTERS: Final = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+/=?^_`{|}~.-"
)
_DOMAIN: Final = re.compile(
    r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,10}[^\W_][\w-]{0,61}[^\W_]|\[[0-9A-Za-z.:]{3,60}\]"
)
_LAST_OF_LATIN: Final = "\u024f"
_PREFIXES: Final = frozenset({"to", "from", "rcpt", "smtp", "address", "recipient", "account"})


def bare(written: str) -> str:
    """The bare address in a field's value, or nothing when it holds none."""
    value = _COMMENT.sub(" ", written[:1000]).strip()
    if found := _TYPE.match(value):
        value = value[found.end() :].strip()
    value = (_ESCAPES if "@" in value else _XTEXT).sub(lambda code: chr(int(code[1], 16)), value)
    if "\\x{" in value:
        value = _UNITEXT.sub(_character, value)
    return next(iter(found_in(value)), "")


def found_in(text: str) -> list[str]:
    """Every address in a text, in order, bounded."""
    return [address for _, _, address in positions_in(text)]


def positions_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Every address in a text with where it begins and ends."""
    at, left_edge = text.find("@"), 0
    for _ in range(_MOST):
        if at < 0:
            return
        start = _start_of_local(text, at, left_edge)
        domain = _DOMAIN.match(text, at + 1, at + 256)
        if start < at and domain is not None and domain.end() - start <= _LONGEST:
            start = _after_words(text, _after_route(text, start, at), at)
            end = _before_words(text, at, domain.end())
            yield start, end, _tidy(text[start:end])
            left_edge = end
        at = text.find("@", at + 1)


def _start_of_local(text: str, at: int, left_edge: int) -> int:
    if text[at - 1 : at] == '"':
        quote = text.rfind('"', max(left_edge, at - 70), at - 1)
        return quote if quote >= 0 else at
    start = at
    while start > max(left_edge, at - 65) and _is_local(text[start - 1]):
        start -= 1
    while start < at and text[start] in ".'`=/" and not _is_encoded_word(text, start, at):
        start += 1  # a full stop or a quotation mark before it
    return start


def _is_encoded_word(text: str, start: int, at: int) -> bool:
    # RFC 2047 5 allows none in an address, but some put one there, and so the mailbox is named.
    return text.startswith("=?", start) and text[at - 2 : at] == "?="


def _is_local(character: str) -> bool:
    # RFC 6531 3.3: letters of any alphabet, though not the wide brackets and commas around them.
    return character in _LOCAL_CHARACTERS or (character > "\x7f" and character.isalnum())


def _after_route(text: str, start: int, at: int) -> int:
    # "smtp:" and "mailto:" end at a colon already; "to=" and X.400's "dda:SMTP=" do not.
    equals = text.find("=", start, at)
    return equals + 1 if equals >= 0 and text[start:equals].lower() in _PREFIXES else start


def _after_words(text: str, start: int, at: int) -> int:
    """The local part without a word of an alphabet that puts no space between words."""
    if text[start] <= _LAST_OF_LATIN:
        return start
    first = next((n for n in range(start, at) if text[n] <= "\x7f"), at)
    mixed = any(letter > _LAST_OF_LATIN for letter in text[first:at])
    return start if first == at or mixed else first


def _before_words(text: str, at: int, end: int) -> int:
    """The domain without such a word: no top-level domain mixes alphabets."""
    last = text.rfind(".", at, end) + 1
    if not last or text[last] > "\x7f":
        return end
    return next((n for n in range(last, end) if text[n] > _LAST_OF_LATIN), end)


def _tidy(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"


def _character(code: re.Match[str]) -> str:
    number = int(code[1], 16)
    return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else ""
