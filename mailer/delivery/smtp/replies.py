"""What an SMTP server sends: replies, enhanced status codes and the capabilities of an EHLO.

It reads octets, never a socket. It is strict about codes and line structure, and lenient about
line ends and octets in the text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from mailer.delivery.smtp.phrases import complains_of_order, says_session_is_full

CLOSING: Final = 421  # RFC 5321 3.8: a server may send it at any point before it closes
_LONGEST_LINE: Final = 4096  # RFC 5321 4.5.3.1.5 says 512; real servers write longer ones
_MOST_LINES: Final = 100
_LONGEST_TEXT: Final = 1000  # characters of a reply worth keeping
_REPLY_LINE: Final = re.compile(rb"([1-9][0-9]{2})(?:([ -])(.*))?", re.DOTALL)
# RFC 3463 2: no sub-code has a leading zero.
_ENHANCED: Final = re.compile(r"([245])\.(0|[1-9][0-9]{0,2})\.(0|[1-9][0-9]{0,2})(?=\s|$)")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f]+")


class Phase(StrEnum):
    """The step of an SMTP session that something happened at."""

    CONNECT = "connect"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    CONTENT = "content"


class Lost(Exception):
    """The session cannot go on; the exception's text is a short sentence."""


class Silence(Lost):
    """The connection is open, but the reply did not come in time."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply: its code, and its lines joined with spaces, printable and bounded."""

    code: int
    text: str

    @property
    def kind(self) -> int:
        """The first digit: all there is to act on when a code is unknown (RFC 5321 4.2.1)."""
        return self.code // 100

    @property
    def enhanced(self) -> str | None:
        """The enhanced status code, when it agrees with the reply's own class (RFC 2034 4)."""
        found = _ENHANCED.match(self.text)
        if found is None or int(found[1]) != self.kind:
            return None
        return found[0]

    @property
    def out_of_step(self) -> bool:
        """Whether it rejects the order or grouping of commands, and not a message."""
        return self.code == 503 or (self.kind == 5 and complains_of_order(self.text))

    @property
    def ends_session(self) -> bool:
        """Whether this connection has carried as many messages as the server lets one carry."""
        return self.kind == 4 and says_session_is_full(self.text)

    def __str__(self) -> str:
        return f"{self.code} {self.text}".rstrip()


def reply_of(code: int, lines: Sequence[bytes]) -> Reply:
    """The reply made of these lines; an enhanced code repeated on each line is kept once."""
    first = lines[0].decode("ascii", "replace")
    if len(lines) > 1:
        rest = [line.decode("ascii", "replace") for line in lines[1:]]
        if found := _ENHANCED.match(first):
            rest = [line.removeprefix(found[0]).lstrip() for line in rest]
        first = " ".join([first, *rest])
    if not first.isprintable():
        first = _UNPRINTABLE.sub(" ", first)
    return Reply(code, first[:_LONGEST_TEXT].strip())


class ReplyBuffer:
    """Octets in, whole replies out, one at a time and in order.

    Line feeds without a carriage return and octets outside ASCII are tolerated. A line that is no
    reply, or one without an end, raises ``Lost``: replies are counted, so none may be guessed.
    """

    def __init__(self) -> None:
        self._octets = bytearray()
        self._lines: list[bytes] = []
        self._code = 0

    def __bool__(self) -> bool:
        """Whether anything is left unread."""
        return bool(self._octets or self._lines)

    def feed(self, octets: bytes) -> None:
        """Add what came from the server."""
        self._octets += octets

    def take_short(self) -> Reply | None:
        """The next reply if it is whole and of one line, as nearly all are; a fast path."""
        octets = self._octets
        if self._lines or octets[3:4] == b"-":
            return None
        end = octets.find(b"\n", 0, _LONGEST_LINE)
        if end < 0:
            return None
        line = bytes(octets[:end])
        del octets[: end + 1]
        return _reply_in(line)

    def take(self) -> tuple[int, list[bytes]] | None:
        """The next whole reply as code and lines, or None while it is incomplete."""
        octets = self._octets
        while (end := octets.find(b"\n", 0, _LONGEST_LINE)) >= 0:
            line = bytes(octets[:end]).rstrip(b"\r")
            del octets[: end + 1]
            if self._add(line):
                lines, self._lines = self._lines, []
                return self._code, lines
        if len(octets) >= _LONGEST_LINE:
            raise Lost("the server sent a line without an end")
        return None

    def _add(self, line: bytes) -> bool:
        found = _parsed(line)
        code = int(found[1])
        if self._lines and code != self._code:
            raise Lost("the server mixed two replies")
        if len(self._lines) >= _MOST_LINES:
            raise Lost("the server sent a reply without an end")
        self._code = code
        self._lines.append(found[3] or b"")
        return found[2] != b"-"


def _parsed(line: bytes) -> re.Match[bytes]:
    found = _REPLY_LINE.fullmatch(line)
    if found is None:
        raise Lost("the server sent something that is not SMTP")
    return found


@lru_cache(maxsize=256)  # most commands of a connection get the same answer all day
def _reply_in(line: bytes) -> Reply:
    found = _parsed(line.rstrip(b"\r"))
    return reply_of(int(found[1]), [found[3] or b""])


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an EHLO offered; ``size`` is None when not offered and 0 when offered without limit."""

    pipelining: bool = False
    eight_bit: bool = False
    utf8: bool = False
    starttls: bool = False
    enhanced_codes: bool = False
    chunking: bool = False
    dsn: bool = False
    size: int | None = None
    mail_max: int | None = None  # transactions in one session (RFC 9422)
    auth: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, lines: Sequence[bytes]) -> "Capabilities":
        """Read the lines of an EHLO reply; the first is the server's name."""
        offered: dict[str, list[str]] = {}
        for line in lines[1:]:
            # Old servers also write "AUTH=LOGIN PLAIN".
            words = line.decode("ascii", "replace").upper().replace("AUTH=", "AUTH ", 1).split()
            if words:
                offered.setdefault(words[0], []).extend(words[1:])
        size = offered.get("SIZE")
        limits = dict(word.split("=", 1) for word in offered.get("LIMITS", []) if "=" in word)
        return cls(
            pipelining="PIPELINING" in offered,
            eight_bit="8BITMIME" in offered,
            utf8="SMTPUTF8" in offered,
            starttls="STARTTLS" in offered,
            enhanced_codes="ENHANCEDSTATUSCODES" in offered,
            chunking="CHUNKING" in offered,
            dsn="DSN" in offered,
            size=None if size is None else _number(size[0] if size else "") or 0,
            mail_max=_number(limits.get("MAILMAX", "")) or None,
            auth=frozenset(offered.get("AUTH", [])),
        )


def _number(word: str) -> int | None:
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 19 else None
