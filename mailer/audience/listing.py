"""Who will not receive an issue for one reason: the people behind a number of ``counting``.

Nothing is counted for a page: it begins behind the last person of the page before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from contacts.models import (
    Contact,
    Subscription,
    SubscriptionStatus,
    Suppression,
    SuppressionReason,
)
from mailer.audience.selecting import Audience, classified, mailboxes_shared, people_of
from mailer.models import Exclusion

PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class PersonLeftOut:
    """One person, by the name and address they have now."""

    contact_id: int
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class LeftOutPage:
    """Some of them, who has been here longest first; ``following`` is where the next page begins,
    None on the last."""

    people: Sequence[PersonLeftOut]
    following: int | None


def left_out(
    session: Session,
    audience: Audience,
    reason: Exclusion,
    *,
    now: datetime,
    after: int = 0,
    limit: int = PAGE,
) -> LeftOutPage:
    """The people of an audience who would be left out for this reason, behind the one ``after``."""
    if reason is Exclusion.SAME_ADDRESS:
        sharing = Contact.address_key.in_(mailboxes_shared())
        people = classified(audience, now=now, among=sharing).subquery()
    else:
        narrowed = people_of(audience, now=now).where(Contact.id > after, _may_be(reason, now))
        people = narrowed.subquery()
    rows = session.execute(
        select(people.c.contact_id, people.c.name, people.c.address)
        .where(people.c.reason == reason.value, people.c.contact_id > after)
        .order_by(people.c.contact_id)
        .limit(limit + 1)
    ).all()
    found = [PersonLeftOut(number, name, address or "") for number, name, address in rows[:limit]]
    return LeftOutPage(found, found[-1].contact_id if len(rows) > limit else None)


def _may_be(reason: Exclusion, now: datetime) -> ColumnElement[bool]:
    """What is true of everybody who is left out for this reason, and cheap to look for."""
    match reason:
        case Exclusion.DO_NOT_EMAIL | Exclusion.BOUNCED:
            return Suppression.reason.is_not(None)
        case Exclusion.UNSUBSCRIBED:
            gone = Subscription.status == SubscriptionStatus.UNSUBSCRIBED
            return or_(gone, Suppression.reason == SuppressionReason.UNSUBSCRIBED)
        case Exclusion.NOT_CONFIRMED:
            return Subscription.status == SubscriptionStatus.PENDING
        case Exclusion.PAUSED:
            return Subscription.paused_until > now.date()
        case _:
            return true()
