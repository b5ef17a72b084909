"""One message to one recipient: its SMTP commands, and the outcomes it can have."""

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
    # The composer promises 7-bit text, CRLF only and no line that begins with a dot (quoted-
    # printable writes =2E). That saves four searches of 40 kB, which cost more than sending them.
    wire_ready: bool = False


class Fate(StrEnum):
    """What became of one envelope, as far as the wire can tell."""

    ACCEPTED = "accepted"  # the server has taken responsibility for it
    DEFERRED = "deferred"  # the server gave a 4xx reply
    REFUSED = "refused"  # the server gave a 5xx reply, or we have an objection
    UNTOUCHED = "untouched"  # certainly not accepted: it may be sent again at once
    UNCERTAIN = "uncertain"  # the server may have all of it, and no reply came


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

    ``phase`` is the command that decided it; ``connect`` for an untouched envelope whose commands
    were never sent or do not count. Without a reply, ``sentence`` gives the reason.
    """

    key: int
    fate: Fate
    phase: Phase
    reply: Reply | None = None
    sentence: str = ""

    @property
    def text(self) -> str:
        """The reply, or the sentence that says why there is none."""
        return str(self.reply) if self.reply else self.sentence

    @property
    def answered(self) -> bool:
        """Whether the relay replied to this envelope with anything but 421."""
        return self.reply is not None and self.reply.code != CLOSING


def objection(envelope: Envelope, offered: Capabilities) -> Objection | None:
    """Why this envelope must not be sent to a server that offers this; None if it may."""
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
        # The size as it is sent, without the stuffed dots (RFC 1870 5).
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

    It is given in pieces, because joining them would copy a large content.
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
    # Lenient servers take "LF . LF" and its variants as the end of the message, and the text behind
    # it as commands. Only these are looked for: other bare line ends do no harm in transit.
    if b"\r." in content:
        return True
    return b"\n." in content and content.count(b"\n.") != content.count(b"\r\n.")
