"""What an exchange needs of an open connection: writing, reading, and how long to wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mailer.delivery.smtp.replies import Reply


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for the reply to each command, not to a whole transaction (RFC 5321 4.5.3.2).

    Only the reply to a content gets the RFC's full ten minutes: giving up earlier makes duplicates.
    ``drain`` is how long replies are still read after a write has failed.
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
    probe_after: float = 5  # after this idle time, NOOP asks whether the relay still answers
    probe: float = 5


class Wire(Protocol):
    """An open connection. Its methods raise nothing but ``Lost``."""

    @property
    def broken(self) -> bool:
        """Whether a write has failed; the replies still to be read have arrived or never will."""

    @property
    def unread(self) -> bool:
        """Whether octets have come that answer no command."""

    def write(self, pieces: Sequence[bytes], seconds: float) -> int:
        """Write all, or set ``broken``; how many octets may have left, to the octet."""

    def read(self, seconds: float) -> Reply:
        """The next reply, or raise ``Lost``."""
