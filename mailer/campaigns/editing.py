"""A campaign as it is made and written: found, created, edited, and what has to be mended."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from contacts.actors import Actor
from contacts.models import Newsletter, Segment
from mailer.audience import leaving_out
from mailer.audience.leaving_out import WhomToLeaveOut
from mailer.authoring.document import parse
from mailer.authoring.library import uses
from mailer.authoring.locks import broken_lock
from mailer.campaigns.due import put
from mailer.campaigns.moving import move, note
from mailer.campaigns.naming.addresses import free_address
from mailer.campaigns.naming.called import Called
from mailer.campaigns.naming.called import name as call
from mailer.campaigns.naming.called import problems as problems_of_naming
from mailer.campaigns.naming.months import month_at
from mailer.campaigns.verbs import Verb
from mailer.composition import sizing
from mailer.composition.letter import Letter
from mailer.errors import DocumentError, FormError, NotAllowed, NotFound
from mailer.models import Campaign, CampaignKind, CampaignStatus, LeftOut, StepKind


class Unchanged(Enum):
    """Says that an optional value stays as it is, where None means taking it away."""

    UNCHANGED = 0


UNCHANGED: Final = Unchanged.UNCHANGED
# What an approval is about: whoever lists issues by their state loads it too.
WITH_WHAT_IS_APPROVED: Final = (
    joinedload(Campaign.newsletter),
    joinedload(Campaign.segment),
    selectinload(Campaign.leaves_out).joinedload(LeftOut.segment),
)
ASKED_AFTER: Final = timedelta(seconds=30)  # its addresses, once its author writes no more


def find(session: Session, campaign_id: int, *, lock: bool = False) -> Campaign:
    """The campaign with its newsletter and segment; NotFound says which number was wrong."""
    query = select(Campaign).where(Campaign.id == campaign_id).options(*WITH_WHAT_IS_APPROVED)
    if lock:
        query = query.with_for_update(of=Campaign).execution_options(populate_existing=True)
    campaign = session.scalar(query)
    if campaign is None:
        raise NotFound(f"There is no issue number {campaign_id}.")
    return campaign


def create(
    session: Session,
    newsletter: Newsletter,
    *,
    name: str,
    subject: str,
    document: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    preview_text: str = "",
    segment_id: int | None = None,
    slug: str = "",
    month: str | None = None,
    kind: CampaignKind = CampaignKind.ISSUE,
) -> Campaign:
    """A new draft. The document may be unfinished; it may not be of another shape. Of an address
    that another issue has, it gets the next that is free."""
    campaign = Campaign(
        newsletter_id=newsletter.id,
        segment_id=segment_id,
        name=name or subject or newsletter.name,
        kind=kind,
        month=month,
        slug=free_address(session, newsletter.id, slug or month or month_at(now)),
        status=(CampaignStatus.TEMPLATE if kind is CampaignKind.TEMPLATE else CampaignStatus.DRAFT),
        subject=subject,
        preview_text=preview_text,
        document=dict(document),
        version=1,
        edited_by=actor,
        created_at=now,
        updated_at=now,
    )
    session.add(campaign)
    session.flush()
    uses.follow(session, campaign.id, document, now=now)
    _ask_after_addresses(session, campaign, now=now)
    note(session, campaign, "made", actor=actor, now=now)
    return campaign


def edit(
    session: Session,
    campaign_id: int,
    *,
    actor: Actor,
    now: datetime,
    subject: str | None = None,
    preview_text: str | None = None,
    document: Mapping[str, Any] | None = None,
    segment_id: int | Unchanged | None = UNCHANGED,
    left_out: WhomToLeaveOut | None = None,
    expected_revision: int | None = None,
) -> Campaign:
    """Change what will be sent. Whatever had been approved no longer is.

    ``expected_revision`` is what the person was looking at: NotAllowed when it has moved on.
    """
    campaign = find(session, campaign_id, lock=True)
    must_be_at(campaign, expected_revision)
    Verb.EDIT.check(campaign.status)
    if (
        document is not None
        and not campaign.is_template
        and (broken := broken_lock(campaign.document, document))
    ):
        raise NotAllowed(broken)
    campaign.edited(by=actor, at=now)
    if subject is not None:
        campaign.subject = subject
    if preview_text is not None:
        campaign.preview_text = preview_text
    if document is not None:
        campaign.document = dict(document)
        uses.follow(session, campaign.id, document, now=now)
        _ask_after_addresses(session, campaign, now=now)
    if not isinstance(segment_id, Unchanged):
        if segment_id is not None and session.get(Segment, segment_id) is None:
            raise NotFound("That segment is no longer there. Choose another audience.")
        campaign.segment_id = segment_id
    if left_out is not None:
        if wrong := leaving_out.problems(session, campaign.id, left_out):
            raise NotFound(" ".join(wrong))
        leaving_out.keep(session, campaign.id, left_out)
    if campaign.status is CampaignStatus.WAITING:
        move(session, campaign, Verb.EDIT, CampaignStatus.DRAFT, "taken back", actor=actor, now=now)
    return campaign


def rename(
    session: Session, campaign_id: int, called: Called, *, actor: Actor, now: datetime
) -> Campaign:
    """Change what a draft is called. Nobody reads that in the mail, so an approval stays; FormError
    where it can't be called so."""
    campaign = find(session, campaign_id, lock=True)
    before = Called.of(campaign)
    if called == before:
        return campaign
    Verb.EDIT.check(campaign.status)
    wrong = problems_of_naming(
        session, campaign.newsletter_id, called, kind=campaign.kind, of=campaign
    )
    if wrong:
        raise FormError(wrong)
    call(session, campaign, called)
    note(session, campaign, "renamed", actor=actor, now=now, was=before.name, at=before.address)
    return campaign


def _ask_after_addresses(session: Session, campaign: Campaign, *, now: datetime) -> None:
    if not campaign.is_template:
        put(session, StepKind.ADDRESSES, campaign.id, due_at=now + ASKED_AFTER)


def must_be_at(campaign: Campaign, revision: int | None) -> None:
    """NotAllowed when the campaign has moved on since the revision a person was looking at."""
    if revision is not None and campaign.revision != revision:
        raise NotAllowed(
            "Somebody else changed this issue while you were writing. Your words are below: "
            "compare them with the issue as it is now, then save again."
        )


def size(campaign: Campaign) -> int:
    """Octets of HTML in the largest copy; 0 where the document can't be read. It takes a tenth of a
    second for each set of blocks that somebody sees, once for each version in a process."""
    try:
        document = parse(campaign.document)
    except DocumentError:
        return 0
    long = "x" * 40  # names and addresses that are known only when it is sent
    letter = Letter(
        campaign_id=campaign.id,
        newsletter=long,
        newsletter_name=long,
        sender_name=long,
        sender_address="",
        reply_to=None,
        subject=campaign.subject,
        preview_text=campaign.preview_text,
        document=document,
        date=campaign.updated_at,
        public_url=f"https://{long}",
        return_domain="",
        postal_address=long,
        online=True,
    )
    return sizing.largest(letter)
