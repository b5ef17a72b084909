"""The public archive: the issues of a newsletter that everybody may read, and what they read.

A page of the archive is nobody's copy: it has the blocks that everyone gets, merge fields say what
they fall back to, and corrections show. The mail that has gone stays what it was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, func, select, true
from sqlalchemy.orm import Session, joinedload

from contacts.models import Newsletter
from mailer.authoring.blocks.base import Block, Item
from mailer.authoring.blocks.catalogue import BLOCK_TYPES
from mailer.authoring.blocks.fields import Field, FieldKind
from mailer.authoring.document import Document, read
from mailer.authoring.text.characters import one_line
from mailer.authoring.text.merging import for_everybody
from mailer.campaigns.letters import sent_letter
from mailer.composition.letter import Letter, Recipient
from mailer.errors import NotFound
from mailer.models import Campaign, CampaignStatus, Correction, Delivery, DeliveryStatus, Version
from mailer.settings.environment import Settings

ANYBODY: Final = Recipient(0, "")  # without a category: who sees what everyone sees
_MOST_SEARCHED: Final = 500  # issues, the newest
_SAID: Final = {FieldKind.LINE, FieldKind.MARKDOWN}


@dataclass(frozen=True, slots=True)
class ArchivedIssue:
    """An issue as the archive names it; ``changed_at`` is that of its last correction, or when it
    had been sent. ``document`` is what its page says."""

    campaign: Campaign
    subject: str
    preview_text: str
    sent_at: datetime
    changed_at: datetime
    document: Document
    corrections: Sequence[Correction]


def newsletter_with_archive(session: Session, slug: str) -> Newsletter:
    """NotFound where there is no such newsletter, or it shows no archive."""
    query = select(Newsletter).where(Newsletter.slug == slug, Newsletter.archive_on)
    found = session.scalar(query)
    if found is None:
        raise NotFound("There is no archive here.")
    return found


def issues_of(
    session: Session, newsletter: Newsletter, *, matching: str = "", page: int, per_page: int
) -> tuple[list[ArchivedIssue], int]:
    """The issues with all words of ``matching`` in their subject or the blocks for everyone, the
    newest first, and how many there are."""
    wanted = is_shown(newsletter)
    first = (page - 1) * per_page
    terms = one_line(matching).casefold().split()
    if not terms:
        total = session.scalar(select(func.count(Campaign.id)).where(wanted)) or 0
        return _rows(session, wanted, first=first, most=per_page), total
    found = [
        each
        for each in _rows(session, wanted, first=0, most=_MOST_SEARCHED)
        if all(term in _words(each) for term in terms)
    ]
    return found[first : first + per_page], len(found)


def issue_of(session: Session, newsletter: Newsletter, slug: str) -> ArchivedIssue:
    """One issue; NotFound where the archive does not show it."""
    rows = _rows(session, and_(is_shown(newsletter), Campaign.slug == slug), first=0, most=1)
    if not rows:
        raise NotFound("There is no such issue in the archive.")
    return rows[0]


def letter_of_page(session: Session, issue: ArchivedIssue, *, settings: Settings) -> Letter:
    """What the page of an issue is made from: what was sent, with its corrections."""
    letter = sent_letter(session, issue.campaign.id, settings=settings)
    return replace(letter, document=issue.document, online=False)


def is_shown(newsletter: Newsletter) -> ColumnElement[bool]:
    """Whether the archive shows a campaign: sent to the end, and not to a segment only, unless the
    newsletter shows those too."""
    stopped = exists().where(
        Delivery.campaign_id == Campaign.id, Delivery.status == DeliveryStatus.STOPPED
    )
    return and_(
        Campaign.newsletter_id == newsletter.id,
        # One that was stopped is settled too, in the end.
        Campaign.status.in_((CampaignStatus.SENT, CampaignStatus.SETTLED)),
        Campaign.frozen_at.is_not(None),
        Campaign.finished_at.is_not(None),
        ~stopped,
        true() if newsletter.archive_segments else Campaign.segment_id.is_(None),
    )


def _rows(
    session: Session, wanted: ColumnElement[bool], *, first: int, most: int
) -> list[ArchivedIssue]:
    rows = session.execute(
        select(Campaign, Version)
        .join(
            Version,
            and_(Version.campaign_id == Campaign.id, Version.number == Campaign.sent_version),
        )
        .where(wanted)
        .options(joinedload(Campaign.newsletter))
        .order_by(Campaign.started_at.desc(), Campaign.id.desc())
        .offset(first)
        .limit(most)
    ).all()
    made: dict[int, list[Correction]] = {}
    ids = [campaign.id for campaign, _ in rows]
    query = select(Correction).where(Correction.campaign_id.in_(ids)).order_by(Correction.id)
    for each in session.scalars(query):
        made.setdefault(each.campaign_id, []).append(each)
    return [_issue(campaign, version, made.get(campaign.id, [])) for campaign, version in rows]


def _issue(
    campaign: Campaign, version: Version, corrections: Sequence[Correction]
) -> ArchivedIssue:
    assert campaign.started_at is not None  # what is shown has been sent
    assert campaign.finished_at is not None
    data = corrections[-1].document if corrections else version.document
    return ArchivedIssue(
        campaign,
        one_line(for_everybody(version.subject)),
        one_line(for_everybody(version.preview_text)),
        campaign.started_at,
        corrections[-1].at if corrections else campaign.finished_at,
        read(data)[0],
        corrections,
    )


def _words(issue: ArchivedIssue) -> str:
    """What can be looked for: nothing that only some members read is among it."""
    said = (
        text
        for block in issue.document.blocks
        if block.is_for(ANYBODY.category) and not block.is_frame
        for text in _texts(block, BLOCK_TYPES[block.type].fields)
    )
    return " ".join((issue.subject, *map(for_everybody, said))).casefold()


def _texts(thing: Block | Item, fields: Sequence[Field]) -> Iterator[str]:
    for field in fields:
        value = getattr(thing, field.name)
        if isinstance(value, tuple):
            for each in value:
                yield from _texts(each, field.parts)
        elif field.kind in _SAID:
            yield value
