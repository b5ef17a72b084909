"""What is known of a relay after the handshake, or after as much of it as succeeded."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from mailer.delivery.smtp.replies import Capabilities, Reply

_LONGEST = 200  # characters of a name worth showing


@dataclass(frozen=True, slots=True)
class Protection:
    """The TLS in use, and the certificate shown: whose it says it is, and until when it is good."""

    version: str
    cipher: str
    subject: str = ""
    expires_at: datetime | None = None

    @classmethod
    def of(cls, version: str | None, cipher: str, certificate: bytes | None) -> "Protection":
        """``certificate`` is in DER, as the relay sent it; one that can't be read says nothing."""
        try:
            shown = x509.load_der_x509_certificate(certificate or b"")
            subject, expires_at = shown.subject.rfc4514_string(), shown.not_valid_after_utc
        except ValueError:
            return cls(version or "", cipher)
        return cls(version or "", cipher, subject[:_LONGEST], expires_at)


@dataclass(slots=True)
class PeerInfo:
    """What a relay has shown so far; fields of steps that were not reached are empty."""

    greeting: Reply | None = None
    offered: Capabilities | None = None
    protection: Protection | None = None
    round_trip: float = 0.0  # seconds between the EHLO and its reply
    signed_in: bool = False
