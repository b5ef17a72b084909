"""Thanks with results: a week after the issue went out, whoever sent a story hears of it, once.

Only what is known is said: how many people it went to, and of those who let us count, how many
opened it and how many clicked a link of the story.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, joinedload

from contacts.models import Contact, Newsletter
from contacts.permission.suppressions import find as suppression_of
from mailer.authoring import document as documents
from mailer.authoring.library.uses import sources_of
from mailer.authoring.text.dates import day_words
from mailer.clock import wall_of
from mailer.models import (
    Campaign,
    CampaignStatus,
    Delivery,
    DeliveryStatus,
    LibraryUse,
    Link,
    Receipt,
    ReceiptKind,
    StoryAsk,
    StoryRequest,
    Verdict,
    Version,
)
from mailer.network.details import zone
from mailer.notices import posting
from mailer.reports.engagement import measured
from mailer.reports.hearing import Heard, people

AFTER: Final = timedelta(days=7)
_NOT_LATER: Final = timedelta(days=37)  # a thank-you of months ago is none
_WENT_OUT: Final = (CampaignStatus.SENT, CampaignStatus.SETTLED)
_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class StoryResults:
    """What is known of a story in an issue; ``clicked`` is None where it has no link to click."""

    sent_to: int
    measured: int
    opened: int
    clicked: int | None


def due(session: Session, *, now: datetime) -> list[int]:
    """The asks whose story went out a week ago, and who were not told yet."""
    query = (
        select(StoryAsk.id)
        .join(StoryRequest, StoryRequest.id == StoryAsk.request_id)
        .join(LibraryUse, LibraryUse.item_id == StoryAsk.item_id)
        .join(Campaign, Campaign.id == LibraryUse.campaign_id)
        .where(
            StoryRequest.thanks,
            StoryAsk.thanked_at.is_(None),
            StoryAsk.answered_at.is_not(None),
            Campaign.status.in_(_WENT_OUT),
            Campaign.started_at <= now - AFTER,
            Campaign.started_at > now - _NOT_LATER,
        )
        .distinct()
        .order_by(StoryAsk.id)
        .limit(_AT_ONCE)
    )
    return list(session.scalars(query))


def thank(session: Session, ask_id: int, *, site: str, now: datetime) -> bool:
    """Tell one person, once; False when there is nothing to tell any more."""
    asked = session.scalar(
        select(StoryAsk)
        .where(StoryAsk.id == ask_id, StoryAsk.thanked_at.is_(None))
        .options(joinedload(StoryAsk.contact), joinedload(StoryAsk.item))
        .with_for_update(of=StoryAsk, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    issue = _issue(session, asked, now) if asked else None
    if asked is None or asked.item is None or issue is None:
        return False
    asked.thanked_at = now
    key = asked.contact.address_key
    if not key or suppression_of(session, key):
        return False
    assert issue.started_at is not None
    sender = session.get_one(Newsletter, issue.newsletter_id)
    found = results(session, issue, asked.item.id)
    archive = f"{site}/archive/{sender.slug}/{issue.slug}"
    posting.post(
        session,
        "story_thanks",
        to_address=asked.contact.email or "",
        to_name=asked.contact.name,
        sender=sender,
        now=now,
        hello=asked.contact.first_name,
        story=asked.item.title,
        issue=issue.name,
        day=day_words(wall_of(issue.started_at, zone(session)).date()),
        number=f"{found.sent_to:,}",
        read=_read(found),
        clicked=_clicked(found),
        words="Read it on the web" if sender.archive_on else "Where others can sign up",
        link=archive if sender.archive_on else f"{site}/join/{sender.slug}",
    )
    return True


def thank_due(session: Session, *, site: str, now: datetime) -> int:
    """Tell everybody who is to be told now; how many."""
    return sum(thank(session, each, site=site, now=now) for each in due(session, now=now))


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


def _issue(session: Session, asked: StoryAsk, now: datetime) -> Campaign | None:
    """The first issue that had the story, a week ago or more."""
    return session.scalar(
        select(Campaign)
        .join(LibraryUse, LibraryUse.campaign_id == Campaign.id)
        .where(
            LibraryUse.item_id == asked.item_id,
            Campaign.status.in_(_WENT_OUT),
            Campaign.started_at <= now - AFTER,
            Campaign.started_at > now - _NOT_LATER,
        )
        .order_by(Campaign.started_at, Campaign.id)
        .limit(1)
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


def _read(found: StoryResults) -> str:
    sent = f"It reached {found.sent_to:,} mailboxes."
    if not found.measured:
        return sent
    return f"{sent} {found.opened:,} of the {found.measured:,} people who let us count opened it."


def _clicked(found: StoryResults) -> str:
    if not found.measured or found.clicked is None:
        return ""
    who = "1 person" if found.clicked == 1 else f"{found.clicked:,} people"
    return f"{who} clicked through to your story." if found.clicked else ""
