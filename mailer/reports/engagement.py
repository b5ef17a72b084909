"""Opens and clicks: people, not hits, with what machines did counted apart."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from contacts.models import Contact
from mailer.models import Delivery, DeliveryStatus, Link, Receipt, ReceiptKind, Verdict


@dataclass(frozen=True, slots=True)
class LinkClicks:
    """One link: ``people`` clicked it; ``automatic`` is how many copies only machines followed."""

    number: int
    url: str
    words: str
    people: int
    automatic: int


@dataclass(frozen=True, slots=True)
class Engagement:
    """The receipts of a campaign in numbers; ``measured`` people agreed to be counted."""

    measured: int
    opened: int
    opened_automatically: int
    clicked: int
    unsubscribed: int
    complained: int
    bounced: int  # nobody is there
    returned: int  # came back for another reason
    links: Sequence[LinkClicks]


def engagement(session: Session, campaign_id: int) -> Engagement:
    """Opens, clicks and unsubscribes of a campaign, people counted once each."""
    person = func.count(
        func.distinct(case((Receipt.verdict == Verdict.PERSON, Receipt.delivery_id)))
    )
    anything = func.count(func.distinct(Receipt.delivery_id))
    by_kind = {
        kind: (people, total)
        for kind, people, total in session.execute(
            select(Receipt.kind, person, anything)
            .where(Receipt.campaign_id == campaign_id)
            .group_by(Receipt.kind)
        )
    }
    opened, opened_by_any = by_kind.get(ReceiptKind.OPENED, (0, 0))
    return Engagement(
        measured=_measured(session, campaign_id),
        opened=opened,
        opened_automatically=opened_by_any - opened,
        clicked=by_kind.get(ReceiptKind.CLICKED, (0, 0))[0],
        unsubscribed=by_kind.get(ReceiptKind.UNSUBSCRIBED, (0, 0))[1],
        complained=by_kind.get(ReceiptKind.COMPLAINED, (0, 0))[1],
        bounced=by_kind.get(ReceiptKind.HARD_BOUNCED, (0, 0))[1],
        returned=by_kind.get(ReceiptKind.SOFT_BOUNCED, (0, 0))[1],
        links=_links(session, campaign_id),
    )


def _links(session: Session, campaign_id: int) -> list[LinkClicks]:
    person = func.count(
        func.distinct(case((Receipt.verdict == Verdict.PERSON, Receipt.delivery_id)))
    )
    rows = session.execute(
        select(
            Link.number,
            Link.url,
            Link.words,
            person,
            func.count(func.distinct(Receipt.delivery_id)),
        )
        .outerjoin(
            Receipt,
            and_(
                Receipt.campaign_id == Link.campaign_id,
                Receipt.kind == ReceiptKind.CLICKED,
                Receipt.link == Link.number,
            ),
        )
        .where(Link.campaign_id == campaign_id)
        .group_by(Link.number, Link.url, Link.words)
        .order_by(Link.number)
    )
    return [
        LinkClicks(number, url, words, people, total - people)
        for number, url, words, people, total in rows
    ]


def _measured(session: Session, campaign_id: int) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(Delivery)
            .join(Contact, Contact.id == Delivery.contact_id)
            .where(
                Delivery.campaign_id == campaign_id,
                Delivery.status == DeliveryStatus.ACCEPTED,
                Contact.tracking_allowed,
            )
        )
        or 0
    )
