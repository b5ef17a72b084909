"""Thanks with results: a week after the issue went out, whoever sent a story hears of it, once.

Only what is known is said: how many people it went to, and of those who let us count, how many
opened it and how many clicked a link of the story.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from contacts.models import Newsletter
from contacts.permission.suppressions import find as suppression_of
from mailer.authoring.text.dates import day_words
from mailer.clock import wall_of
from mailer.gathering.stories.results import StoryResults, results
from mailer.models import (
    Campaign,
    CampaignStatus,
    LibraryUse,
    StoryAsk,
    StoryRequest,
)
from mailer.network.details import zone
from mailer.notices import posting

AFTER: Final = timedelta(days=7)
_NOT_LATER: Final = timedelta(days=37)  # a thank-you of months ago is none
_WENT_OUT: Final = (CampaignStatus.SENT, CampaignStatus.SETTLED)
_AT_ONCE: Final = 100


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
