"""Opens and clicks: people, not hits, with what machines did counted apart."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, case, func, literal, select
from sqlalchemy.orm import Session

from contacts.models import Contact
from mailer.models import Delivery, Link, Receipt, ReceiptKind, Verdict
from mailer.reports.hearing import BY_PERSON, TOLD, TRACKED, Heard, is_of, people


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
    """The receipts of a campaign in numbers; ``measured`` people agreed to be counted.

    Whoever opened or clicked is a person; ``..._automatically`` are copies that machines alone
    took up. ``grounds`` are all requests of machines by why they count as such, the most first; a
    request can have several.
    """

    measured: int
    opened: int
    opened_automatically: int
    clicked: int
    clicked_automatically: int
    unsubscribed: int
    complained: int
    bounced: int  # nobody is there
    returned: int  # came back for another reason
    links: Sequence[LinkClicks]
    grounds: Sequence[tuple[str, int]]


def engagement(session: Session, campaign_id: int) -> Engagement:
    """Opens, clicks and unsubscribes of a campaign, people counted once each."""
    copies = (
        select(Receipt.kind.label("kind"), (BY_PERSON > 0).label("by_person"))
        .join(Delivery, Delivery.id == Receipt.delivery_id)
        .outerjoin(Contact, Contact.id == Delivery.contact_id)
        .where(Receipt.campaign_id == campaign_id, TOLD)
        .group_by(Receipt.kind, Receipt.delivery_id)
        .subquery()
    )
    of_people: Counter[ReceiptKind] = Counter()
    of_machines: Counter[ReceiptKind] = Counter()
    for kind, by_person, number in session.execute(
        select(copies.c.kind, copies.c.by_person, func.count()).group_by(
            copies.c.kind, copies.c.by_person
        )
    ):
        (of_people if by_person else of_machines)[kind] += number
    both = of_people + of_machines
    return Engagement(
        measured=measured(session, campaign_id),
        opened=of_people[ReceiptKind.OPENED],
        opened_automatically=of_machines[ReceiptKind.OPENED],
        clicked=of_people[ReceiptKind.CLICKED],
        clicked_automatically=of_machines[ReceiptKind.CLICKED],
        unsubscribed=both[ReceiptKind.UNSUBSCRIBED],
        complained=both[ReceiptKind.COMPLAINED],
        bounced=both[ReceiptKind.HARD_BOUNCED],
        returned=both[ReceiptKind.SOFT_BOUNCED],
        links=of_links(session, campaign_id),
        grounds=_grounds(session, campaign_id),
    )


def measured(session: Session, campaign_id: int, *, category: str | None = None) -> int:
    """How many agreed to be counted; of one category (its slug, "" for none) if one is named."""
    found = people(campaign_id, Heard.MEASURED, category=category)
    copies = found.order_by(None).with_only_columns(Delivery.id).subquery()
    return session.scalar(select(func.count()).select_from(copies)) or 0


def of_links(
    session: Session, campaign_id: int, *, category: str | None = None
) -> list[LinkClicks]:
    """The links in reading order, each with who clicked it; of one category if one is named."""
    person = func.count(
        func.distinct(case((Receipt.verdict == Verdict.PERSON, Receipt.delivery_id)))
    )
    clicks = (
        select(
            Receipt.link.label("link"),
            person.label("people"),
            func.count(func.distinct(Receipt.delivery_id)).label("copies"),
        )
        .join(Delivery, Delivery.id == Receipt.delivery_id)
        .join(Contact, and_(Contact.id == Delivery.contact_id, Contact.tracking_allowed))
        .where(
            Receipt.campaign_id == campaign_id,
            Receipt.kind == ReceiptKind.CLICKED,
            literal(True) if category is None else is_of(category),
        )
        .group_by(Receipt.link)
        .subquery()
    )
    rows = session.execute(
        select(
            Link.number,
            Link.url,
            Link.words,
            func.coalesce(clicks.c.people, 0),
            func.coalesce(clicks.c.copies, 0),
        )
        .outerjoin(clicks, clicks.c.link == Link.number)
        .where(Link.campaign_id == campaign_id)
        .order_by(Link.number)
    )
    return [
        LinkClicks(number, url, words, people, total - people)
        for number, url, words, people, total in rows
    ]


def _grounds(session: Session, campaign_id: int) -> list[tuple[str, int]]:
    rows = session.execute(
        select(Receipt.grounds, func.count())
        .join(Delivery, Delivery.id == Receipt.delivery_id)
        .join(Contact, and_(Contact.id == Delivery.contact_id, Contact.tracking_allowed))
        .where(
            Receipt.campaign_id == campaign_id,
            Receipt.kind.in_(TRACKED),
            Receipt.verdict == Verdict.AUTOMATIC,
        )
        .group_by(Receipt.grounds)
    )
    requests: Counter[str] = Counter()
    for grounds, number in rows:
        for each in (grounds or "").split():
            requests[each] += number
    return requests.most_common()
