"""Mail transactions over one open connection, pipelined as RFC 2920 3.1 allows.

In the steady state one write holds ``content n | MAIL n+1 | RCPT n+1 | DATA`` and four replies
answer it, counted and never matched by code: one round trip a message. No reply is due before a
content has ended, and those behind it are short, so writing whole before reading cannot deadlock,
however large the content.

Every envelope gets exactly one outcome whatever the wire does. The engine knows no socket: a
``Wire`` tells how many octets may have left, and that alone separates *untouched* (the dot that
ends the content never left) from *uncertain* (it did, and no reply came).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from mailer.delivery.envelopes import (
    TERMINATOR,
    Envelope,
    Fate,
    Outcome,
    content_with_end,
    mail_command,
    objection,
    rcpt_command,
)
from mailer.delivery.replies import Capabilities, Lost, Phase, Reply

_DATA: Final = b"DATA\r\n"
_RSET: Final = b"RSET\r\n"
_PHASES: Final = {
    b"RSET": Phase.MAIL,  # it clears the way for the MAIL behind it
    b"MAIL": Phase.MAIL,
    b"RCPT": Phase.RCPT,
    b"DATA": Phase.DATA,
}
_CLOSING: Final = 421
_FATES: Final = {2: Fate.ACCEPTED, 4: Fate.DEFERRED, 5: Fate.REFUSED}


class Grouping(StrEnum):
    """How much goes into one write: the rungs of a ladder, best first.

    ``full`` needs PIPELINING and a server that keeps RFC 2920 to the letter; ``envelope`` keeps the
    content apart; ``single`` sends one command at a time.
    """

    FULL = "full"
    ENVELOPE = "envelope"
    SINGLE = "single"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait, a command at a time, never a transaction (RFC 5321 4.5.3.2).

    Only the answer to a content has the RFC's full ten minutes: giving up earlier makes doubles.
    ``drain`` is how long a connection that failed while writing is heard out.
    """

    connect: float = 30
    greeting: float = 60
    ehlo: float = 60
    starttls: float = 60
    auth: float = 60
    mail: float = 120
    rcpt: float = 120
    data: float = 120
    write: float = 180
    content: float = 600
    drain: float = 2
    quit: float = 2
    probe_after: float = 5  # idle for so long, a connection is asked whether it still lives
    probe: float = 5


class Wire(Protocol):
    """An open connection. Neither method raises anything but ``Lost``."""

    def write(self, pieces: Sequence[bytes], seconds: float) -> int:
        """Write all; fewer octets than given, when it fails, are those that may have left."""

    def read(self, seconds: float) -> Reply:
        """The next reply, or ``Lost``."""


class Exchange:
    """Carries envelopes over a wire until it breaks, closes or has carried as many as it may."""

    def __init__(
        self, wire: Wire, offered: Capabilities, *, grouping: Grouping, timeouts: Timeouts
    ) -> None:
        self.grouping = grouping if offered.pipelining else Grouping.SINGLE
        self.ended = ""  # why nothing more can be said on this wire
        self.broke_in_group = False
        self._wire = wire
        self._offered = offered
        self.timeouts = timeouts
        self._seconds = {
            Phase.MAIL: timeouts.mail,
            Phase.RCPT: timeouts.rcpt,
            Phase.DATA: timeouts.data,
        }
        self._begun = 0
        self._must_reset = False
        self._unwritten = False  # a write failed: what is still to be heard is near

    @property
    def usable(self) -> bool:
        """Whether another envelope may be offered."""
        limit = self._offered.mail_max
        return not self.ended and (limit is None or self._begun < limit)

    def end(self, why: str) -> None:
        """Say that this wire is finished; the first reason stays."""
        self.ended = self.ended or why

    def carry(self, envelopes: Iterable[Envelope]) -> Iterator[Outcome]:
        """Offer each envelope in turn and tell what became of it, as soon as it is known.

        The iterable is asked for the next envelope while the last is on its way, so it runs at
        most two ahead. If it raises, what was taken from it is brought to its outcomes first.
        """
        supply = _Supply(envelopes, self._offered)
        ready: Envelope | None = None  # its DATA was answered 354
        midway = True
        try:
            upcoming = supply.next()
            while not self.ended and (ready or (upcoming and self.usable)):
                sending, ready = ready, None
                offering = upcoming if self.usable else None
                content = content_with_end(sending) if sending else []
                together = offering is not None and self.grouping is Grouping.FULL
                commands = self._commands(offering) if offering else []
                written = self._write([*content, b"".join(commands)] if together else content)
                yield from supply.told()
                if offering:
                    upcoming = supply.next()
                if sending:
                    supply.tell(self._settle(sending, sum(map(len, content)), written))
                if offering:
                    outcome = self._offer(offering, commands, written=together)
                    ready = None if outcome else offering
                    supply.tell(outcome)
            midway = False
        finally:
            if midway:
                self.end("the connection was left in the middle of a message")
        yield from supply.told()
        why = self.ended or "the relay takes no more messages on this connection"
        while upcoming:
            yield Outcome(upcoming.key, Fate.UNTOUCHED, Phase.CONNECT, sentence=why)
            upcoming = supply.next()
            yield from supply.told()
        supply.finish()

    def _commands(self, envelope: Envelope) -> list[bytes]:
        reset = [_RSET] if self._must_reset else []
        return [*reset, mail_command(envelope, self._offered), rcpt_command(envelope), _DATA]

    def _write(self, pieces: Sequence[bytes]) -> int:
        written = self._wire.write(pieces, self.timeouts.write) if pieces else 0
        self._unwritten = self._unwritten or written < sum(map(len, pieces))
        return written

    def _read(self, seconds: float) -> Reply:
        return self._wire.read(min(seconds, self.timeouts.drain) if self._unwritten else seconds)

    def _settle(self, envelope: Envelope, length: int, written: int) -> Outcome:
        """What became of a content of which so many octets may have left."""
        # A server that saw the dot but not the CRLF behind it has not seen the end; still, nobody
        # is served by trusting that of every server.
        gone = written > length - len(TERMINATOR)
        lost = Fate.UNCERTAIN if gone else Fate.UNTOUCHED
        try:
            # A broken wire answers at once; a slow one is waited for, since the end is with it.
            wait = self.timeouts.content
            reply = self._wire.read(wait) if gone else self._read(wait)
        except Lost as loss:
            self._break(str(loss))
            return Outcome(envelope.key, lost, Phase.CONTENT, sentence=str(loss))
        if reply.code == _CLOSING:
            self.end("the relay closed the connection")
        if not gone:
            self.end("the connection was lost while the message was being written")
            lost = Fate.UNTOUCHED if reply.kind not in {4, 5} else _FATES[reply.kind]
            return Outcome(envelope.key, lost, Phase.CONTENT, reply, self.ended)
        fate = _FATES.get(reply.kind)
        if fate is None:
            self._break("the relay answered out of step")
            return Outcome(envelope.key, lost, Phase.CONTENT, reply, self.ended)
        return Outcome(envelope.key, fate, Phase.CONTENT, reply)

    def _offer(self, envelope: Envelope, commands: list[bytes], *, written: bool) -> Outcome | None:
        """Ask for leave to send one content: None when it was given.

        Every command that was written has its reply read, whatever the ones before it said.
        """
        if self.ended:
            return Outcome(envelope.key, Fate.UNTOUCHED, Phase.MAIL, sentence=self.ended)
        self._begun += 1
        single = self.grouping is Grouping.SINGLE
        if not written and not single:
            self._write(commands)
        fault: Outcome | None = None
        granted = False
        for command in commands:
            if single:
                self._write([command])
            against = self._hear(envelope, command)
            granted = against is None
            fault = fault or against
            if self.ended or (fault and single):
                break
        if fault and granted and not self.ended:
            self._send_nothing()
        if fault is None and self._unwritten:
            self.end("the connection was lost")
            return Outcome(envelope.key, Fate.UNTOUCHED, Phase.DATA, sentence=self.ended)
        # RFC 5321 4.1.4: MAIL is an error while a transaction stands open.
        self._must_reset = fault is not None
        return fault

    def _hear(self, envelope: Envelope, command: bytes) -> Outcome | None:
        """The answer to one command of the envelope's: None when it is the wanted one."""
        phase = _PHASES[command[:4]]
        try:
            reply = self._read(self._seconds[phase])
        except Lost as loss:
            self._break(str(loss))
            return Outcome(envelope.key, Fate.UNTOUCHED, phase, sentence=str(loss))
        if reply.kind == (3 if phase is Phase.DATA else 2):
            return None
        if reply.code == _CLOSING:
            self.end("the relay closed the connection")
        elif command == _RSET:
            self.end("the relay would not start afresh")
        elif reply.kind not in {4, 5}:
            self._break("the relay answered out of step")
        if command == _RSET or reply.kind not in {4, 5}:
            return Outcome(envelope.key, Fate.UNTOUCHED, phase, reply, self.ended)
        return Outcome(envelope.key, _FATES[reply.kind], phase, reply)

    def _send_nothing(self) -> None:
        """A lone dot for a server that wants content for nobody; its reply accepts nothing.

        RFC 2920 3.1 asks for this, and 3.2 forbids the server to deliver it to anyone.
        """
        self._write([TERMINATOR])
        try:
            if self._read(self.timeouts.content).code == _CLOSING:
                self.end("the relay closed the connection")
        except Lost as loss:
            self._break(str(loss))

    def _break(self, why: str) -> None:
        self.broke_in_group = self.broke_in_group or self.grouping is not Grouping.SINGLE
        self.end(why)


class _Supply:
    """Hands envelopes out one at a time and keeps what is known but not yet told.

    An envelope that must not be offered becomes an outcome here, and the next one is taken.
    """

    def __init__(self, envelopes: Iterable[Envelope], offered: Capabilities) -> None:
        self._envelopes = iter(envelopes)
        self._offered = offered
        self._known: list[Outcome] = []
        self._fault: Exception | None = None
        self._exhausted = False

    def next(self) -> Envelope | None:
        """The next envelope that may be offered; None at the end, and for good."""
        if self._exhausted:
            return None
        try:
            for envelope in self._envelopes:
                against = objection(envelope, self._offered)
                if against is None:
                    return envelope
                self._known.append(
                    Outcome(envelope.key, Fate.REFUSED, Phase.MAIL, sentence=str(against))
                )
        except Exception as fault:  # Told in finish(), after the outcomes.
            self._fault = fault
        self._exhausted = True
        return None

    def tell(self, outcome: Outcome | None) -> None:
        """Keep an outcome until the next write has left."""
        if outcome:
            self._known.append(outcome)

    def told(self) -> list[Outcome]:
        """What has become known since it was last asked."""
        known, self._known = self._known, []
        return known

    def finish(self) -> None:
        """Raise what the iterable raised."""
        if self._fault:
            raise self._fault
