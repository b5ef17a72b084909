"""The server side of one SMTP or LMTP conversation: octets in, replies out, no socket, no clock.

The caller decides which recipients are accepted and what is done with a message. A command ends
with CRLF and a content with CRLF.CRLF, and with nothing else (RFC 5321 2.3.8, 4.1.1.4): so nobody
can smuggle a message past servers that differ about line ends. No reply repeats what the client
sent.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

_LONGEST_LINE: Final = 2048  # octets of one command
_END: Final = b"\r\n.\r\n"
# A route in front of an address is read past (RFC 5321 4.1.1.3, appendix F.2).
_PATH: Final = re.compile(
    rb"(FROM|TO):[ \t]*<(?:@[^<>:\x00-\x20\x7f]*:)?([^<>\x00-\x20\x7f]*)>(.*)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Terms:
    """The name of a server and what it accepts.

    ``accepts`` decides about every recipient. ``largest`` counts octets of one message. After
    ``faults`` refused commands in all, or ``commands`` of any kind without a whole message, the
    client is disconnected. ``lmtp`` makes it RFC 2033.
    """

    name: str
    accepts: Callable[[str], bool]
    largest: int
    recipients: int
    faults: int
    commands: int
    lmtp: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """A whole message as it came, and its envelope; ``sent_from`` is "" for a null return path.

    The reply to it is one line, or under LMTP a line for each recipient in their order.
    """

    sent_from: str
    sent_to: tuple[str, ...]
    octets: bytes


class _Reading(Enum):
    COMMANDS = auto()
    CONTENT = auto()
    DISCARDED = auto()  # a content that cannot be taken; only its end is looked for


class SmtpDialogue:
    """One client. Memory is bounded: one line, or one message of the largest size.

    ``receive`` takes octets from the client; ``next_action`` then gives one action after another
    until there is none: a reply to send, or an Arrival, to which the caller has to reply before it
    goes on. Once ``over`` is true the caller has to close the connection.
    """

    def __init__(self, terms: Terms) -> None:
        self.over = False
        self._terms = terms
        self._buffer = bytearray()
        self._searched = 0
        self._reading = _Reading.COMMANDS
        self._refusal = b""
        self._return_path: str | None = None
        self._recipients: list[str] = []
        self._faults = 0
        self._commands = 0

    @property
    def greeting(self) -> bytes:
        """The 220 line that begins the conversation."""
        protocol = "LMTP" if self._terms.lmtp else "ESMTP"
        return f"220 {self._terms.name} {protocol}\r\n".encode("ascii")

    @property
    def held(self) -> int:
        """How many octets are held in memory."""
        return len(self._buffer)

    def receive(self, data: bytes) -> None:
        """Add octets that the client has sent."""
        self._buffer += data

    def discard(self) -> None:
        """Discard the content that is being received: there is no memory for it now."""
        if self._reading is _Reading.CONTENT:
            self._refusal = b"452 4.3.1 Too much mail at once, try later\r\n"

    def next_action(self) -> bytes | Arrival | None:
        """The next reply or message, or None when more octets are needed first."""
        if self.over:
            return None
        if self._reading is _Reading.COMMANDS:
            return self._next_command()
        return self._next_content()

    def _next_command(self) -> bytes | None:
        end = self._buffer.find(b"\n", 0, _LONGEST_LINE)
        if end < 0:
            if len(self._buffer) < _LONGEST_LINE:
                return None
            self.over = True
            return b"500 5.5.2 Line too long\r\n"
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        reply = self._reply_to(line)
        self._commands += 1
        self._faults += reply.startswith(b"5")
        if self._faults > self._terms.faults:
            self.over = True
            return b"421 4.7.0 Too many errors\r\n"
        if self._commands > self._terms.commands:
            self.over = True
            return b"421 4.7.0 Too many commands and no message\r\n"
        return reply

    def _reply_to(self, line: bytes) -> bytes:
        command_line, ending = line[:-2], line[-2:]
        if ending != b"\r\n" or b"\r" in command_line:
            return b"500 5.5.2 End a command with CRLF\r\n"
        verb, _, argument = command_line.partition(b" ")
        verb = verb.upper()
        if verb == b"MAIL":
            return self._mail(argument)
        if verb == b"RCPT":
            return self._rcpt(argument)
        command = _COMMANDS.get(verb)
        # RFC 2033 4.1: LHLO takes the place of EHLO and HELO, which are refused.
        if command is None or (verb in _GREETINGS and (verb == b"LHLO") is not self._terms.lmtp):
            return b"500 5.5.2 Command not recognised\r\n"
        if verb in _WITHOUT_ARGUMENT and argument.strip():
            return b"501 5.5.4 Nothing goes with this command\r\n"
        return command(self)

    def _ehlo(self) -> bytes:
        self._forget()
        return (
            f"250-{self._terms.name}\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
            f"250-ENHANCEDSTATUSCODES\r\n250 SIZE {self._terms.largest}\r\n"
        ).encode("ascii")

    def _helo(self) -> bytes:
        self._forget()
        return f"250 {self._terms.name}\r\n".encode("ascii")

    def _mail(self, argument: bytes) -> bytes:
        found = _PATH.fullmatch(argument)
        if found is None or found[1].upper() != b"FROM":
            return b"501 5.1.7 Write MAIL FROM:<address>\r\n"
        if self._return_path is not None:
            return b"503 5.5.1 A transaction is open\r\n"
        if refusal := self._refuse_parameters(found[3]):
            return refusal
        self._return_path = found[2].decode("utf-8", "replace")
        return b"250 2.1.0 Ok\r\n"

    def _refuse_parameters(self, text: bytes) -> bytes:
        for parameter in text.upper().split():
            name, _, value = parameter.partition(b"=")
            if name not in {b"SIZE", b"BODY", b"SMTPUTF8"}:
                return b"555 5.5.4 Parameter not known\r\n"
            if name == b"BODY" and value not in {b"7BIT", b"8BITMIME"}:
                return b"501 5.5.4 BODY is 7BIT or 8BITMIME\r\n"
            if name == b"SIZE" and not value.isdigit():
                return b"501 5.5.4 SIZE is a number\r\n"
            if name == b"SIZE" and (len(value) > 12 or int(value) > self._terms.largest):
                return b"552 5.3.4 Message too large\r\n"
        return b""

    def _rcpt(self, argument: bytes) -> bytes:
        found = _PATH.fullmatch(argument)
        if found is None or found[1].upper() != b"TO" or not found[2]:
            return b"501 5.1.3 Write RCPT TO:<address>\r\n"
        if self._return_path is None:
            return b"503 5.5.1 MAIL comes first\r\n"
        if found[3].strip():
            return b"555 5.5.4 Parameter not known\r\n"
        if len(self._recipients) >= self._terms.recipients:
            return b"452 4.5.3 Too many recipients\r\n"
        recipient = found[2].decode("utf-8", "replace")
        if not self._terms.accepts(recipient):
            return b"550 5.1.1 No such mailbox here\r\n"
        self._recipients.append(recipient)
        return b"250 2.1.5 Ok\r\n"

    def _data(self) -> bytes:
        if not self._recipients:
            return b"503 5.5.1 RCPT comes first\r\n"
        self._reading = _Reading.CONTENT
        self._searched = 0
        return b"354 End with a dot on a line of its own\r\n"

    def _rset(self) -> bytes:
        self._forget()
        return b"250 2.0.0 Ok\r\n"

    def _noop(self) -> bytes:
        return b"250 2.0.0 Ok\r\n"

    def _vrfy(self) -> bytes:
        return b"252 2.5.0 Send it, and see\r\n"

    def _quit(self) -> bytes:
        self.over = True
        return b"221 2.0.0 Bye\r\n"

    def _next_content(self) -> bytes | Arrival | None:
        end = self._end_of_content()
        if (len(self._buffer) if end < 0 else end) > self._terms.largest:
            self._refusal = self._refusal or b"552 5.3.4 Message too large\r\n"
        if end < 0:
            if self._refusal:
                self._reading = _Reading.DISCARDED
                del self._buffer[: -len(_END)]
            self._searched = len(self._buffer)
            return None
        content = b"" if self._refusal else bytes(memoryview(self._buffer)[:end])
        del self._buffer[: end + len(b".\r\n")]
        self._reading = _Reading.COMMANDS
        self._commands = 0
        try:
            replies = len(self._recipients) if self._terms.lmtp else 1
            return self._refusal * replies or self._arrival(content)
        finally:
            self._forget()

    def _end_of_content(self) -> int:
        """Where the line with the dot begins, or -1."""
        if self._reading is _Reading.CONTENT and self._buffer.startswith(b".\r\n"):
            return 0
        found = self._buffer.find(_END, max(0, self._searched - len(_END)))
        return found + len(b"\r\n") if found >= 0 else -1

    def _arrival(self, content: bytes) -> Arrival:
        # RFC 5321 4.5.2: a dot goes from where a line begins, whatever follows it.
        if b"\r\n." in content:
            content = content.replace(b"\r\n.", b"\r\n")
        content = content.removeprefix(b".")
        return Arrival(self._return_path or "", tuple(self._recipients), content)

    def _forget(self) -> None:
        self._return_path = None
        self._recipients = []
        self._refusal = b""


_WITHOUT_ARGUMENT: Final = {
    b"DATA",
    b"RSET",
    b"QUIT",
}  # RFC 5321 4.3.2: a parameter is a syntax error
_GREETINGS: Final = {b"EHLO", b"HELO", b"LHLO"}
_COMMANDS: Final[dict[bytes, Callable[[SmtpDialogue], bytes]]] = {
    b"EHLO": SmtpDialogue._ehlo,
    b"LHLO": SmtpDialogue._ehlo,
    b"HELO": SmtpDialogue._helo,
    b"DATA": SmtpDialogue._data,
    b"RSET": SmtpDialogue._rset,
    b"NOOP": SmtpDialogue._noop,
    b"VRFY": SmtpDialogue._vrfy,
    b"QUIT": SmtpDialogue._quit,
}
