"""Double opt-in: the form sends a mail with a link, and the button on its page subscribes.

The form answers everybody alike, so nobody learns who is on a list. The mail holds nothing
that the person who filled in the form wrote, since they may not own the address.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind
from contacts.addresses import Address
from contacts.models import (
    Consent,
    ConsentAct,
    Contact,
    Newsletter,
    Subscription,
    SubscriptionStatus,
    SuppressionReason,
)
from contacts.people.adding import add_contact
from contacts.permission.subscriptions import allow_tracking, subscribe
from contacts.permission.subscriptions import ask as ask_for_consent
from contacts.permission.suppressions import find as suppression_of
from mailer.bootstrap import Mailer
from mailer.notices import posting
from mailer.security.tokens import Purpose, Tokens

COUNTING: Final = (
    "May we count opens and clicks? Yes: my copies carry a tiny picture and counted links, so that "
    "the network sees what is useful."
)
_AGAIN_AFTER: Final = timedelta(hours=24)  # one confirmation mail a day and address, no more
_GOOD_FOR: Final = timedelta(days=7)
_CONFIRMATION: Final = Actor(ActorKind.CONFIRMATION)


def consent_text(newsletter: Newsletter) -> str:
    """The text that a subscriber agrees to; kept with every consent."""
    often = f" It comes {newsletter.frequency}." if newsletter.frequency else ""
    return (
        f"Send me {newsletter.name} by e-mail.{often} I can stop at any time with one press, in "
        "every mail."
    )


def ask(
    session: Session,
    mailer: Mailer,
    newsletter: Newsletter,
    address: Address,
    *,
    name: str,
    counted: bool,
) -> None:
    """Ask the owner of ``address`` whether they want the newsletter, where they may be asked.

    ``counted`` says that the form agreed to opens and clicks being counted as well.
    """
    now = mailer.clock()
    held = suppression_of(session, address.key)
    if held is not None and held.reason is not SuppressionReason.UNSUBSCRIBED:
        return  # a bounce, a complaint or an operator's decision: no form lifts those
    contact = session.scalar(
        select(Contact).where(Contact.address_key == address.key).order_by(Contact.id).limit(1)
    )
    if contact is None:
        contact = add_contact(session, name=name, email=address.wire, now=now)
    standing = session.get(Subscription, (contact.id, newsletter.id))
    if standing is not None and standing.status is SubscriptionStatus.SUBSCRIBED:
        return
    if _last_asked(session, contact, newsletter, since=now - _AGAIN_AFTER):
        return
    form = ActorKind.SIGN_UP_FORM_WITH_COUNTING if counted else ActorKind.SIGN_UP_FORM
    words = consent_text(newsletter)
    ask_for_consent(session, contact, newsletter, source=Actor(form), words=words, now=now)
    token = mailer.tokens.seal(Purpose.CONFIRM, contact.id, newsletter.id)
    posting.post(
        session,
        "subscription_asked",
        to_address=address.wire,
        sender=newsletter,
        now=now,
        newsletter=newsletter.name,
        link=f"{mailer.settings.site}/confirm/{token}",
    )


@dataclass(frozen=True, slots=True)
class Pending:
    """The contact, newsletter and request that a confirmation is about."""

    contact: Contact
    newsletter: Newsletter
    asked: Consent


def pending(session: Session, token: str, *, tokens: Tokens, now: datetime) -> Pending | None:
    """What the token of a confirmation is about, while the request for it is fresh."""
    ids = tokens.open(Purpose.CONFIRM, token)
    if ids is None:
        return None
    contact, newsletter = session.get(Contact, ids[0]), session.get(Newsletter, ids[1])
    if contact is None or newsletter is None:
        return None
    asked = _last_asked(session, contact, newsletter, since=now - _GOOD_FOR)
    return Pending(contact, newsletter, asked) if asked else None


def confirm(session: Session, found: Pending, *, now: datetime) -> None:
    """Subscribe the contact: the owner of the address has confirmed."""
    contact, newsletter = found.contact, found.newsletter
    words = consent_text(newsletter)
    subscribe(session, contact, newsletter.id, source=_CONFIRMATION, words=words, now=now)
    if found.asked.source.kind is ActorKind.SIGN_UP_FORM_WITH_COUNTING:
        allow_tracking(session, contact, agreed=True, source=_CONFIRMATION, words=COUNTING, now=now)


def _last_asked(
    session: Session, contact: Contact, newsletter: Newsletter, *, since: datetime
) -> Consent | None:
    return session.scalar(
        select(Consent)
        .where(
            Consent.contact_id == contact.id,
            Consent.newsletter_id == newsletter.id,
            Consent.act == ConsentAct.ASKED,
            Consent.at > since,
        )
        .order_by(Consent.id.desc())
        .limit(1)
    )
