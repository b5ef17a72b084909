"""What is known of a story in an issue that went out, of people who let us count, and no more."""

from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from contacts.models import Contact
from mailer.authoring import document as documents
from mailer.authoring.library.uses import sources_of
from mailer.models import (
    Campaign,
    Delivery,
    DeliveryStatus,
    Link,
    Receipt,
    ReceiptKind,
    Verdict,
    Version,
)
from mailer.reports.engagement import measured
from mailer.reports.hearing import Heard, people


@dataclass(frozen=True, slots=True)
class StoryResults:
    """What is known of a story in an issue; ``clicked`` is None where it has no link to click."""

    sent_to: int
    measured: int
    opened: int
    clicked: int | None


def results(session: Session, issue: Campaign, item_id: int) -> StoryResults:
    """What is known of an item in an issue that has gone out."""
    copies = select(func.count()).where(
        Delivery.campaign_id == issue.id, Delivery.status == DeliveryStatus.ACCEPTED
    )
    opened = people(issue.id, Heard.OPENED).order_by(None).with_only_columns(Delivery.id)
    return StoryResults(
        sent_to=session.scalar(copies) or 0,
        measured=measured(session, issue.id),
        opened=session.scalar(select(func.count()).select_from(opened.subquery())) or 0,
        clicked=_clicks(session, issue, item_id),
    )


def _clicks(session: Session, issue: Campaign, item_id: int) -> int | None:
    """How many people clicked a link of the blocks that have the item; each once."""
    sent = session.scalar(
        select(Version.document).where(
            Version.campaign_id == issue.id, Version.number == issue.sent_version
        )
    )
    if sent is None:
        return None
    urls = {
        url
        for block in documents.read(sent)[0].blocks
        if any(source.item == item_id for source in sources_of(block))
        for url, _ in block.links()
        if url
    }
    numbers = session.scalars(
        select(Link.number).where(Link.campaign_id == issue.id, Link.url.in_(urls))
    ).all()
    if not numbers:
        return None
    return (
        session.scalar(
            select(func.count(func.distinct(Receipt.delivery_id)))
            .join(Delivery, Delivery.id == Receipt.delivery_id)
            .join(Contact, and_(Contact.id == Delivery.contact_id, Contact.tracking_allowed))
            .where(
                Receipt.campaign_id == issue.id,
                Receipt.kind == ReceiptKind.CLICKED,
                Receipt.verdict == Verdict.PERSON,
                Receipt.link.in_(numbers),
            )
        )
        or 0
    )
