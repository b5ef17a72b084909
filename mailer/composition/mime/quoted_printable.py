"""Quoted-printable (RFC 2045 section 6.7), for text with slots in it and for what fills them.

Beyond the rules, nothing a relay might touch is left: no line starts with a full stop (so nothing
is dot-stuffed, RFC 5321 section 4.5.2) or with "From ", and "=" is always followed by two
hexadecimal digits or a line end, so a boundary that contains "=_" cannot occur.
"""

import re
from collections.abc import Iterable
from typing import Final

from mailer.composition.parts import Piece, Slot, Token

_WIDEST: Final = 75  # and one more column for a soft line break
_TOKEN_WIDTH: Final = 32
_SOFT: Final = b"=\r\n"
_HEX: Final = [b"=%02X" % octet for octet in range(256)]
_UNITS: Final = [
    bytes([octet]) if (33 <= octet <= 126 and octet != 0x3D) or octet in b" \t" else _HEX[octet]
    for octet in range(256)
]
_LITERAL: Final = re.compile(r"[ !-<>-~]{0,74}[!-<>-~]")

Encoded = bytes | Slot | Token


class _Lines:
    """Writes octets into lines of at most 76 columns."""

    def __init__(self) -> None:
        self.done: list[Encoded] = []
        self._run = bytearray()
        self._column = 0

    def write(self, octets: bytes, *, ends: bool) -> None:
        """Write octets in which a newline is a hard line break; ``ends`` says nothing follows."""
        last = len(octets) - 1
        for place, octet in enumerate(octets):
            if octet == 0x0A:
                self._run += b"\r\n"
                self._column = 0
                continue
            unit = _UNITS[octet]
            if octet in b" \t" and (ends if place == last else octets[place + 1] == 0x0A):
                unit = _HEX[octet]  # white space at the end of a line would be lost
            if self._column + len(unit) > _WIDEST:
                self._break()
            if self._column == 0 and (octet == 0x2E or octets.startswith(b"From ", place)):
                unit = _HEX[octet]
            self._run += unit
            self._column += len(unit)

    def token(self, token: Token) -> None:
        """Leave a slot of exactly a token's width, all on one line."""
        if self._column + _TOKEN_WIDTH > _WIDEST:
            self._break()
        self._leave(token)
        self._column += _TOKEN_WIDTH

    def slot(self, slot: Slot) -> None:
        """Leave a slot that starts a line; what it is filled with has its own soft breaks."""
        if self._column:
            self._break()
        self._leave(slot)
        self._column = _WIDEST  # whatever follows goes on the next line, except a line end

    def finish(self) -> list[Encoded]:
        self.done.append(bytes(self._run))
        return self.done

    def _leave(self, slot: Slot | Token) -> None:
        self.done += (bytes(self._run), slot)
        self._run.clear()

    def _break(self) -> None:
        self._run += _SOFT
        self._column = 0


def encode(pieces: Iterable[Piece]) -> list[Encoded]:
    """The pieces as quoted-printable, cut at the slots."""
    lines = _Lines()
    run = _joined(pieces)
    for place, piece in enumerate(run, start=1):
        if isinstance(piece, str):
            lines.write(piece.encode(), ends=place == len(run))
        elif isinstance(piece, Token):
            lines.token(piece)
        else:
            lines.slot(piece)
    return lines.finish()


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Neighbouring texts as one, since white space is only lost at the end of a line."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and isinstance(piece, str) and isinstance(joined[-1], str):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def encode_value(text: str) -> bytes:
    """One line of text, trimmed, for a slot that starts a line; it ends without a line break."""
    if _LITERAL.fullmatch(text) and not text.startswith((".", "From ")):
        return text.encode("ascii")
    lines = _Lines()
    lines.write(text.encode(), ends=True)
    return b"".join(part for part in lines.finish() if isinstance(part, bytes))
