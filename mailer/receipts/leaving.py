"""Unsubscribing by a link in a mail: the subscription ends, and a receipt records by which mail."""

from datetime import datetime

from sqlalchemy.orm import Session

from contacts.actors import Actor
from contacts.models import Contact
from contacts.permission.subscriptions import unsubscribe, unsubscribe_from_everything
from mailer.models import Delivery, Receipt, ReceiptKind, Verdict


def leave(
    session: Session,
    contact: Contact,
    newsletter_id: int,
    *,
    through: Delivery,
    source: Actor,
    now: datetime,
) -> bool:
    """Unsubscribe from this newsletter; False when the contact was not subscribed."""
    if not unsubscribe(session, contact.id, newsletter_id, source=source, now=now):
        return False
    _note(session, through, str(source), now=now)
    return True


def leave_everything(
    session: Session, contact: Contact, *, through: Delivery, source: Actor, now: datetime
) -> bool:
    """Unsubscribe from all mail to this address; False when that was so already."""
    if not unsubscribe_from_everything(session, contact, source=source, now=now):
        return False
    _note(session, through, "from everything", now=now)
    return True


def _note(session: Session, through: Delivery, how: str, *, now: datetime) -> None:
    session.add(
        Receipt(
            campaign_id=through.campaign_id,
            delivery_id=through.id,
            kind=ReceiptKind.UNSUBSCRIBED,
            verdict=Verdict.PERSON,
            at=now,
            detail=how,
        )
    )
