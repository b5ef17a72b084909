"""Standing with newsletters: every change of it writes its line in the ledger of consent."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor
from contacts.errors import BasisMissing
from contacts.models import (
    Consent,
    ConsentAct,
    ConsentPurpose,
    Contact,
    Newsletter,
    Subscription,
    SubscriptionStatus,
    SuppressionReason,
    Wording,
)
from contacts.permission.consents import record
from contacts.permission.suppressions import find as find_suppression
from contacts.permission.suppressions import lift, suppress


def hold(session: Session, contact_id: int) -> None:
    """Have whoever else changes what this person permits wait until this transaction ends.

    Two presses at the same moment are so one after the other, and the second finds nothing to do.
    What is read of a standing from here on is what the first has left.
    """
    # Rows of others that name the person need not wait: NO KEY, which is also no lock to upgrade.
    person = select(Contact.id).where(Contact.id == contact_id)
    session.execute(person.with_for_update(key_share=True))


def ask(
    session: Session,
    contact: Contact,
    newsletter: Newsletter,
    *,
    source: Actor,
    words: str,
    now: datetime,
) -> Subscription:
    """Somebody filled in the form. Until the address's owner confirms, nothing is sent to it."""
    subscription = _held_standing(session, contact.id, newsletter.id)
    if subscription is None:
        subscription = Subscription(contact_id=contact.id, newsletter_id=newsletter.id)
        session.add(subscription)
        subscription.status = SubscriptionStatus.PENDING
        subscription.changed_at = now
    # Somebody who unsubscribed keeps that standing until the owner of the address confirms.
    record(
        session, contact.id, newsletter.id, ConsentAct.ASKED, source=source, words=words, now=now
    )
    session.flush()
    return subscription


def subscribe(
    session: Session,
    contact: Contact,
    newsletter_id: int,
    *,
    source: Actor,
    words: str = "",
    basis: str | None = None,
    now: datetime,
) -> bool:
    """The person agreed themselves (or an operator says on what ``basis``); True if new.

    A person's own yes also takes back their "unsubscribe from everything"; it never lifts a
    bounce, a complaint or an operator's do-not-email.
    """
    if not words and not (basis or "").strip():
        raise BasisMissing("Say why we may write to this person.")
    subscription = _held_standing(session, contact.id, newsletter_id)
    if subscription is None:
        subscription = Subscription(contact_id=contact.id, newsletter_id=newsletter_id)
        session.add(subscription)
    elif subscription.status is SubscriptionStatus.SUBSCRIBED:
        return False
    subscription.status = SubscriptionStatus.SUBSCRIBED
    subscription.changed_at = now
    if words and contact.address_key:
        held = find_suppression(session, contact.address_key)
        if held is not None and held.reason is SuppressionReason.UNSUBSCRIBED:
            lift(session, held, actor=source, now=now)
    record(
        session,
        contact.id,
        newsletter_id,
        ConsentAct.GIVEN,
        source=source,
        words=words,
        basis=basis,
        now=now,
    )
    session.flush()
    return True


def unsubscribe(
    session: Session, contact_id: int, newsletter_id: int, *, source: Actor, now: datetime
) -> bool:
    """Unsubscribe from this newsletter; False when the contact was not subscribed."""
    subscription = _held_standing(session, contact_id, newsletter_id)
    if subscription is None or subscription.status is SubscriptionStatus.UNSUBSCRIBED:
        return False
    subscription.status = SubscriptionStatus.UNSUBSCRIBED
    subscription.changed_at = now
    record(session, contact_id, newsletter_id, ConsentAct.WITHDRAWN, source=source, now=now)
    session.flush()
    return True


def consent_before(
    session: Session, contact: Contact, newsletter_id: int, *, withdrawn_at: datetime
) -> Consent | None:
    """The consent that a withdrawal of that moment ended; None when more has happened since.

    None too where there was none: whoever had not confirmed yet, or has stopped everything.
    """
    if contact.address_key and find_suppression(session, contact.address_key):
        return None
    acts = session.scalars(
        select(Consent)
        .where(
            Consent.contact_id == contact.id,
            Consent.newsletter_id == newsletter_id,
            Consent.purpose == ConsentPurpose.MAILING,
            Consent.act.in_((ConsentAct.GIVEN, ConsentAct.WITHDRAWN)),
        )
        .order_by(Consent.id.desc())
        .limit(2)
    ).all()
    if [each.act for each in acts] != [ConsentAct.WITHDRAWN, ConsentAct.GIVEN]:
        return None
    withdrawn, given = acts
    return given if withdrawn.at == withdrawn_at else None


def restore(
    session: Session,
    contact: Contact,
    newsletter_id: int,
    *,
    withdrawn_at: datetime,
    source: Actor,
    now: datetime,
) -> bool:
    """Take back a withdrawal of that moment: the same newsletter, by the consent of before."""
    subscription = _held_standing(session, contact.id, newsletter_id)
    given = consent_before(session, contact, newsletter_id, withdrawn_at=withdrawn_at)
    if given is None or subscription is None:
        return False
    subscription.status = SubscriptionStatus.SUBSCRIBED
    subscription.changed_at = now
    words = session.get(Wording, given.wording_id) if given.wording_id else None
    record(
        session,
        contact.id,
        newsletter_id,
        ConsentAct.GIVEN,
        source=source,
        words=words.text if words else "",
        basis=given.basis,
        now=now,
    )
    session.flush()
    return True


def unsubscribe_from_everything(
    session: Session, contact: Contact, *, source: Actor, now: datetime
) -> bool:
    """Suppress the address for all newsletters; False when that was so already."""
    hold(session, contact.id)
    changed = False
    for newsletter_id in standing_with(session, contact.id):
        changed |= unsubscribe(session, contact.id, newsletter_id, source=source, now=now)
    if contact.address_key:
        changed |= suppress(
            session, contact.address_key, SuppressionReason.UNSUBSCRIBED, source=source, now=now
        )
    return changed


def allow_tracking(
    session: Session, contact: Contact, *, agreed: bool, source: Actor, words: str, now: datetime
) -> bool:
    """Whether this person's opens and clicks may be counted; True when that changed."""
    hold(session, contact.id)
    session.refresh(contact, ["tracking_allowed"])
    if contact.tracking_allowed == agreed:
        return False
    contact.tracking_allowed = agreed
    contact.updated_at = now
    act = ConsentAct.GIVEN if agreed else ConsentAct.WITHDRAWN
    record(
        session,
        contact.id,
        None,
        act,
        source=source,
        words=words,
        now=now,
        purpose=ConsentPurpose.COUNTING,
    )
    return True


def standing_with(session: Session, contact_id: int) -> dict[int, Subscription]:
    """A person's subscriptions by newsletter id, whatever their status."""
    found: Iterable[Subscription] = session.scalars(
        select(Subscription).where(Subscription.contact_id == contact_id),
        execution_options={"populate_existing": True},
    )
    return {subscription.newsletter_id: subscription for subscription in found}


def _held_standing(session: Session, contact_id: int, newsletter_id: int) -> Subscription | None:
    hold(session, contact_id)
    found = select(Subscription).where(
        Subscription.contact_id == contact_id, Subscription.newsletter_id == newsletter_id
    )
    return session.scalar(found, execution_options={"populate_existing": True})
