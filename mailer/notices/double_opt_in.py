"""Double opt-in: the form sends a mail with a link, and the button on its page subscribes.

The form answers everybody alike, so nobody learns who is on a list. The mail holds nothing
that the person who filled in the form wrote, since they may not own the address.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind
from contacts.addresses import mailbox_of, read
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
from contacts.permission.subscriptions import allow_tracking, subscribe, unsubscribe
from contacts.permission.subscriptions import ask as ask_for_consent
from contacts.permission.suppressions import find as suppression_of
from mailer.bootstrap import Mailer
from mailer.models import MailRequest, RequestKind
from mailer.notices import caps, declining, posting
from mailer.notices.caps import Cause
from mailer.security.tokens import Purpose, Tokens

log = structlog.get_logger(__name__)
COUNTING: Final = (
    "May we count opens and clicks? Yes: my copies carry a tiny picture and counted links, so that "
    "the network sees what is useful."
)
_AGAIN_AFTER: Final = timedelta(hours=24)  # one confirmation mail a day, mailbox and newsletter
_SOONEST: Final = timedelta(minutes=10)  # for another, where the first did not come
_GOOD_FOR: Final = timedelta(days=7)
_CONFIRMATION: Final = Actor(ActorKind.CONFIRMATION)


def consent_text(newsletter: Newsletter) -> str:
    """The text that a subscriber agrees to; kept with every consent."""
    often = f" It comes {newsletter.frequency}." if newsletter.frequency else ""
    return (
        f"Send me {newsletter.name} by e-mail.{often} I can stop at any time with one press, in "
        "every mail."
    )


def ask(session: Session, mailer: Mailer, asked: MailRequest, *, now: datetime) -> None:
    """Ask the owner of an address whether they want a newsletter, where they may be asked."""
    address = read(asked.email)
    newsletter = session.get_one(Newsletter, asked.newsletter_id)
    if _is_left_alone(session, address.key) or declining.declines(session, address.key, now=now):
        return
    contact = session.scalar(
        select(Contact).where(Contact.address_key == address.key).order_by(Contact.id).limit(1)
    )
    if contact is not None and _is_subscribed(session, contact, newsletter):
        return
    cause = Cause(RequestKind.CONFIRMATION, address.key, newsletter.id, asked.network)
    last, wait = caps.last_to(session, cause), _SOONEST if asked.again else _AGAIN_AFTER
    if last is not None and last > now - wait:
        return
    if cap := caps.cap_reached(session, cause, now=now):
        log.warning("no confirmation is sent: a cap is reached", cap=cap)
        return
    if contact is None:
        contact = add_contact(session, name=asked.name, email=address.wire, now=now)
    form = ActorKind.SIGN_UP_FORM_WITH_COUNTING if asked.counted else ActorKind.SIGN_UP_FORM
    words = consent_text(newsletter)
    ask_for_consent(session, contact, newsletter, source=Actor(form), words=words, now=now)
    link = f"{mailer.settings.site}/confirm/" + mailer.tokens.seal(
        Purpose.CONFIRM, contact.id, newsletter.id
    )
    posting.post(
        session,
        "subscription_asked",
        to_address=address.wire,
        sender=newsletter,
        now=now,
        newsletter=newsletter.name,
        link=link,
        not_me=f"{link}/not-me",
    )
    caps.count(session, cause, now=now)


@dataclass(frozen=True, slots=True)
class Pending:
    """The contact, newsletter and request that a confirmation is about."""

    contact: Contact
    newsletter: Newsletter
    asked: Consent


def about(session: Session, token: str, *, tokens: Tokens) -> Pending | None:
    """What the token of a confirmation is about, however old."""
    ids = tokens.open(Purpose.CONFIRM, token)
    if ids is None:
        return None
    contact, newsletter = session.get(Contact, ids[0]), session.get(Newsletter, ids[1])
    if contact is None or newsletter is None:
        return None
    asked = _last(session, contact, newsletter, ConsentAct.ASKED)
    return Pending(contact, newsletter, asked) if asked else None


def is_good(session: Session, found: Pending, *, now: datetime) -> bool:
    """Whether it may still be confirmed: for a week, and not once it was taken back."""
    contact = found.contact
    if found.asked.at <= now - _GOOD_FOR or contact.address_key is None:
        return False
    withdrawn = _last(session, contact, found.newsletter, ConsentAct.WITHDRAWN)
    if withdrawn is not None and withdrawn.at >= found.asked.at:
        return False
    return not declining.declines(session, contact.address_key, now=now)


def confirm(session: Session, found: Pending, *, now: datetime) -> None:
    """Subscribe the contact: the owner of the address has confirmed."""
    contact, newsletter = found.contact, found.newsletter
    words = consent_text(newsletter)
    subscribe(session, contact, newsletter.id, source=_CONFIRMATION, words=words, now=now)
    if agreed_to_counting(found):
        allow_tracking(session, contact, agreed=True, source=_CONFIRMATION, words=COUNTING, now=now)


def agreed_to_counting(found: Pending) -> bool:
    """Whether the form agreed to opens and clicks being counted as well."""
    return found.asked.source.kind is ActorKind.SIGN_UP_FORM_WITH_COUNTING


def not_me(session: Session, found: Pending, *, now: datetime) -> None:
    """The owner of the address did not ask: what was asked ends, and forms ask no more."""
    contact, newsletter = found.contact, found.newsletter
    unsubscribe(session, contact.id, newsletter.id, source=_CONFIRMATION, now=now)
    if contact.address_key:
        declining.decline(session, contact.address_key, actor=_CONFIRMATION, now=now)


def _is_left_alone(session: Session, address_key: str) -> bool:
    """Whether it bounced, complained, or an operator says so: no form lifts those.

    What holds for ann@one.example holds for ann+news@one.example.
    """
    held = (suppression_of(session, key) for key in {address_key, mailbox_of(address_key)})
    return any(
        each is not None and each.reason is not SuppressionReason.UNSUBSCRIBED for each in held
    )


def _is_subscribed(session: Session, contact: Contact, newsletter: Newsletter) -> bool:
    standing = session.get(Subscription, (contact.id, newsletter.id))
    return standing is not None and standing.status is SubscriptionStatus.SUBSCRIBED


def _last(
    session: Session, contact: Contact, newsletter: Newsletter, act: ConsentAct
) -> Consent | None:
    return session.scalar(
        select(Consent)
        .where(
            Consent.contact_id == contact.id,
            Consent.newsletter_id == newsletter.id,
            Consent.act == act,
        )
        .order_by(Consent.id.desc())
        .limit(1)
    )
