"""What stands beside a person: who else is at their organisation, and the last issues of theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from contacts.models import Contact, Newsletter
from contacts.people.finding import BY_NAME
from mailer.models import Campaign, Delivery, DeliveryStatus
from mailer.web.admin.words import REASONS, STATUSES

_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Colleagues:
    """Some of the others at an organisation, and how many people it has in all."""

    some: Sequence[Contact]
    total: int


@dataclass(frozen=True, slots=True)
class IssueOfPerson:
    """An issue that was meant for a person, and what came of it."""

    newsletter: str
    slug: str
    name: str
    came_to: str


def colleagues(session: Session, person: Contact) -> Colleagues | None:
    """The others at the person's organisation; None where they are at none."""
    if person.organisation_id is None:
        return None
    there = Contact.organisation_id == person.organisation_id
    others = (
        select(Contact)
        .where(there, Contact.id != person.id)
        .order_by(*BY_NAME)
        .limit(_SHOWN)
        .options(selectinload(Contact.roles))
    )
    total = session.scalar(select(func.count()).select_from(Contact).where(there)) or 0
    return Colleagues(session.scalars(others).all(), total)


def issues_of(session: Session, person: Contact) -> Sequence[IssueOfPerson]:
    """The last issues, the newest first."""
    rows = session.execute(
        select(Newsletter.slug, Campaign.slug, Campaign.name, Delivery.status, Delivery.reason)
        .select_from(Delivery)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .join(Newsletter, Newsletter.id == Campaign.newsletter_id)
        .where(Delivery.contact_id == person.id)
        .order_by(Delivery.id.desc())
        .limit(_SHOWN)
    )
    return [
        IssueOfPerson(newsletter, slug, name, _came_to(status, reason))
        for newsletter, slug, name, status, reason in rows
    ]


def _came_to(status: DeliveryStatus, reason: str | None) -> str:
    if status is DeliveryStatus.EXCLUDED:
        return f"left out: {REASONS.get(reason or '', reason)}"
    return STATUSES[status.value]
