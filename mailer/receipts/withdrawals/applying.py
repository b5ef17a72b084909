"""A withdrawal of consent, done as of the moment it was asked for, and never over a later yes."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor
from contacts.models import Consent, ConsentAct, ConsentPurpose, Contact, Newsletter
from contacts.permission.subscriptions import standing_with
from mailer.errors import NotFound
from mailer.models import Campaign, Delivery
from mailer.receipts.leaving import leave, leave_everything
from mailer.receipts.withdrawals.folder import Withdrawal


def apply(session: Session, withdrawal: Withdrawal, *, now: datetime) -> Newsletter:
    """Unsubscribe whoever the mail went to; the newsletter that it was of. Twice changes nothing.

    What the person has agreed to since they asked stays. NotFound when there is no such mail.
    """
    delivery = session.get(Delivery, withdrawal.delivery_id)
    campaign = session.get(Campaign, delivery.campaign_id) if delivery else None
    if delivery is None or campaign is None:
        raise NotFound("There is no such mail.")
    newsletter = session.get_one(Newsletter, campaign.newsletter_id)
    # The lock keeps a second worker of this host, which read the same file, behind this one.
    contact = session.get(Contact, delivery.contact_id, with_for_update=True)
    if contact is None:  # removed, and with them every permission they gave
        return newsletter
    asked_at = min(withdrawal.asked_at, now)  # a clock that was ahead
    agreed = _agreed_since(session, contact, asked_at)
    source = Actor(withdrawal.how)
    if withdrawal.everything and not agreed:
        leave_everything(session, contact, through=delivery, source=source, now=asked_at)
        return newsletter
    left = set(standing_with(session, contact.id)) if withdrawal.everything else {newsletter.id}
    for each in sorted(left - agreed):
        leave(session, contact, each, through=delivery, source=source, now=asked_at)
    return newsletter


def _agreed_since(session: Session, contact: Contact, moment: datetime) -> set[int]:
    """The newsletters that somebody with this address said yes to themselves after the moment."""
    same = Contact.id == contact.id
    if contact.address_key:
        same = Contact.address_key == contact.address_key
    given = (
        select(Consent.newsletter_id)
        .join(Contact, Contact.id == Consent.contact_id)
        .where(
            same,
            Consent.purpose == ConsentPurpose.MAILING,
            Consent.act == ConsentAct.GIVEN,
            # Words are what a person was shown; an operator declares a basis instead.
            Consent.wording_id.is_not(None),
            Consent.at > moment,
        )
    )
    return {each for each in session.scalars(given) if each is not None}
