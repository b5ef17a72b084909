"""The SMTP client: one blocking connection to one relay, for one thread at a time.

The only door to sockets and TLS. It knows no database and no queue: envelopes go in, exactly one
outcome for each comes out, and a fault on the wire is an outcome, never an exception.
"""

import re
import socket
import ssl
import struct
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from types import TracebackType
from typing import Final, Self

from mailer.delivery.smtp.envelopes import Envelope, Fate, Objection, Outcome
from mailer.delivery.smtp.exchange import Exchange, Timeouts
from mailer.delivery.smtp.handshake import Introduction, RelayRefused, RelayUnavailable
from mailer.delivery.smtp.peer import Acquaintance, Protection
from mailer.delivery.smtp.pipelining import Grouping, Misstep
from mailer.delivery.smtp.replies import (
    Capabilities,
    Lost,
    Phase,
    Reply,
    ReplyBuffer,
    Silence,
    reply_of,
)
from mailer.errors import SettingsError
from mailer.settings.relay_address import RelayAddress, TlsMode

__all__ = [
    "Capabilities",
    "Connection",
    "Envelope",
    "Fate",
    "Grouping",
    "Misstep",
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

_CHUNK: Final = 65536
_TLS_CHUNK: Final = 16384  # one TLS record: a write that fails leaves at most one in doubt
_HELLO_NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Za-z:.]+\]")
_TIMED_OUT: Final = "timed out"
_CONNECTION_LOST: Final = "connection lost"


class Connection:
    """An open, greeted and signed-in session with a relay, good for many messages."""

    def __init__(
        self,
        wire: "_SocketWire",
        offered: Capabilities,
        exchange: Exchange,
        *,
        round_trip: float,
    ) -> None:
        self.capabilities = offered
        self.round_trip = round_trip  # seconds between a command and its answer, at the start
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
        known: Acquaintance | None = None,
    ) -> "Connection":
        """Connect, greet, turn to TLS and sign in, as far as the address asks for it.

        ``grouping`` is the best rung of pipelining to use; the server's EHLO may allow only a lower
        one. ``known`` is filled in with what the relay shows, however far that goes. Raises
        ``RelayUnavailable`` or ``RelayRefused``.
        """
        if not _HELLO_NAME.fullmatch(hello_name):
            raise SettingsError(f"{hello_name!r} is not a host name to greet a relay with.")
        timeouts = timeouts or Timeouts()
        known = known or Acquaintance()
        wire = _connected(address, timeouts)
        try:
            offered = Introduction(wire, address, hello_name, timeouts, known).conclude()
        except BaseException:  # however it ended, the socket is closed
            wire.close()
            raise
        exchange = Exchange(wire, offered, grouping=grouping, timeouts=timeouts)
        return cls(wire, offered, exchange, round_trip=known.round_trip)

    @property
    def usable(self) -> bool:
        """Whether this connection may carry another message, as far as is known."""
        return self._exchange.usable

    @property
    def grouping(self) -> Grouping:
        """The rung of pipelining in use."""
        return self._exchange.grouping

    def stand_on(self, grouping: Grouping) -> None:
        """Use this rung from now on, as far as it is offered; not while something is being sent."""
        self._exchange.stand_on(grouping)

    @property
    def misstep(self) -> Misstep | None:
        """What ended it, where the grouping of commands may be at fault."""
        return self._exchange.misstep

    @property
    def carried(self) -> int:
        """How many contents were answered on this rung."""
        return self._exchange.carried

    def send(self, envelopes: Iterable[Envelope]) -> Iterator[Outcome]:
        """Carry envelopes; exactly one outcome for each, as soon as it is known.

        Whatever happens on the wire is an outcome; when the connection ends, the rest come back
        untouched. The iterable is consumed lazily, at most two ahead of the outcomes; it may watch
        ``usable`` and stop early, and should not keep an envelope waiting for long, since the
        content before it leaves together with it. Exhaust the iterator: leaving it midway ends
        the connection, and what was on its way stays unknown.
        """
        if self.usable and not self.alive():
            self._exchange.end("the relay had closed the idle connection")
        return self._exchange.carry(envelopes)

    def alive(self) -> bool:
        """Whether the relay still listens. Asks only when the connection has been idle.

        A relay may close an idle connection at any time; found here, that costs no message its
        certainty.
        """
        if self._wire.unasked():
            return False
        if time.monotonic() - self._wire.last_read < self._timeouts.probe_after:
            return True
        return self.noop()

    def noop(self) -> bool:
        """Ask the relay for a sign of life."""
        reply = self._command(b"NOOP\r\n", self._timeouts.probe)
        if reply is None or reply.kind != 2:
            self._exchange.end("the relay had closed the idle connection")
            return False
        return True

    def close(self) -> None:
        """Say goodbye, briefly, and hang up; never raises."""
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


class _SocketWire:
    """Octets over a socket, counted on the way out and cut into replies on the way in."""

    def __init__(self, plain: socket.socket) -> None:
        self._socket = plain
        self._secured = False
        self._replies = ReplyBuffer()
        self.broken = False
        self._read_timeout = self._write_timeout = -1.0
        self._socket.settimeout(None)
        self.last_read = time.monotonic()

    def write(self, pieces: Sequence[bytes], seconds: float) -> int:
        """Write all, or break; how many octets may have left: exactly, save for a TLS record."""
        if self._secured:
            return self._write(b"".join(pieces), seconds, _TLS_CHUNK)
        # The kernel gathers the pieces: nothing large is copied here.
        size = sum(map(len, pieces))
        try:
            self._wait_to_write(seconds)
            gone = self._socket.sendmsg(pieces)
        except OSError:
            self.broken = True
            return 0
        if gone == size:
            return size
        return gone + self._write(b"".join(pieces)[gone:], seconds, size)

    def _write(self, octets: bytes, seconds: float, chunk: int) -> int:
        size, gone = len(octets), 0
        view = memoryview(octets)
        while gone < size:
            piece = view[gone : gone + chunk]
            try:
                self._wait_to_write(seconds)
                gone += self._socket.send(piece)
            except OSError:  # a timeout and every TLS error are among them
                self.broken = True
                # Some of a record may have left, and whoever sees its end sees the whole.
                return gone + len(piece) if self._secured else gone
        return gone

    def read(self, seconds: float) -> Reply:
        """The next reply, or ``Lost``; the time is for the whole reply."""
        begun = time.monotonic()
        if not self._replies:
            self._receive(seconds)
        if reply := self._replies.take_short():
            return reply
        code, lines = self.read_lines(begun + seconds - time.monotonic())
        return reply_of(code, lines)

    def read_lines(self, seconds: float) -> tuple[int, list[bytes]]:
        """The next reply's code and lines."""
        begun, left = time.monotonic(), seconds
        while (taken := self._replies.take()) is None:
            self._receive(left)
            left = begun + seconds - self.last_read
        return taken

    @property
    def unread(self) -> bool:
        """Whether more has come than was asked for."""
        return bool(self._replies)

    def unasked(self) -> bool:
        """Whether something came that nobody asked for: an end, or a goodbye."""
        self._socket.settimeout(0)
        try:
            self._replies.feed(self._socket.recv(_CHUNK) or b"\n")
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        except OSError:
            return True
        finally:
            self._socket.settimeout(None)
            self._read_timeout = self._write_timeout = -1.0
        return bool(self._replies)

    def secure(self, address: RelayAddress, seconds: float) -> None:
        """Turn to TLS, or raise ``RelayRefused`` or ``RelayUnavailable``.

        What stood behind the 220 was not said under TLS, and must not be taken as if it had been.
        """
        place, phase = f"The relay {address}", Phase.STARTTLS
        if self._replies:
            raise RelayRefused(
                f"{place} sent text in front of TLS, as only an attacker would.", phase=phase
            )
        try:
            context = _tls_context(verify=address.verify, ca=address.ca)
        except OSError:
            raise RelayRefused(
                "The certificates to trust, named in SMTP_URL, cannot be read.", phase=phase
            ) from None
        try:
            self._socket.settimeout(seconds)
            self._socket = context.wrap_socket(self._socket, server_hostname=address.host)
        except ssl.SSLCertVerificationError as fault:
            raise RelayRefused(
                f"{place} has a certificate that cannot be trusted: {fault.verify_message}.",
                phase=phase,
            ) from None
        except (TimeoutError, ConnectionError, ssl.SSLEOFError):
            raise RelayUnavailable(f"{place} hung up on the TLS handshake.", phase=phase) from None
        except OSError as fault:
            raise RelayRefused(
                f"{place} and we could not agree on TLS: {fault.strerror or fault}.", phase=phase
            ) from None
        self._secured = True

    def protection(self) -> Protection:
        """The TLS in use."""
        assert isinstance(self._socket, ssl.SSLSocket)
        cipher = self._socket.cipher()
        return Protection.of(
            self._socket.version(), cipher[0] if cipher else "", self._socket.getpeercert(True)
        )

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _receive(self, seconds: float) -> None:
        if seconds <= 0:
            raise Silence(_TIMED_OUT)
        try:
            self._wait_to_read(seconds)
            octets = self._socket.recv(_CHUNK)
        except (TimeoutError, BlockingIOError):
            raise Silence(_TIMED_OUT) from None
        except OSError:
            raise Lost(_CONNECTION_LOST) from None
        if not octets:
            raise Lost(_CONNECTION_LOST)
        self._replies.feed(octets)
        self.last_read = time.monotonic()

    def _wait_to_read(self, seconds: float) -> None:
        if seconds != self._read_timeout:
            self._read_timeout = seconds
            self._wait(socket.SO_RCVTIMEO, seconds)

    def _wait_to_write(self, seconds: float) -> None:
        if seconds != self._write_timeout:
            self._write_timeout = seconds
            self._wait(socket.SO_SNDTIMEO, seconds)

    def _wait(self, option: int, seconds: float) -> None:
        # Left to the kernel, a time limit costs one system call an operation less, and with it one
        # fight of the threads for the interpreter. TLS needs Python's own way.
        if self._secured:
            self._socket.settimeout(seconds)
            self._read_timeout = self._write_timeout = seconds
        else:
            whole = int(seconds)
            microseconds = max(1, int((seconds - whole) * 1e6))  # all zero would mean for ever
            self._socket.setsockopt(
                socket.SOL_SOCKET, option, struct.pack("@ll", whole, microseconds)
            )


def _connected(address: RelayAddress, timeouts: Timeouts) -> _SocketWire:
    place = f"The relay {address}"
    try:
        plain = socket.create_connection((address.host, address.port), timeouts.connect)
    except TimeoutError:
        raise RelayUnavailable(f"{place} did not answer in time.", phase=Phase.CONNECT) from None
    except (socket.gaierror, UnicodeError):  # the latter: a label of more than 63 octets
        raise RelayUnavailable(
            f"{place} cannot be found: its name has no address.", phase=Phase.CONNECT
        ) from None
    except OSError as fault:
        raise RelayUnavailable(
            f"{place} cannot be reached: {fault.strerror or fault}.", phase=Phase.CONNECT
        ) from None
    # A group is one write and must leave at once: Nagle's algorithm would hold back its end.
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return _SocketWire(plain)


@lru_cache
def _tls_context(*, verify: bool, ca: str | None) -> ssl.SSLContext:
    # Loading the authorities takes longer than a handshake, and threads may share a context.
    context = ssl.create_default_context(cafile=ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
