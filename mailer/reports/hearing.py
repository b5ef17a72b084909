"""What was heard of an issue, person by person: the people behind every number of a report."""

from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select

from contacts.membership.categories import category_id_of
from contacts.models import Category, Contact, Organisation
from mailer.models import Delivery, DeliveryStatus, Receipt, ReceiptKind, Verdict


class Heard(StrEnum):
    """A number of a report."""

    OPENED = "opened"
    OPENED_AUTOMATICALLY = "opened-automatically"
    CLICKED = "clicked"
    CLICKED_AUTOMATICALLY = "clicked-automatically"
    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"
    BOUNCED = "bounced"  # nobody is there
    RETURNED = "returned"  # came back for another reason
    MEASURED = "measured"  # agreed to be counted, and their copy was accepted


TRACKED: Final = (ReceiptKind.OPENED, ReceiptKind.CLICKED)
_KINDS: Final = {
    Heard.OPENED: ReceiptKind.OPENED,
    Heard.OPENED_AUTOMATICALLY: ReceiptKind.OPENED,
    Heard.CLICKED: ReceiptKind.CLICKED,
    Heard.CLICKED_AUTOMATICALLY: ReceiptKind.CLICKED,
    Heard.UNSUBSCRIBED: ReceiptKind.UNSUBSCRIBED,
    Heard.COMPLAINED: ReceiptKind.COMPLAINED,
    Heard.BOUNCED: ReceiptKind.HARD_BOUNCED,
    Heard.RETURNED: ReceiptKind.SOFT_BOUNCED,
}
# Of a group of receipts: how many a person made.
BY_PERSON: Final = func.sum(case((Receipt.verdict == Verdict.PERSON, 1), else_=0))
# Opens and clicks are told only of whoever lets them be counted now, whatever was so then.
TOLD: Final = or_(Receipt.kind.not_in(TRACKED), Contact.tracking_allowed)


def people(
    campaign_id: int, heard: Heard, *, link: int | None = None, category: str | None = None
) -> Select[Delivery, str, int, object, str]:
    """Who is behind a number: delivery, name, person, when last, and grounds if automatic.

    ``link`` narrows clicks to one link of the issue, ``category`` people to those of one now (its
    slug, "" for none).
    """
    found = _measured(campaign_id) if heard is Heard.MEASURED else _heard(campaign_id, heard, link)
    return found if category is None else found.where(is_of(category))


def _heard(
    campaign_id: int, heard: Heard, link: int | None
) -> Select[Delivery, str, int, object, str]:
    of_copy = (
        select(
            Receipt.delivery_id.label("delivery_id"),
            func.max(Receipt.at).label("at"),
            func.max(Receipt.grounds).label("grounds"),
        )
        .where(Receipt.campaign_id == campaign_id, Receipt.kind == _KINDS[heard])
        .group_by(Receipt.delivery_id)
        .having(_counts(heard))
    )
    if link is not None:
        of_copy = of_copy.where(Receipt.link == link)
    found = of_copy.subquery()
    query = (
        select(Delivery, Contact.name, Contact.id.label("person_id"), found.c.at, found.c.grounds)
        .join(found, found.c.delivery_id == Delivery.id)
        .outerjoin(Contact, Contact.id == Delivery.contact_id)
        .order_by(Contact.last_name, Contact.first_name, Delivery.id)
    )
    return query.where(Contact.tracking_allowed) if _KINDS[heard] in TRACKED else query


def is_of(category: str) -> ColumnElement[bool]:
    """Whether a delivery's person is of a category now (its slug, "" for none)."""
    slug = (
        select(Category.slug)
        .select_from(Contact)
        .outerjoin(Organisation, Organisation.id == Contact.organisation_id)
        .join(Category, Category.id == category_id_of())
        .where(Contact.id == Delivery.contact_id)
        .correlate(Delivery)
        .scalar_subquery()
    )
    return func.coalesce(slug, "") == category


def _counts(heard: Heard) -> ColumnElement[bool]:
    if heard in {Heard.OPENED, Heard.CLICKED}:
        return BY_PERSON > 0
    if heard in {Heard.OPENED_AUTOMATICALLY, Heard.CLICKED_AUTOMATICALLY}:
        return BY_PERSON == 0
    return literal(1) == 1


def _measured(campaign_id: int) -> Select[Delivery, str, int, object, str]:
    return (
        select(
            Delivery,
            Contact.name,
            Contact.id.label("person_id"),
            Delivery.changed_at.label("at"),
            literal("").label("grounds"),
        )
        .join(Contact, and_(Contact.id == Delivery.contact_id, Contact.tracking_allowed))
        .where(Delivery.campaign_id == campaign_id, Delivery.status == DeliveryStatus.ACCEPTED)
        .order_by(Contact.last_name, Contact.first_name, Delivery.id)
    )
