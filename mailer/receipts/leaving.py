"""Unsubscribing by a link in a mail: the subscription ends, and a receipt records by which mail.

For a day the same link takes its own press back; it gives nothing that the press did not take.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind
from contacts.models import Contact
from contacts.permission.subscriptions import (
    consent_before,
    restore,
    unsubscribe,
    unsubscribe_from_everything,
)
from mailer.models import Delivery, Receipt, ReceiptKind, Verdict

_UNDONE_WITHIN: Final = timedelta(days=1)
_PRESSES: Final = (str(Actor(ActorKind.ONE_CLICK)), str(Actor(ActorKind.UNSUBSCRIBE_PAGE)))


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


def may_come_back(
    session: Session, contact: Contact, newsletter_id: int, *, through: Delivery, now: datetime
) -> bool:
    """Whether a press on the unsubscribe link of this very mail can be taken back."""
    pressed_at = _pressed_at(session, through, now=now)
    return pressed_at is not None and (
        consent_before(session, contact, newsletter_id, withdrawn_at=pressed_at) is not None
    )


def come_back(
    session: Session,
    contact: Contact,
    newsletter_id: int,
    *,
    through: Delivery,
    source: Actor,
    now: datetime,
) -> bool:
    """Take that press back; False when it can't be any more."""
    pressed_at = _pressed_at(session, through, now=now)
    return pressed_at is not None and restore(
        session, contact, newsletter_id, withdrawn_at=pressed_at, source=source, now=now
    )


def leave_everything(
    session: Session, contact: Contact, *, through: Delivery, source: Actor, now: datetime
) -> bool:
    """Unsubscribe from all mail to this address; False when that was so already."""
    if not unsubscribe_from_everything(session, contact, source=source, now=now):
        return False
    _note(session, through, "from everything", now=now)
    return True


def _pressed_at(session: Session, through: Delivery, *, now: datetime) -> datetime | None:
    """When the unsubscribe link of this mail was last pressed to some effect, within a day."""
    return session.scalar(
        select(Receipt.at)
        .where(
            Receipt.delivery_id == through.id,
            Receipt.kind == ReceiptKind.UNSUBSCRIBED,
            Receipt.detail.in_(_PRESSES),
            Receipt.at > now - _UNDONE_WITHIN,
        )
        .order_by(Receipt.id.desc())
        .limit(1)
    )


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
