"""Trials of relays from pages and commands: no transaction is open while the relay is talked to."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts import addresses, audit
from contacts.actors import Actor
from contacts.models import Newsletter
from mailer.bootstrap import Mailer
from mailer.composition.mime.headers import ascii_domain
from mailer.composition.system_mail import compose_system_mail
from mailer.composition.system_texts import system_text
from mailer.delivery.routing import circuit_breaker, pacing
from mailer.delivery.routing.relay_state import address_of
from mailer.delivery.smtp.envelopes import Envelope
from mailer.domains.signing_keys import signer_of
from mailer.domains.standing import domain_of
from mailer.errors import NotFound
from mailer.models import Relay
from mailer.relays import registry
from mailer.relays.probe import Trial, attempt
from mailer.security.tokens import Purpose, Tokens
from mailer.security.vault import Vault
from mailer.settings.environment import Settings
from mailer.settings.relay_address import RelayAddress


@dataclass(frozen=True, slots=True)
class _Mail:
    sender_name: str
    sender_address: str
    to_address: str
    return_domain: str
    relay: str
    link: str


def senders(session: Session) -> list[tuple[str, str]]:
    """The senders that a test mail can have: (slug, name and address) of every newsletter."""
    rows = session.scalars(select(Newsletter).order_by(Newsletter.id))
    return [(row.slug, f"{row.name} <{row.from_address}>") for row in rows]


def try_out(
    mailer: Mailer, relay_id: int, *, to: str = "", newsletter: str = "", actor: Actor
) -> Trial:
    """Connect to a relay and, if ``to`` is an address, hand over a test mail of a newsletter's.

    Takes up to twenty seconds, and opens transactions of its own. A relay that lets us in is
    used again. BadAddress when ``to`` is no address, NotFound without a relay or a newsletter.
    """
    settings, vault, now = mailer.settings, Vault(mailer.settings.secret), mailer.clock()
    to_address = addresses.parse(to).wire if to else ""
    with mailer.database.reading() as session:
        relay = registry.find(session, relay_id)
        failing = relay.failures > 0
        address = _address(relay, settings, vault)
        mail = _mail(session, relay, newsletter, to_address, settings) if to_address else None
        signer = signer_of(session, mail.sender_address, vault=vault) if mail else None
    envelope = _envelope(mail, mailer.tokens, now=now) if mail else None
    if envelope and signer:
        envelope = envelope._replace(content=signer.sign(envelope.content, now=now))
    trial = attempt(address, envelope, hello_name=settings.hello_name)
    with mailer.database.writing() as session:
        if failing and not trial.failure:
            circuit_breaker.works(session, relay_id)
        if trial.outcome:
            pacing.charge(session, relay_id, 1, now=mailer.clock())
        audit.write(
            session,
            "relay tested",
            "relay",
            relay_id,
            actor=actor,
            now=mailer.clock(),
            works=trial.works,
            mail=envelope is not None,
        )
    return trial


def _address(relay: Relay, settings: Settings, vault: Vault) -> RelayAddress:
    if relay.from_environment:
        return settings.relay
    return address_of(relay, vault)


def _mail(
    session: Session, relay: Relay, newsletter: str, to_address: str, settings: Settings
) -> _Mail:
    query = select(Newsletter).order_by(Newsletter.id).limit(1)
    if newsletter:
        query = query.where(Newsletter.slug == newsletter)
    sender = session.scalar(query)
    if sender is None:
        raise NotFound("There is no such newsletter, so no sender to test with.")
    domain = relay.return_domain or settings.bounce_domain or domain_of(sender.from_address)
    return _Mail(
        sender_name=sender.from_name,
        sender_address=sender.from_address,
        to_address=to_address,
        return_domain=ascii_domain(domain),
        relay=relay.name,
        link=f"{settings.site}/settings/relays",
    )


def _envelope(mail: _Mail, tokens: Tokens, *, now: datetime) -> Envelope:
    text = system_text("relay_tested", relay=mail.relay, link=mail.link)
    message = compose_system_mail(
        text,
        sender_name=mail.sender_name,
        sender_address=mail.sender_address,
        to_name="",
        to_address=mail.to_address,
        message_id=f"{secrets.token_hex(16)}@{ascii_domain(domain_of(mail.sender_address))}",
        # A bounce of it is read like that of any system mail, but number 0 is no system mail's.
        return_path=f"n+{tokens.seal_for_mail(Purpose.MESSAGE, 0, 1)}@{mail.return_domain}",
        date=now,
    )
    return Envelope(0, message.return_path, message.recipient, message.content, wire_ready=True)
