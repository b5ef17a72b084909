"""An SMTP connection as octets: the only door to sockets and TLS."""

import socket
import ssl
import struct
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from mailer.delivery.smtp.handshake import RelayRefused, RelayUnavailable
from mailer.delivery.smtp.peer import Protection
from mailer.delivery.smtp.replies import (
    Lost,
    Phase,
    Reply,
    ReplyBuffer,
    Silence,
    reply_of,
)
from mailer.delivery.smtp.wire import Timeouts
from mailer.settings.relay_address import RelayAddress

_CHUNK: Final = 65536
_TLS_CHUNK: Final = 16384  # one TLS record: a failed write leaves at most one of unknown fate
_TIMED_OUT: Final = "timed out"
_CONNECTION_LOST: Final = "connection lost"


class SocketWire:
    """A connected socket: counts the octets written and cuts what is read into replies."""

    def __init__(self, plain: socket.socket) -> None:
        self._socket = plain
        self._secured = False
        self._replies = ReplyBuffer()
        self.broken = False
        self._read_timeout = self._write_timeout = -1.0
        self._socket.settimeout(None)
        self.last_read = time.monotonic()

    def write(self, pieces: Sequence[bytes], seconds: float) -> int:
        """Write all, or set ``broken``; how many octets may have left (TLS: whole records)."""
        if self._secured:
            return self._write(b"".join(pieces), seconds, _TLS_CHUNK)
        # sendmsg lets the kernel gather the pieces, so that no large content is copied here.
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
            except OSError:  # timeouts and all TLS errors are OSErrors too
                self.broken = True
                # Part of a TLS record may have left. Count it as whole: its end may have arrived.
                return gone + len(piece) if self._secured else gone
        return gone

    def read(self, seconds: float) -> Reply:
        """The next reply, or raise ``Lost``; ``seconds`` is the limit for the whole reply."""
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
        """Whether octets have come that answer no command."""
        return bool(self._replies)

    def unasked(self) -> bool:
        """Whether something came without a command: the end of the connection, or a 421."""
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
        """Start TLS, or raise ``RelayRefused`` or ``RelayUnavailable``.

        Text behind the 220 was sent in the clear, possibly by an attacker (RFC 3207 6): it must not
        be read as if it had come under TLS.
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
        """Close the socket."""
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
        # A limit kept by the kernel saves one system call for each operation, and with it one
        # hand-over of the interpreter between threads. TLS needs Python's own timeouts.
        if self._secured:
            self._socket.settimeout(seconds)
            self._read_timeout = self._write_timeout = seconds
        else:
            whole = int(seconds)
            microseconds = max(1, int((seconds - whole) * 1e6))  # zero would mean no limit
            self._socket.setsockopt(
                socket.SOL_SOCKET, option, struct.pack("@ll", whole, microseconds)
            )


def connect(address: RelayAddress, timeouts: Timeouts) -> SocketWire:
    place = f"The relay {address}"
    try:
        plain = socket.create_connection((address.host, address.port), timeouts.connect)
    except TimeoutError:
        raise RelayUnavailable(f"{place} did not answer in time.", phase=Phase.CONNECT) from None
    except (socket.gaierror, UnicodeError):  # UnicodeError: a label of more than 63 octets
        raise RelayUnavailable(
            f"{place} cannot be found: its name has no address.", phase=Phase.CONNECT
        ) from None
    except OSError as fault:
        raise RelayUnavailable(
            f"{place} cannot be reached: {fault.strerror or fault}.", phase=Phase.CONNECT
        ) from None
    # A group is one write and must leave at once: Nagle's algorithm would delay its last segment.
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return SocketWire(plain)


@lru_cache
def _tls_context(*, verify: bool, ca: str | None) -> ssl.SSLContext:
    # Loading the certificate authorities takes longer than a handshake; threads share a context.
    context = ssl.create_default_context(cafile=ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
