"""Writes header fields.

The standard library's writer turns long List-Unsubscribe fields into encoded-words, which RFC 2047
section 5 forbids and mailbox providers ignore, or makes encoded-words and lines longer than they
may be; so it is not used. Every value loses its control characters here, so nothing can add a
field.
"""

import re
from functools import lru_cache
from typing import Final

import idna

from mailer.authoring.text.characters import one_line
from mailer.errors import Refused

_CRLF: Final = "\r\n"
_WIDEST: Final = 78  # RFC 5322 section 2.1.1
_WIDEST_ENCODED: Final = 76  # RFC 2047 section 2, for a line with an encoded-word
_LONGEST_WORD: Final = 75
_START, _END = "=?utf-8?q?", "?="
_ROOM: Final = _LONGEST_WORD - len(_START) - len(_END)

_PRINTABLE = re.compile(r"[ -~]*")
# Of RFC 5322's atom characters those an address header may show without quotes.
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_SIMPLE_NAME = re.compile(r"[A-Za-z0-9'-]+(?: [A-Za-z0-9'-]+)*")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+|\"(?:[!#-\[\]-~]|\\[!-~])+\"")
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[A-Za-z0-9.:]+\]")
# RFC 2047 section 5(3): what stands for itself in an encoded-word within a phrase, and so anywhere.
_Q_LITERAL: Final = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/"
)


def unstructured(name: str, value: str) -> bytes:
    """A field of free words, such as Subject."""
    value = " ".join(one_line(value).split())
    column = len(name) + 2
    if _is_plain(value) and all(len(word) < _WIDEST for word in value.split(" ")):
        return f"{name}: {_folded(value, column)}{_CRLF}".encode("ascii")
    return f"{name}: {_encoded_words(value, column)}{_CRLF}".encode("ascii")


def mailbox(name: str, display_name: str, address: str) -> bytes:
    """A field with one address and the name to show with it, such as From."""
    return addressed(name, display_name, mail_address(address))


def addressed(name: str, display_name: str, address: str) -> bytes:
    """A mailbox field for an address that ``mail_address`` has seen already."""
    if _SIMPLE_NAME.fullmatch(display_name):  # most names, and every copy has one
        line = f"{name}: {display_name} <{address}>{_CRLF}"
        if len(line) <= _WIDEST_ENCODED:
            return line.encode("ascii")
    display_name = one_line(display_name)
    if not display_name:
        return f"{name}: {address}{_CRLF}".encode("ascii")
    return identified(name, phrase(display_name, len(name) + 2), f"<{address}>")


def phrase(text: str, column: int) -> str:
    """Words before an address: atoms, else a quoted-string, else encoded-words."""
    text = " ".join(one_line(text).split())
    if not _is_plain(text) or len(text) > _WIDEST - column:
        return _encoded_words(text, column)
    if _ATOMS.fullmatch(text):
        return text
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'


def raw(name: str, *values: str) -> bytes:
    """A structured field that is never encoded; it is folded between the values and nowhere else,
    for a white space within a URI or an identifier would break it."""
    return f"{name}: {f',{_CRLF} '.join(values)}{_CRLF}".encode("ascii")


def identified(name: str, words: str, identifier: str) -> bytes:
    """A written phrase and, never encoded, what stands in angle brackets behind it."""
    last = words.rpartition(_CRLF)[2]
    column = len(last) + (0 if _CRLF in words else len(name) + 2)
    gap = "" if not words else " " if column + len(identifier) < _WIDEST_ENCODED else f"{_CRLF} "
    return f"{name}: {words}{gap}{identifier}{_CRLF}".encode("ascii")


def mail_address(address: str) -> str:
    """The address as it may stand in a header and in SMTP, its domain in A-labels.

    Refused when it needs SMTPUTF8, which not every relay offers, or is no address at all.
    """
    local, at, domain = address.rpartition("@")
    if not at or len(local) > 64 or not _LOCAL.fullmatch(local):
        raise Refused("The part of the e-mail address before the @ cannot be used in mail.")
    return f"{local}@{ascii_domain(domain)}"


@lru_cache(maxsize=4096)
def ascii_domain(domain: str) -> str:
    """The domain in A-labels (RFC 5890); Refused when it is not a domain."""
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except idna.IDNAError:
            domain = ""
    if len(domain) > 255 or not _DOMAIN.fullmatch(domain):
        raise Refused("The part of the e-mail address behind the @ is not a domain.")
    return domain


def _is_plain(text: str) -> bool:
    # Words that look like an encoded-word would be decoded by the reader: spoofing by name.
    return "=?" not in text and _PRINTABLE.fullmatch(text) is not None


def _folded(text: str, column: int) -> str:
    if column + len(text) <= _WIDEST:
        return text
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        room = _WIDEST - (1 if lines else column)
        if line and len(line) + 1 + len(word) > room:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return f"{_CRLF} ".join([*lines, line])


def _encoded_words(text: str, column: int) -> str:
    """Each of at most 75 columns and of whole characters, with CRLF and a space between them.

    Where one has to end it ends behind a space, encoded within it: a reader that keeps the white
    space between two encoded-words, which RFC 2047 section 6.2 says to drop, then shows a wider
    space and not a name in pieces.
    """
    words: list[str] = []
    word = ""
    room = min(_ROOM, _WIDEST_ENCODED - column - len(_START) - len(_END))
    for each in re.findall(r"[^ ]* ?", text):
        unit = "".join(map(_q, each))
        if len(word) + len(unit) <= room:
            word += unit
            continue
        if word:
            words.append(word)
            word, room = "", _ROOM
        for char in each:
            unit = _q(char)
            if len(word) + len(unit) > room:
                words.append(word)
                word, room = "", _ROOM
            word += unit
    return f"{_CRLF} ".join(f"{_START}{each}{_END}" for each in (*words, word))


def _q(char: str) -> str:
    if char == " ":
        return "_"
    octets = char.encode()
    if len(octets) == 1 and octets[0] in _Q_LITERAL:
        return char
    return "".join(f"={octet:02X}" for octet in octets)
