"""The DKIM keys of senders' domains.

A domain gets two keys at once, RSA for every receiver and Ed25519 beside it (RFC 8463). They sign
nothing until an admin says that their records are published: a signature whose key is not in DNS
counts against the mail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.models import Newsletter
from mailer.composition.dkim.keys import Algorithm, dns_record, generate, load
from mailer.composition.dkim.signing import Signer
from mailer.composition.mime.headers import ascii_domain
from mailer.domains import standing
from mailer.domains.checking import Sender
from mailer.domains.findings import Record
from mailer.domains.published_keys import OurKey
from mailer.domains.routes import routes
from mailer.domains.standing import domain_of
from mailer.errors import NotAllowed, NotFound
from mailer.models import SigningKey
from mailer.security.vault import Vault
from mailer.settings.environment import Settings


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain that newsletters come from: the records of its keys, and since when it signs."""

    name: str
    newsletters: Sequence[str]
    records: Sequence[Record]
    used_from: datetime | None


def domains(session: Session, vault: Vault) -> list[Domain]:
    """Every domain that a newsletter comes from."""
    theirs: dict[str, list[str]] = {}
    for newsletter in session.scalars(select(Newsletter).order_by(Newsletter.name)):
        theirs.setdefault(domain_of(newsletter.from_address), []).append(newsletter.name)
    return [_domain(session, name, names, vault) for name, names in sorted(theirs.items())]


def is_sender_domain(session: Session, domain: str) -> bool:
    """Whether a newsletter comes from this domain."""
    addresses = session.scalars(select(Newsletter.from_address))
    return any(domain_of(address) == domain for address in addresses)


def make_keys(session: Session, domain: str, *, vault: Vault, now: datetime) -> None:
    """Two keys for a domain that has none."""
    if not is_sender_domain(session, domain):
        raise NotAllowed(f"No newsletter comes from {domain}.")
    if _keys(session, domain):
        raise NotAllowed(f"{domain} has its keys already.")
    for algorithm in Algorithm:
        selector = f"circular-{now:%Y%m}-{algorithm}"
        sealed = vault.seal(generate(algorithm))
        session.add(SigningKey(domain=domain, selector=selector, sealed=sealed, created_at=now))


def set_signing(session: Session, domain: str, *, signs: bool, now: datetime) -> None:
    """Begin to sign, or stop it. Earlier checks are dropped: they no longer apply."""
    keys = _keys(session, domain)
    if not keys:
        raise NotAllowed(f"{domain} has no keys yet.")
    for key in keys:
        key.used_from = now if signs else None
    standing.forget(session, domain)


def signer_of(session: Session, address: str, *, vault: Vault) -> Signer | None:
    """The signer of a sender's domain; None while its keys do not sign."""
    domain = domain_of(address)
    keys = [key for key in _keys(session, domain) if key.used_from is not None]
    if not keys:
        return None
    return Signer([load(vault.open(key.sealed), key.domain, key.selector) for key in keys])


def sender(session: Session, domain: str, *, settings: Settings) -> Sender:
    """The sender that a check of a domain needs; NotFound when no newsletter comes from it."""
    if not is_sender_domain(session, domain):
        raise NotFound(f"No newsletter comes from {domain}.")
    vault = Vault(settings.secret)
    keys = [
        OurKey(_record(key, vault), signs=key.used_from is not None)
        for key in _keys(session, domain)
    ]
    return Sender(
        domain=domain,
        return_domain=ascii_domain(settings.bounce_domain or domain).lower(),
        keys=tuple(keys),
        routes=routes(session, settings),
    )


def _domain(session: Session, name: str, newsletters: list[str], vault: Vault) -> Domain:
    keys = _keys(session, name)
    records = [_record(key, vault) for key in keys]
    return Domain(name, newsletters, records, keys[0].used_from if keys else None)


def _record(key: SigningKey, vault: Vault) -> Record:
    return Record(*dns_record(load(vault.open(key.sealed), key.domain, key.selector)))


def _keys(session: Session, domain: str) -> Sequence[SigningKey]:
    query = select(SigningKey).where(SigningKey.domain == domain).order_by(SigningKey.selector)
    return session.scalars(query).all()
