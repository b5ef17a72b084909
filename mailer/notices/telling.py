"""Tells people of the office: each thing once, in their list, and by mail unless they want none.

What somebody was told is known by person, kind, issue and occurrence: a second telling of the same
is none.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from contacts.bulk import insert_new
from contacts.database import Instant
from mailer.models import Campaign, NewsKind, Notification, Operator, QuietKind
from mailer.notices import posting

# Somebody has to decide: of those who can, at least one gets a mail whatever they chose.
NEEDS_A_PERSON: Final = frozenset({NewsKind.APPROVE, NewsKind.HELD})
_NEW: Final = ("operator_id", "kind", "campaign_id", "occurrence", "words", "path", "at")


def untold(
    session: Session,
    people: Iterable[Operator],
    kind: NewsKind,
    campaign: Campaign,
    occurrence: str,
    *,
    words: str,
    path: str,
    now: datetime,
) -> list[Operator]:
    """Write it into the lists of those who have not been told; who of them gets a mail."""
    fresh = []
    for each in dict.fromkeys(people):
        row = select(
            literal(each.id),
            literal(kind.value),
            literal(campaign.id),
            literal(occurrence),
            literal(words[:998]),
            literal(path),
            literal(now, Instant),
        )
        if insert_new(session, Notification.__table__, _NEW, row, returning="id"):
            fresh.append(each)
    return with_mail(session, fresh, kind)


def with_mail(session: Session, people: Sequence[Operator], kind: NewsKind) -> list[Operator]:
    """Who of these people gets mail about this; all of them where somebody has to decide and
    nobody else would hear of it."""
    quiet = set(session.scalars(select(QuietKind.operator_id).where(QuietKind.kind == kind)))
    heard = [each for each in people if each.id not in quiet]
    return heard if heard or kind not in NEEDS_A_PERSON else list(people)


def tell(
    session: Session,
    people: Iterable[Operator | None],
    kind: NewsKind,
    campaign: Campaign,
    occurrence: str,
    *,
    news: str,
    more: str = "",
    verb: str = "Open the issue",
    path: str = "",
    site: str,
    now: datetime,
) -> str:
    """Tell these people some news of an issue, each once; who they are, as a log says it."""
    there = [each for each in dict.fromkeys(people) if each is not None and each.active]
    page = page_of(campaign) + path
    for each in untold(session, there, kind, campaign, occurrence, words=news, path=page, now=now):
        posting.post(
            session,
            "issue_news",
            to_address=each.email,
            to_name=each.name,
            sender=campaign.newsletter,
            now=now,
            issue=campaign.name,
            news=news,
            more=more,
            verb=verb,
            link=f"{site}{page}",
        )
    names = ", ".join(each.name for each in there)
    return f"told {names}" if names else "nobody to tell: it has no owner"


def page_of(campaign: Campaign) -> str:
    """Where an issue is, without the address of the site."""
    return f"/issues/{campaign.newsletter.slug}/{campaign.slug}"
