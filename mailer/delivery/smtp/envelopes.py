"""One message to one recipient: how it is written on the wire, and what may become of it."""

import re
from enum import StrEnum
from typing import Final, NamedTuple

from mailer.delivery.smtp.replies import CLOSING, Capabilities, Phase, Reply

TERMINATOR: Final = b".\r\n"  # ends a content that already ends in CRLF (RFC 5321 4.1.1.4)
_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f<>]")
_LONGEST_PATH: Final = 450  # octets; RFC 5321 4.5.3.1.3 says 256, the command line holds 512


class Envelope(NamedTuple):
    """One message to one recipient. Addresses stand bare, without angle brackets."""

    key: int  # the delivery's id, opaque here
    return_path: str  # "" is the null path
    recipient: str
    content: bytes  # complete RFC 5322 text, CRLF only, not dot-stuffed, ends in CRLF
    # The composer's promise: 7-bit, CRLF only, no line begins with a dot (quoted-printable can
    # always write =2E). It saves searching 40 kB four times, which costs more than sending them.
    wire_ready: bool = False


class Fate(StrEnum):
    """What became of one envelope, as far as the wire can tell."""

    ACCEPTED = "accepted"  # the server has taken responsibility for it
    DEFERRED = "deferred"  # the server said: not now
    REFUSED = "refused"  # the server, or an objection of ours, said: not so
    UNTOUCHED = "untouched"  # certainly not taken: it may be tried again, even at once
    UNCERTAIN = "uncertain"  # its end may have reached the server, and no reply came


class Objection(StrEnum):
    """Why an envelope is refused here, before anything of it is sent."""

    RECIPIENT = "The recipient's address cannot be written in an SMTP command."
    RETURN_PATH = "The return path cannot be written in an SMTP command."
    UTF8 = "The address is not ASCII, and the relay does not offer SMTPUTF8."
    EIGHT_BIT = "The message has 8-bit text, and the relay does not offer 8BITMIME."
    TOO_BIG = "The message is larger than the relay takes."
    BARE_LINE_END = "The message has a bare CR or LF before a dot, where a server may see its end."


class Outcome(NamedTuple):
    """What became of the envelope with this key.

    ``phase`` is where it was decided; an untouched envelope that was never offered, or whose
    offer was void, has ``connect``. Without a reply, ``sentence`` says why.
    """

    key: int
    fate: Fate
    phase: Phase
    reply: Reply | None = None
    sentence: str = ""

    @property
    def told(self) -> str:
        """What was said, or what happened instead."""
        return str(self.reply) if self.reply else self.sentence

    @property
    def answered(self) -> bool:
        """Whether the relay had an answer for it, and did not just hang up."""
        return self.reply is not None and self.reply.code != CLOSING


def objection(envelope: Envelope, offered: Capabilities) -> Objection | None:
    """Why this envelope must not be offered to such a server, or None."""
    if not envelope.recipient or not _writable(envelope.recipient):
        return Objection.RECIPIENT
    if not _writable(envelope.return_path):
        return Objection.RETURN_PATH
    if not offered.utf8 and _needs_utf8(envelope):
        return Objection.UTF8
    return _objection_to_content(envelope, offered)


def mail_command(envelope: Envelope, offered: Capabilities) -> bytes:
    """The MAIL command, with the parameters this message needs and no others."""
    command = b"MAIL FROM:<" + envelope.return_path.encode() + b">"
    if offered.size is not None:
        # As it is sent, but for the stuffing of dots (RFC 1870 5).
        command += b" SIZE=%d" % (len(envelope.content) + len(_missing_end(envelope)))
    if offered.eight_bit and _is_eight_bit(envelope):
        command += b" BODY=8BITMIME"
    if _needs_utf8(envelope):
        command += b" SMTPUTF8"
    return command + b"\r\n"


def rcpt_command(envelope: Envelope) -> bytes:
    """The RCPT command."""
    return b"RCPT TO:<" + envelope.recipient.encode() + b">\r\n"


def content_with_end(envelope: Envelope) -> list[bytes]:
    """The content as it goes on the wire, dot-stuffed and with its end (RFC 5321 4.5.2).

    In pieces, since joining them would copy what is large.
    """
    content = envelope.content
    if envelope.wire_ready:
        return [content, TERMINATOR]
    if b"\r\n." in content:
        content = content.replace(b"\r\n.", b"\r\n..")
    if content.startswith(b"."):
        content = b"." + content
    return [content + _missing_end(envelope), TERMINATOR]


def chunk(envelope: Envelope) -> list[bytes]:
    """The content as the one and last chunk of a transaction, octet for octet (RFC 3030 2)."""
    content, end = envelope.content, _missing_end(envelope)
    command = b"BDAT %d LAST\r\n" % (len(content) + len(end))
    return [command, content, end] if end else [command, content]


def _missing_end(envelope: Envelope) -> bytes:
    if envelope.wire_ready or not envelope.content or envelope.content.endswith(b"\r\n"):
        return b""
    return b"\r\n"


def _objection_to_content(envelope: Envelope, offered: Capabilities) -> Objection | None:
    if offered.size and len(envelope.content) > offered.size:
        return Objection.TOO_BIG
    if not offered.eight_bit and _is_eight_bit(envelope):
        return Objection.EIGHT_BIT
    if not envelope.wire_ready and _could_end_early(envelope.content):
        return Objection.BARE_LINE_END
    return None


def _writable(address: str) -> bool:
    if _UNSAFE.search(address) is not None:
        return False
    try:
        return len(address.encode()) <= _LONGEST_PATH
    except UnicodeEncodeError:  # a lone surrogate
        return False


def _is_eight_bit(envelope: Envelope) -> bool:
    return not envelope.wire_ready and not envelope.content.isascii()


def _needs_utf8(envelope: Envelope) -> bool:
    return not (envelope.recipient.isascii() and envelope.return_path.isascii())


def _could_end_early(content: bytes) -> bool:
    # Lenient servers take "LF . LF" and its relatives for the end of the message, and what follows
    # for commands. Only these are looked for: other bare line ends do no harm on the wire.
    if b"\r." in content:
        return True
    return b"\n." in content and content.count(b"\n.") != content.count(b"\r\n.")
