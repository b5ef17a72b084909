"""Mail transactions over one open connection, pipelined as RFC 2920 3.1 allows.

In the steady state one write holds ``content n | MAIL n+1 | RCPT n+1 | DATA`` and four replies
answer it, which costs one round trip a message. With CHUNKING (RFC 3030) the write holds
``BDAT content n | MAIL n+1 | RCPT n+1`` and three replies answer it. Replies are matched to
commands by their order, never by their code. A server has nothing to reply before a content ends,
and the replies behind it are short, so writing everything before reading cannot deadlock.

Every envelope gets exactly one outcome. The exchange knows no socket: its ``Wire`` says how many
octets may have left. That alone separates *untouched* (the end of the content did not leave) from
*uncertain* (the end may have left, and no reply came).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

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
from mailer.delivery.smtp.lookahead import Lookahead
from mailer.delivery.smtp.pipelining import Grouping, GroupingFault
from mailer.delivery.smtp.replies import CLOSING, Capabilities, Lost, Phase, Reply, Silence
from mailer.delivery.smtp.wire import Timeouts, Wire

_DATA: Final = b"DATA\r\n"
_RSET: Final = b"RSET\r\n"
_PHASES: Final = {
    b"RSET": Phase.MAIL,  # it precedes the MAIL of the same group
    b"MAIL": Phase.MAIL,
    b"RCPT": Phase.RCPT,
    b"DATA": Phase.DATA,
}
_FATES: Final = {2: Fate.ACCEPTED, 4: Fate.DEFERRED, 5: Fate.REFUSED}
_CONTENT_FIRST: Final = frozenset({Grouping.CHUNKING, Grouping.FULL})
# In reply to BDAT these codes reject the command itself and say nothing about the message.
_COMMAND_FAULTS: Final = frozenset({500, 501, 502, 503, 504})


class SmtpExchange:
    """Sends envelopes over a wire until it breaks, closes or reaches the relay's limit."""

    def __init__(
        self, wire: Wire, offered: Capabilities, *, grouping: Grouping, timeouts: Timeouts
    ) -> None:
        self.grouping = grouping.within(offered)
        self.ended = ""  # why nothing more can be sent; empty while it is open
        self.grouping_fault: GroupingFault | None = None
        self.carried = 0  # contents answered in the current mode
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
        self._lost_count = False  # replies can no longer be matched to commands

    @property
    def usable(self) -> bool:
        """Whether another envelope may be offered."""
        limit = self._offered.mail_max
        return not self.ended and (limit is None or self._begun < limit)

    def end(self, why: str) -> None:
        """Use this wire no more; the first reason given is kept."""
        self.ended = self.ended or why

    def use(self, grouping: Grouping) -> None:
        """Change the pipelining mode; allowed only between two calls of ``carry``."""
        grouping = grouping.within(self._offered)
        if grouping is not self.grouping:
            self.grouping, self.carried = grouping, 0

    def carry(self, envelopes: Iterable[Envelope]) -> Iterator[Outcome]:
        """Send each envelope in turn; yields one outcome for each, as soon as it is known.

        The iterable is asked for the next envelope while the last one is being sent, so it is read
        at most two ahead. If it raises, the outcomes of what was taken from it are yielded first.
        """
        lookahead = Lookahead(envelopes, self._offered)
        ready: Envelope | None = None  # its MAIL, RCPT and DATA were accepted
        midway = True
        try:
            upcoming = lookahead.next()
            while not self.ended and (ready or (upcoming and self.usable)):
                sending, ready = ready, None
                offering = upcoming if self.usable else None
                content = self._content(sending) if sending else []
                together = offering is not None and self.grouping in _CONTENT_FIRST
                commands = self._commands(offering) if offering else []
                written = self._write([*content, b"".join(commands)] if together else content)
                yield from lookahead.known()
                if offering:
                    upcoming = lookahead.next()
                settled: Outcome | None = None  # of the content that was sent
                outcome: Outcome | None = None  # of the envelope that was offered, unless accepted
                if sending:
                    length = sum(map(len, content))
                    settled = self._settle(sending, length, written, alone=not together)
                if sending and together and self._must_reset:
                    self._discard_replies(commands)
                    lookahead.give_back(upcoming)
                    upcoming = offering
                elif offering:
                    outcome = self._offer(offering, commands, written=together)
                    ready = None if outcome else offering
                if settled and self._lost_count and together:
                    settled = settled._replace(fate=Fate.UNCERTAIN, sentence=self.ended)
                lookahead.keep(settled)
                lookahead.keep(outcome)
            midway = False
        finally:
            if midway:
                self.end("the connection was left in the middle of a message")
        yield from lookahead.known()
        yield from self._left_over(upcoming, lookahead)
        lookahead.finish()

    def _left_over(self, upcoming: Envelope | None, lookahead: Lookahead) -> Iterator[Outcome]:
        why = self.ended or "the relay takes no more messages on this connection"
        while upcoming:
            yield Outcome(upcoming.key, Fate.UNTOUCHED, Phase.CONNECT, sentence=why)
            upcoming = lookahead.next()
            yield from lookahead.known()

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
        """The outcome of a content of ``length`` octets; ``written`` octets may have left."""
        chunked = self.grouping is Grouping.CHUNKING
        # A server that got the dot without its CRLF has not seen the end, but not every server can
        # be trusted with that: the dot counts as the end. The end of a chunk is its last octet.
        gone = written > length - (1 if chunked else len(TERMINATOR))
        grouped = chunked or not alone
        try:
            # The relay may have the whole content, so a slow reply is waited for.
            wait = self.timeouts.content
            reply = self._wire.read(wait) if gone else self._read(wait)
        except Lost as loss:
            self._end_lost(loss, grouped=grouped)
            lost = Fate.UNCERTAIN if gone else Fate.UNTOUCHED
            return Outcome(envelope.key, lost, Phase.CONTENT, sentence=str(loss))
        if reply.kind == 2 and gone and not self._wire.broken:
            self.carried += 1
            return Outcome(envelope.key, Fate.ACCEPTED, Phase.CONTENT, reply)
        # RFC 3030 2: after a failed chunk the transaction is indeterminate until a RSET.
        self._must_reset = chunked
        fate = self._fate_of_content(reply, gone=gone, grouped=grouped)
        return Outcome(envelope.key, fate, Phase.CONTENT, reply, self.ended)

    def _fate_of_content(self, reply: Reply, *, gone: bool, grouped: bool) -> Fate:
        """The fate of a content whose reply was anything but a plain acceptance."""
        chunked = self.grouping is Grouping.CHUNKING
        if reply.code == CLOSING:
            self.end("the relay closed the connection")
        elif grouped and (reply.out_of_step or (chunked and reply.code in _COMMAND_FAULTS)):
            self._end_out_of_step()
            return Fate.UNTOUCHED
        elif self._wire.broken:
            self.end("the connection was lost while the message was being written")
        elif reply.kind in {4, 5}:
            self.carried += 1
        else:
            self._end_out_of_step()
        if reply.kind in {4, 5} or (reply.kind == 2 and gone):
            return _FATES[reply.kind]
        return Fate.UNCERTAIN if gone else Fate.UNTOUCHED

    def _discard_replies(self, commands: list[bytes]) -> None:
        """Read and ignore the replies to an envelope that was sent behind a failed chunk.

        RFC 3030 2 demands a RSET before any other command, and these commands have already been
        sent. So a refusal says nothing about this envelope, and an acceptance may add its recipient
        to the failed transaction.
        """
        self._begun += 1
        for _ in commands:
            if self.ended:
                return
            try:
                if self._read(self.timeouts.rcpt).code == CLOSING:
                    self.end("the relay closed the connection")
            except Lost as loss:
                self._end_lost(loss)
        if not self.ended:
            self._check_in_step()

    def _offer(self, envelope: Envelope, commands: list[bytes], *, written: bool) -> Outcome | None:
        """Send the commands before a content; None when all were accepted.

        The reply to every written command is read, also after a command was refused.
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
            refusal = self._read_answer(envelope, command, unexplained=fault is None)
            granted = refusal is None
            fault = fault or refusal
            if self.ended or (fault and single):
                break
        if fault and granted and not self.ended and commands[-1] is _DATA:
            self._send_empty_content()
        if not self.ended:
            self._check_in_step()
        if self.ended and (fault is None or self._lost_count):
            return Outcome(envelope.key, Fate.UNTOUCHED, Phase.DATA, sentence=self.ended)
        # RFC 5321 4.1.4: MAIL is an error while a transaction stands open.
        self._must_reset = fault is not None
        return fault

    def _check_in_step(self) -> None:
        """End the exchange if the relay has closed, or has sent a reply to no command."""
        if self._wire.broken:
            self.end("the connection was lost")
        elif self._wire.unread:
            # An extra reply: a 421 that announces the close, or the replies are out of step.
            try:
                closing = self._read(self.timeouts.probe).code == CLOSING
            except Lost as loss:
                self._end_lost(loss)
                return
            if closing:
                self.end("the relay closed the connection")
            else:
                self._lost_count = True
                self._end_out_of_step()

    def _read_answer(
        self, envelope: Envelope, command: bytes, *, unexplained: bool
    ) -> Outcome | None:
        """Read the reply to one command of the envelope; None when it is accepted.

        ``unexplained`` says that no earlier refusal in the group would explain a refusal here.
        """
        phase = _PHASES[command[:4]]
        try:
            reply = self._read(self._seconds[phase])
        except Lost as loss:
            self._end_lost(loss)
            return Outcome(envelope.key, Fate.UNTOUCHED, phase, sentence=str(loss))
        if reply.kind == (3 if phase is Phase.DATA else 2):
            return None
        # A server without LIMITS (RFC 9422) announces its limit only here. Said to the first MAIL
        # of a connection it is an ordinary 4xx: on another connection it would be said again.
        if phase is Phase.MAIL and unexplained and self._begun > 1 and reply.ends_session:
            self.end("the relay takes no more messages on this connection")
            return Outcome(envelope.key, Fate.UNTOUCHED, Phase.CONNECT, sentence=self.ended)
        about_order = self.grouping is not Grouping.SINGLE and unexplained and reply.out_of_step
        if reply.code == CLOSING:
            self.end("the relay closed the connection")
        elif about_order or reply.kind not in {4, 5}:
            # A 2xx to DATA is the reply to RCPT: one reply too many came before it.
            self._lost_count = reply.kind == 2
            self._end_out_of_step()
        elif command is _RSET:
            self.end("the relay would not start afresh")
        if about_order or command is _RSET or reply.kind not in {4, 5}:
            return Outcome(envelope.key, Fate.UNTOUCHED, phase, reply, self.ended)
        return Outcome(envelope.key, _FATES[reply.kind], phase, reply)

    def _send_empty_content(self) -> None:
        """Send a lone dot to a server that accepted DATA although it refused the recipient.

        RFC 2920 3.1 demands this, and 3.2 forbids the server to deliver it to anyone.
        """
        self._write([TERMINATOR])
        try:
            if self._read(self.timeouts.content).code == CLOSING:
                self.end("the relay closed the connection")
        except Lost as loss:
            self._end_lost(loss, grouped=False)

    def _end_out_of_step(self) -> None:
        self._blame_grouping(GroupingFault.OUT_OF_STEP)
        self.end("the relay answered out of step")

    def _end_lost(self, loss: Lost, *, grouped: bool = True) -> None:
        if grouped:
            silent = isinstance(loss, Silence) and not self._wire.broken
            self._blame_grouping(GroupingFault.SILENCE if silent else GroupingFault.BREAK)
        self.end(str(loss))

    def _blame_grouping(self, fault: GroupingFault) -> None:
        if self.grouping is not Grouping.SINGLE:
            self.grouping_fault = self.grouping_fault or fault
