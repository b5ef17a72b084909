"""Mail transactions over one open connection, pipelined as RFC 2920 3.1 allows.

In the steady state one write holds ``content n | MAIL n+1 | RCPT n+1 | DATA`` and four replies
answer it, counted and never matched by code: one round trip a message. With CHUNKING (RFC 3030) it
holds ``BDAT content n | MAIL n+1 | RCPT n+1``, three replies. No reply is due before a content has
ended, and those behind it are short, so writing whole before reading cannot deadlock, however large
the content.

Every envelope gets exactly one outcome whatever the wire does. The engine knows no socket: a
``Wire`` tells how many octets may have left, and that alone separates *untouched* (what ends the
content never left) from *uncertain* (it did, and no reply came).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from mailer.delivery.smtp.envelopes import (
    TERMINATOR,
    Envelope,
    Fate,
    Outcome,
    chunk,
    content_with_end,
    mail_command,
    rcpt_command,
)
from mailer.delivery.smtp.lookahead import Supply
from mailer.delivery.smtp.pipelining import Grouping, Misstep
from mailer.delivery.smtp.replies import CLOSING, Capabilities, Lost, Phase, Reply, Silence

_DATA: Final = b"DATA\r\n"
_RSET: Final = b"RSET\r\n"
_PHASES: Final = {
    b"RSET": Phase.MAIL,  # it clears the way for the MAIL behind it
    b"MAIL": Phase.MAIL,
    b"RCPT": Phase.RCPT,
    b"DATA": Phase.DATA,
}
_FATES: Final = {2: Fate.ACCEPTED, 4: Fate.DEFERRED, 5: Fate.REFUSED}
_CONTENT_FIRST: Final = frozenset({Grouping.CHUNKING, Grouping.FULL})
# To BDAT these say that the command was not taken, and nothing about the message behind it.
_COMMAND_FAULTS: Final = frozenset({500, 501, 502, 503, 504})


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

    @property
    def broken(self) -> bool:
        """Whether a write failed: what is still to be heard is near."""

    @property
    def unread(self) -> bool:
        """Whether more has come than was asked for."""

    def write(self, pieces: Sequence[bytes], seconds: float) -> int:
        """Write all, or break; how many octets may have left, to the octet."""

    def read(self, seconds: float) -> Reply:
        """The next reply, or ``Lost``."""


class Exchange:
    """Carries envelopes over a wire until it breaks, closes or has carried as many as it may."""

    def __init__(
        self, wire: Wire, offered: Capabilities, *, grouping: Grouping, timeouts: Timeouts
    ) -> None:
        self.grouping = grouping.within(offered)
        self.ended = ""  # why nothing more can be said on this wire
        self.misstep: Misstep | None = None
        self.carried = 0  # contents answered on this rung
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
        self._lost_count = False  # no telling which of the last replies was for what

    @property
    def usable(self) -> bool:
        """Whether another envelope may be offered."""
        limit = self._offered.mail_max
        return not self.ended and (limit is None or self._begun < limit)

    def end(self, why: str) -> None:
        """Say that this wire is finished; the first reason stays."""
        self.ended = self.ended or why

    def stand_on(self, grouping: Grouping) -> None:
        """Go on from another rung; only between two calls of ``carry``."""
        grouping = grouping.within(self._offered)
        if grouping is not self.grouping:
            self.grouping, self.carried = grouping, 0

    def carry(self, envelopes: Iterable[Envelope]) -> Iterator[Outcome]:
        """Offer each envelope in turn and tell what became of it, as soon as it is known.

        The iterable is asked for the next envelope while the last is on its way, so it runs at
        most two ahead. If it raises, what was taken from it is brought to its outcomes first.
        """
        supply = Supply(envelopes, self._offered)
        ready: Envelope | None = None  # its content is awaited
        midway = True
        try:
            upcoming = supply.next()
            while not self.ended and (ready or (upcoming and self.usable)):
                sending, ready = ready, None
                offering = upcoming if self.usable else None
                content = self._content(sending) if sending else []
                together = offering is not None and self.grouping in _CONTENT_FIRST
                commands = self._commands(offering) if offering else []
                written = self._write([*content, b"".join(commands)] if together else content)
                yield from supply.told()
                if offering:
                    upcoming = supply.next()
                settled: Outcome | None = None  # of what was sent
                outcome: Outcome | None = None  # of what was offered, if it was not granted
                if sending:
                    length = sum(map(len, content))
                    settled = self._settle(sending, length, written, alone=not together)
                if sending and together and self._must_reset:
                    self._disregard(commands)
                    supply.give_back(upcoming)
                    upcoming = offering
                elif offering:
                    outcome = self._offer(offering, commands, written=together)
                    ready = None if outcome else offering
                if settled and self._lost_count and together:
                    settled = settled._replace(fate=Fate.UNCERTAIN, sentence=self.ended)
                supply.tell(settled)
                supply.tell(outcome)
            midway = False
        finally:
            if midway:
                self.end("the connection was left in the middle of a message")
        yield from supply.told()
        yield from self._left_over(upcoming, supply)
        supply.finish()

    def _left_over(self, upcoming: Envelope | None, supply: Supply) -> Iterator[Outcome]:
        why = self.ended or "the relay takes no more messages on this connection"
        while upcoming:
            yield Outcome(upcoming.key, Fate.UNTOUCHED, Phase.CONNECT, sentence=why)
            upcoming = supply.next()
            yield from supply.told()

    def _content(self, envelope: Envelope) -> list[bytes]:
        if self.grouping is Grouping.CHUNKING:
            return chunk(envelope)
        return content_with_end(envelope)

    def _commands(self, envelope: Envelope) -> list[bytes]:
        commands = [mail_command(envelope, self._offered), rcpt_command(envelope)]
        if self._must_reset:
            commands.insert(0, _RSET)
        if self.grouping is not Grouping.CHUNKING:
            commands.append(_DATA)
        return commands

    def _write(self, pieces: Sequence[bytes]) -> int:
        return self._wire.write(pieces, self.timeouts.write) if pieces else 0

    def _read(self, seconds: float) -> Reply:
        return self._wire.read(min(seconds, self.timeouts.drain) if self._wire.broken else seconds)

    def _settle(self, envelope: Envelope, length: int, written: int, *, alone: bool) -> Outcome:
        """What became of a content of which so many octets may have left."""
        chunked = self.grouping is Grouping.CHUNKING
        # A server that saw the dot but not the CRLF behind it has not seen the end; still, nobody
        # is served by trusting that of every server. The end of a chunk is its last octet.
        gone = written > length - (1 if chunked else len(TERMINATOR))
        grouped = chunked or not alone
        try:
            # A broken wire answers at once; a slow one is waited for, since the end is with it.
            wait = self.timeouts.content
            reply = self._wire.read(wait) if gone else self._read(wait)
        except Lost as loss:
            self._break(loss, grouped=grouped)
            lost = Fate.UNCERTAIN if gone else Fate.UNTOUCHED
            return Outcome(envelope.key, lost, Phase.CONTENT, sentence=str(loss))
        if reply.kind == 2 and gone and not self._wire.broken:
            self.carried += 1
            return Outcome(envelope.key, Fate.ACCEPTED, Phase.CONTENT, reply)
        # RFC 3030 2: what a failed chunk leaves behind is indeterminate until a RSET.
        self._must_reset = chunked
        fate = self._fate_of_content(reply, gone=gone, grouped=grouped)
        return Outcome(envelope.key, fate, Phase.CONTENT, reply, self.ended)

    def _fate_of_content(self, reply: Reply, *, gone: bool, grouped: bool) -> Fate:
        """Whatever but a plain acceptance was said to a content."""
        chunked = self.grouping is Grouping.CHUNKING
        if reply.code == CLOSING:
            self.end("the relay closed the connection")
        elif grouped and (reply.out_of_step or (chunked and reply.code in _COMMAND_FAULTS)):
            self._stumble()
            return Fate.UNTOUCHED
        elif self._wire.broken:
            self.end("the connection was lost while the message was being written")
        elif reply.kind in {4, 5}:
            self.carried += 1
        else:
            self._stumble()
        if reply.kind in {4, 5} or (reply.kind == 2 and gone):
            return _FATES[reply.kind]
        return Fate.UNCERTAIN if gone else Fate.UNTOUCHED

    def _disregard(self, commands: list[bytes]) -> None:
        """Hear the answers to an envelope that stood behind a chunk that failed.

        RFC 3030 2 asks for a RSET before anything else is sent, and these were sent already: a
        refusal says nothing about the envelope, and a leave may join it to the failed one.
        """
        self._begun += 1
        for _ in commands:
            if self.ended:
                return
            try:
                if self._read(self.timeouts.rcpt).code == CLOSING:
                    self.end("the relay closed the connection")
            except Lost as loss:
                self._break(loss)
        if not self.ended:
            self._look_around()

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
            against = self._hear(envelope, command, blameless=fault is None)
            granted = against is None
            fault = fault or against
            if self.ended or (fault and single):
                break
        if fault and granted and not self.ended and commands[-1] is _DATA:
            self._send_nothing()
        if not self.ended:
            self._look_around()
        if self.ended and (fault is None or self._lost_count):
            return Outcome(envelope.key, Fate.UNTOUCHED, Phase.DATA, sentence=self.ended)
        # RFC 5321 4.1.4: MAIL is an error while a transaction stands open.
        self._must_reset = fault is not None
        return fault

    def _look_around(self) -> None:
        """Whether this is still a conversation, before a content is trusted to it."""
        if self._wire.broken:
            self.end("the connection was lost")
        elif self._wire.unread:
            # Whoever says more than was asked has lost count; or it is a goodbye.
            try:
                closing = self._read(self.timeouts.probe).code == CLOSING
            except Lost as loss:
                self._break(loss)
                return
            if closing:
                self.end("the relay closed the connection")
            else:
                self._lost_count = True
                self._stumble()

    def _hear(self, envelope: Envelope, command: bytes, *, blameless: bool) -> Outcome | None:
        """The answer to one command of the envelope's: None when it is the wanted one.

        ``blameless``: nothing has been refused yet that would explain a refusal of this.
        """
        phase = _PHASES[command[:4]]
        try:
            reply = self._read(self._seconds[phase])
        except Lost as loss:
            self._break(loss)
            return Outcome(envelope.key, Fate.UNTOUCHED, phase, sentence=str(loss))
        if reply.kind == (3 if phase is Phase.DATA else 2):
            return None
        # A server without LIMITS (RFC 9422) says so only here. Where it is the first thing said on
        # a connection it is taken as any 4xx is: another connection would fare the same.
        if phase is Phase.MAIL and blameless and self._begun > 1 and reply.ends_session:
            self.end("the relay takes no more messages on this connection")
            return Outcome(envelope.key, Fate.UNTOUCHED, Phase.CONNECT, sentence=self.ended)
        about_order = self.grouping is not Grouping.SINGLE and blameless and reply.out_of_step
        if reply.code == CLOSING:
            self.end("the relay closed the connection")
        elif about_order or reply.kind not in {4, 5}:
            # Where DATA is answered like a RCPT, an answer too many came before.
            self._lost_count = reply.kind == 2
            self._stumble()
        elif command is _RSET:
            self.end("the relay would not start afresh")
        if about_order or command is _RSET or reply.kind not in {4, 5}:
            return Outcome(envelope.key, Fate.UNTOUCHED, phase, reply, self.ended)
        return Outcome(envelope.key, _FATES[reply.kind], phase, reply)

    def _send_nothing(self) -> None:
        """A lone dot for a server that wants content for nobody; its reply accepts nothing.

        RFC 2920 3.1 asks for this, and 3.2 forbids the server to deliver it to anyone.
        """
        self._write([TERMINATOR])
        try:
            if self._read(self.timeouts.content).code == CLOSING:
                self.end("the relay closed the connection")
        except Lost as loss:
            self._break(loss, grouped=False)

    def _stumble(self) -> None:
        self._miss(Misstep.OUT_OF_STEP)
        self.end("the relay answered out of step")

    def _break(self, loss: Lost, *, grouped: bool = True) -> None:
        if grouped:
            silent = isinstance(loss, Silence) and not self._wire.broken
            self._miss(Misstep.SILENCE if silent else Misstep.BREAK)
        self.end(str(loss))

    def _miss(self, misstep: Misstep) -> None:
        if self.grouping is not Grouping.SINGLE:
            self.misstep = self.misstep or misstep
