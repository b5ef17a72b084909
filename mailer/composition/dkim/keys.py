"""The keys mail is signed with: making one, reading one, and what to publish about it.

RSA is what every receiver reads; Ed25519 (RFC 8463) is put beside it, never in its place, because
large receivers still ignore it.
"""

import re
from base64 import b64encode
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from mailer.composition.mime.headers import ascii_domain
from mailer.errors import Refused, UnusableKey

_BITS: Final = 2048
_MOST_BITS: Final = 4096  # RFC 8301 section 3.2: what every verifier has to manage
_LONGEST_NAME: Final = 253  # RFC 1035 section 3.1, as written with dots
_LABELS: Final = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*"
)


class Algorithm(StrEnum):
    """The kind of a key, in the words of its DNS record."""

    RSA = "rsa"
    ED25519 = "ed25519"


@dataclass(frozen=True, slots=True)
class Key:
    """One signing key of one domain, published under its selector."""

    domain: str
    selector: str
    private: RSAPrivateKey | Ed25519PrivateKey = field(repr=False)

    @property
    def algorithm(self) -> Algorithm:
        """Which kind of key it is."""
        return Algorithm.RSA if isinstance(self.private, RSAPrivateKey) else Algorithm.ED25519


def generate(algorithm: Algorithm) -> str:
    """A new private key as PEM (PKCS #8, not encrypted: that is for whoever stores it)."""
    private: RSAPrivateKey | Ed25519PrivateKey
    if algorithm is Algorithm.RSA:
        private = generate_private_key(public_exponent=65537, key_size=_BITS)
    else:
        private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode("ascii")


def load(pem: str, domain: str, selector: str) -> Key:
    """The key in a PEM text for signing as ``domain``; UnusableKey when it cannot be."""
    return Key(*_names(domain, selector), _private(pem))


def dns_record(key: Key) -> tuple[str, str]:
    """The name and the value of the TXT record to publish (RFC 6376 section 3.6.1)."""
    public = key.private.public_key()
    if key.algorithm is Algorithm.RSA:
        octets = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    else:
        octets = public.public_bytes(Encoding.Raw, PublicFormat.Raw)  # RFC 8463 section 3
    value = f"v=DKIM1; k={key.algorithm}; p={b64encode(octets).decode('ascii')}"
    return f"{key.selector}._domainkey.{key.domain}", value


def _names(domain: str, selector: str) -> tuple[str, str]:
    try:
        domain = ascii_domain(domain).lower()
    except Refused:
        domain = ""
    selector = selector.lower()
    if "." not in domain or not _LABELS.fullmatch(domain):
        raise UnusableKey("The domain to sign for is not a domain name.")
    if not _LABELS.fullmatch(selector):
        raise UnusableKey("A selector is made of letters, digits and hyphens, such as “2026a”.")
    if len(f"{selector}._domainkey.{domain}") > _LONGEST_NAME:
        raise UnusableKey("The selector and the domain are too long together for DNS.")
    return domain, selector


def _private(pem: str) -> RSAPrivateKey | Ed25519PrivateKey:
    try:
        private = load_pem_private_key(pem.encode("utf-8", "replace"), password=None)
    except TypeError as error:
        raise UnusableKey("This key is locked with a password; store it without one.") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableKey("This is not a private key in PEM form.") from error
    if isinstance(private, Ed25519PrivateKey):
        return private
    if not isinstance(private, RSAPrivateKey):
        raise UnusableKey("Mail is signed with an RSA or an Ed25519 key; this is another kind.")
    if not _BITS <= private.key_size <= _MOST_BITS:
        raise UnusableKey(
            f"This RSA key has {private.key_size} bits; use one of {_BITS} to {_MOST_BITS}."
        )
    return private
