"""The only use of ``imaplib``: a client that bounds the server, with faults as sentences."""

import imaplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any, Final

from mailer.errors import MailboxUnavailable
from mailer.settings.mailbox_address import MailboxAddress, Security

_PATIENCE: Final = 30.0  # seconds without an octet
LIFETIME: Final = 600.0  # seconds of one conversation, however busily a server drips
_LARGEST: Final = 12 * 1024 * 1024  # octets of the answer to one command
_LINE: Final = 100  # octets that a line costs in memory beside its own


class Client(imaplib.IMAP4):
    """A client that does not let the server decide how much is read, nor for how long."""

    _left = _LARGEST
    _clock: threading.Timer | None = None

    def __init__(self, *address: Any, lifetime: float, **options: Any) -> None:
        self._lifetime = lifetime  # seconds; imaplib opens the connection in its own __init__
        super().__init__(*address, **options)

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        super().open(host, port, timeout)
        self._clock = threading.Timer(self._lifetime, self._hang_up)
        self._clock.daemon = True
        self._clock.start()

    def read(self, size: int) -> bytes:
        self._spend(size)  # before any of it is read
        return super().read(size)

    def readline(self) -> bytes:
        line = super().readline()
        self._spend(len(line) + _LINE)
        return line

    def send(self, data: Any) -> None:
        self._left = _LARGEST
        super().send(data)

    def shutdown(self) -> None:
        if self._clock:
            self._clock.cancel()
        with suppress(OSError):
            super().shutdown()

    def offers(self, *names: str) -> bool:
        """Whether the server has any of these capabilities."""
        return any(name in self.capabilities for name in names)

    def leave(self) -> None:
        """Log out, or just hang up. Without CLOSE, a folder keeps what is marked as deleted."""
        with suppress(imaplib.IMAP4.error, OSError, ValueError):
            self.logout()
        self.shutdown()

    def _spend(self, octets: int) -> None:
        self._left -= octets
        if self._left < 0:
            raise self.abort("more than any answer needs")

    def _hang_up(self) -> None:
        with suppress(OSError):
            self.socket().shutdown(socket.SHUT_RDWR)


class _TlsClient(Client, imaplib.IMAP4_SSL):  # type: ignore[misc]  # stubs give the port's default
    """The same, with TLS from the first octet."""


def connect(mailbox: MailboxAddress, *, lifetime: float = LIFETIME) -> Client:
    """A client that has been greeted; secure, unless the address says otherwise."""
    limits = {"lifetime": lifetime, "timeout": _PATIENCE}
    if mailbox.security is Security.TLS:
        context = _context(mailbox.ca)
        return _TlsClient(mailbox.host, mailbox.port, ssl_context=context, **limits)
    client = Client(mailbox.host, mailbox.port, **limits)
    if mailbox.security is Security.STARTTLS:
        try:
            client.starttls(_context(mailbox.ca))
        except Exception:  # however it ended, the socket is closed
            client.shutdown()
            raise
    return client


def require_ok(status: str) -> None:
    """Raise ``imaplib``'s error unless the server answered OK."""
    if status != "OK":
        raise imaplib.IMAP4.error


@contextmanager
def faults_as_sentences(mailbox: MailboxAddress, otherwise: str) -> Iterator[None]:
    """Faults as ``MailboxUnavailable``; nothing that the server said is repeated: it names people.

    ``otherwise`` ends the sentence about a server that answers and says no, or says nonsense.
    """
    try:
        yield
    except ssl.SSLCertVerificationError as fault:
        why = f"has a certificate that cannot be trusted: {fault.verify_message}"
    except imaplib.IMAP4.readonly:
        why = "lets its folder be read only"
    except imaplib.IMAP4.abort:
        why = "hung up, or said what no mail server says"
    except (imaplib.IMAP4.error, ValueError, TypeError, IndexError):
        why = otherwise
    except OSError as fault:
        why = f"went away or cannot be reached: {fault.strerror or type(fault).__name__}"
    else:
        return
    raise MailboxUnavailable(f"The mailbox at {mailbox} {why.rstrip('.')}.")


@lru_cache(maxsize=4)
def _context(ca: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
