"""Who clicked, hour by hour and by category: people who let us count, each once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import pairwise
from typing import Final

from sqlalchemy import Subquery, and_, case, func, literal, select
from sqlalchemy.orm import Session

from contacts.membership.categories import category_id_of
from contacts.models import Category, Contact, Organisation
from mailer.models import Campaign, Delivery, DeliveryStatus, Receipt, ReceiptKind, Verdict

_BY_A_PERSON: Final = and_(Receipt.kind == ReceiptKind.CLICKED, Receipt.verdict == Verdict.PERSON)


class Span(IntEnum):
    """How long after the start is looked at, in hours."""

    DAY = 24
    TWO_DAYS = 48
    WEEK = 168

    @property
    def each(self) -> int:
        """The hours that are counted together: a week of single hours would be no picture."""
        return 6 if self is Span.WEEK else 1


@dataclass(frozen=True, slots=True)
class ClickHours:
    """``people`` clicked for the first time in each part of the span; ``later`` after it.

    The first part begins with the hour of the clock in which the sending began.
    """

    began_at: datetime
    people: Sequence[int]
    later: int
    span: Span = Span.DAY

    @property
    def rows(self) -> list[tuple[datetime, int]]:
        """The beginning of each part, with its people."""
        return [(self.end_of(place - 1), number) for place, number in enumerate(self.people)]

    def end_of(self, place: int) -> datetime:
        """When the part at this place ends."""
        return self.began_at + timedelta(hours=self.span.each * (place + 1))


@dataclass(frozen=True, slots=True)
class CategoryClicks:
    """One membership category; ``measured`` of the ``accepted`` let us count. No category: ""."""

    slug: str
    name: str
    accepted: int
    measured: int
    clicked: int


def hours(session: Session, campaign: Campaign, *, span: Span = Span.DAY) -> ClickHours | None:
    """When people clicked first, in the time after the start; None before it has started."""
    if campaign.started_at is None:
        return None
    began = campaign.started_at.replace(minute=0, second=0, microsecond=0)
    first = _first_clicks(campaign.id)
    limits = [began + timedelta(hours=hour) for hour in range(0, span + 1, span.each)]
    *people, total = session.execute(
        select(
            *(
                func.count(case((and_(first.c.at >= start, first.c.at < end), literal(1))))
                for start, end in pairwise(limits)
            ),
            func.count(),
        ).select_from(first)
    ).one()
    return ClickHours(began, people, total - sum(people), span)


def by_category(session: Session, campaign_id: int) -> list[CategoryClicks]:
    """Who clicked, by the category that people have now, in the categories' order."""
    first = _first_clicks(campaign_id)
    accepted = Delivery.status == DeliveryStatus.ACCEPTED
    people = (
        select(
            category_id_of().label("category_id"),
            func.count(case((accepted, literal(1)))).label("accepted"),
            func.count(case((and_(accepted, Contact.tracking_allowed), literal(1)))).label(
                "measured"
            ),
            func.count(first.c.delivery_id).label("clicked"),
        )
        .select_from(Delivery)
        .outerjoin(Contact, Contact.id == Delivery.contact_id)
        .outerjoin(Organisation, Organisation.id == Contact.organisation_id)
        .outerjoin(first, first.c.delivery_id == Delivery.id)
        .where(Delivery.campaign_id == campaign_id, Delivery.status != DeliveryStatus.EXCLUDED)
        .group_by(category_id_of())
        .subquery()
    )
    rows = session.execute(
        select(
            func.coalesce(Category.slug, ""),
            func.coalesce(Category.name, "No category"),
            people.c.accepted,
            people.c.measured,
            people.c.clicked,
        )
        .select_from(people)
        .outerjoin(Category, Category.id == people.c.category_id)
        .order_by(Category.position.is_(None), Category.position)
    )
    return [CategoryClicks(*row) for row in rows]


def _first_clicks(campaign_id: int) -> Subquery:
    return (
        select(Receipt.delivery_id.label("delivery_id"), func.min(Receipt.at).label("at"))
        .join(Delivery, Delivery.id == Receipt.delivery_id)
        .join(Contact, and_(Contact.id == Delivery.contact_id, Contact.tracking_allowed))
        .where(Receipt.campaign_id == campaign_id, _BY_A_PERSON)
        .group_by(Receipt.delivery_id)
        .subquery()
    )
