"""The link to all of one's own choices, mailed on request and good for half an hour.

Links of issues are forwarded, and live as long as the mail: they only take away. What gives needs
proof of the mailbox, and this is the proof. Nothing is kept of it: whom it is for and when it ends
are sealed inside, so no link outlives its time by whatever happens to a row. It may be used as
often as needed until then, since what it opens is a form that may be saved twice.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor
from contacts.addresses import read
from contacts.models import Contact, Newsletter, SuppressionReason
from contacts.permission.preferences import Changed, Choices, choose
from contacts.permission.suppressions import find as suppression_of
from mailer.bootstrap import Mailer
from mailer.models import MailRequest, RequestKind
from mailer.notices import caps, declining, posting
from mailer.security.tokens import Purpose, Tokens

log = structlog.get_logger(__name__)
LASTS: Final = timedelta(minutes=30)
_MOST_AT_ONE: Final = 3  # people of one mailbox, who get a mail each


def make(tokens: Tokens, contact: Contact, *, now: datetime) -> str:
    """A link's token for this person, good from now on for half an hour."""
    return tokens.seal(Purpose.OWN_CHOICES, contact.id, int((now + LASTS).timestamp()))


def is_ours(token: str, *, tokens: Tokens) -> bool:
    """Whether it was ever good."""
    return tokens.open(Purpose.OWN_CHOICES, token) is not None


def owner_of(session: Session, token: str, *, tokens: Tokens, now: datetime) -> Contact | None:
    """Whose choices a link opens; None for one that is not ours, or not good any more."""
    opened = tokens.open(Purpose.OWN_CHOICES, token)
    if opened is None:
        return None
    contact_id, ends_at = opened
    # One that ends later than any made now would is of a clock that was ahead.
    if not now < datetime.fromtimestamp(ends_at, UTC) <= now + LASTS:
        return None
    return session.get(Contact, contact_id)


def save(
    session: Session, contact: Contact, wanted: Choices, *, source: Actor, now: datetime
) -> Changed:
    """Keep what a person chose behind their own link.

    Whoever joins there asks for it, so sign-up forms may write to them again too.
    """
    changed = choose(session, contact, wanted, source=source, now=now)
    if changed.joined and contact.address_key:
        declining.allow(session, contact.address_key, actor=source, now=now)
    return changed


def send(session: Session, mailer: Mailer, asked: MailRequest, *, now: datetime) -> None:
    """Mail the link to the person's own address, where they may be written to."""
    newsletter = session.get_one(Newsletter, asked.newsletter_id)
    for contact in _asked_for(session, asked):
        key, to_address = contact.address_key or "", contact.email or ""
        held = suppression_of(session, key)
        if held is not None and held.reason is not SuppressionReason.UNSUBSCRIBED:
            continue
        cause = caps.Cause(RequestKind.OWN_LINK, key, newsletter.id, asked.network)
        if cap := caps.cap_reached(session, cause, now=now):
            log.warning("no link to choices is sent: a cap is reached", cap=cap)
            continue
        posting.post(
            session,
            "choices_asked",
            to_address=to_address,
            sender=newsletter,
            now=now,
            sender_name=newsletter.from_name,
            link=f"{mailer.settings.site}/choices/{make(mailer.tokens, contact, now=now)}",
        )
        caps.count(session, cause, now=now)


def _asked_for(session: Session, asked: MailRequest) -> Sequence[Contact]:
    """The person, or whoever shares the mailbox that was typed: each has choices of their own."""
    wanted = Contact.id == asked.contact_id
    if asked.contact_id is None:
        wanted = Contact.address_key == read(asked.email).key
    people = select(Contact).where(wanted, Contact.address_key.is_not(None)).order_by(Contact.id)
    return session.scalars(people.limit(_MOST_AT_ONE)).all()
