"""The SMTP client: one blocking connection to one relay, for one thread at a time.

It knows no database and no queue. Envelopes go in and exactly one outcome for each comes out; a
fault on the wire is an outcome and never an exception.
"""

import re
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Final, Self

from mailer.delivery.smtp.envelopes import Envelope, Fate, Objection, Outcome
from mailer.delivery.smtp.exchange import SmtpExchange
from mailer.delivery.smtp.handshake import Handshake, RelayRefused, RelayUnavailable
from mailer.delivery.smtp.peer import PeerInfo
from mailer.delivery.smtp.pipelining import Grouping, GroupingFault
from mailer.delivery.smtp.replies import (
    Capabilities,
    Lost,
    Phase,
    Reply,
)
from mailer.delivery.smtp.socket_wire import SocketWire, connect
from mailer.delivery.smtp.wire import Timeouts
from mailer.errors import SettingsError
from mailer.settings.relay_address import RelayAddress, TlsMode

__all__ = [
    "Capabilities",
    "Connection",
    "Envelope",
    "Fate",
    "Grouping",
    "GroupingFault",
    "Objection",
    "Outcome",
    "Phase",
    "RelayAddress",
    "RelayRefused",
    "RelayUnavailable",
    "Reply",
    "Timeouts",
    "TlsMode",
]

_HELLO_NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Za-z:.]+\]")


class Connection:
    """An open, greeted and signed-in session with a relay, used for many messages."""

    def __init__(
        self,
        wire: SocketWire,
        offered: Capabilities,
        exchange: SmtpExchange,
        *,
        round_trip: float,
    ) -> None:
        self.capabilities = offered
        self.round_trip = round_trip  # seconds between the EHLO and its reply
        self._wire = wire
        self._exchange = exchange
        self._timeouts = exchange.timeouts

    @classmethod
    def open(
        cls,
        address: RelayAddress,
        *,
        hello_name: str,
        timeouts: Timeouts | None = None,
        grouping: Grouping = Grouping.CHUNKING,
        known: PeerInfo | None = None,
    ) -> "Connection":
        """Connect, send EHLO, start TLS and sign in, as far as the address asks for it.

        ``grouping`` is the fastest pipelining mode to use; the EHLO may allow only a slower one.
        ``known`` is filled in during the handshake, also when that fails. Raises
        ``RelayUnavailable`` or ``RelayRefused``.
        """
        if not _HELLO_NAME.fullmatch(hello_name):
            raise SettingsError(f"{hello_name!r} is not a host name to greet a relay with.")
        timeouts = timeouts or Timeouts()
        known = known or PeerInfo()
        wire = connect(address, timeouts)
        try:
            offered = Handshake(wire, address, hello_name, timeouts, known).run()
        except BaseException:  # whatever ended it, the socket must be closed
            wire.close()
            raise
        exchange = SmtpExchange(wire, offered, grouping=grouping, timeouts=timeouts)
        return cls(wire, offered, exchange, round_trip=known.round_trip)

    @property
    def usable(self) -> bool:
        """Whether another message may be sent on this connection, as far as is known."""
        return self._exchange.usable

    @property
    def grouping(self) -> Grouping:
        """The pipelining mode in use."""
        return self._exchange.grouping

    def use(self, grouping: Grouping) -> None:
        """Send in this mode from now on, or the fastest one offered; never during ``send``."""
        self._exchange.use(grouping)

    @property
    def grouping_fault(self) -> GroupingFault | None:
        """How the connection ended, if grouped commands may be the reason."""
        return self._exchange.grouping_fault

    @property
    def carried(self) -> int:
        """How many contents the relay has answered in this mode."""
        return self._exchange.carried

    def send(self, envelopes: Iterable[Envelope]) -> Iterator[Outcome]:
        """Send envelopes; yields exactly one outcome for each, as soon as it is known.

        When the connection ends, the envelopes that were not sent come back as untouched. The
        iterable is read at most two envelopes ahead of the outcomes. It may end early when
        ``usable`` is false. It should not wait long for an envelope, because the content before
        leaves in the same write. The caller must exhaust the iterator: leaving it earlier ends the
        connection, and the outcomes of what was being sent stay unknown.
        """
        if self.usable and not self.alive():
            self._exchange.end("the relay had closed the idle connection")
        return self._exchange.carry(envelopes)

    def alive(self) -> bool:
        """Whether the relay still answers; asks with NOOP only after an idle time.

        A relay may close an idle connection at any time. Noticed here, it makes no message
        uncertain.
        """
        if self._wire.unasked():
            return False
        if time.monotonic() - self._wire.last_read < self._timeouts.probe_after:
            return True
        return self.noop()

    def noop(self) -> bool:
        """Whether the relay answers a NOOP; if not, this connection has ended."""
        reply = self._command(b"NOOP\r\n", self._timeouts.probe)
        if reply is None or reply.kind != 2:
            self._exchange.end("the relay had closed the idle connection")
            return False
        return True

    def close(self) -> None:
        """Send QUIT, wait briefly for its reply, and close the socket; never raises."""
        if not self._exchange.ended:
            self._exchange.end("the connection was closed")
            self._command(b"QUIT\r\n", self._timeouts.quit)
        self._wire.close()

    def _command(self, line: bytes, seconds: float) -> Reply | None:
        try:
            self._wire.write([line], seconds)
            return self._wire.read(seconds)
        except Lost:
            return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
