"""The life of a campaign: made, edited, approved, planned, launched, paused, stopped, finished.

Every function changes one campaign inside the caller's transaction and takes the row's lock
first, so that two people, or a person and the clock, cannot move it at the same time.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, joinedload

from contacts.models import Newsletter
from mailer.audience import counting as audience
from mailer.authoring.checks import check_line
from mailer.authoring.document import parse
from mailer.campaigns.due import drop, put
from mailer.composition.links import links_of
from mailer.domains import standing
from mailer.errors import DocumentError, NotAllowed, NotFound, Problem
from mailer.models import (
    OPEN,
    Batch,
    Campaign,
    CampaignStatus,
    Delivery,
    DeliveryStatus,
    Link,
    Relay,
    StepKind,
    Version,
)
from mailer.settings.environment import Gate
from mailer.walltime import instant_of


class Unchanged(Enum):
    """Says that an optional value stays as it is, where None means taking it away."""

    UNCHANGED = 0


UNCHANGED: Final = Unchanged.UNCHANGED
SETTLES_AFTER: Final = timedelta(days=7)
LATE_WINDOW: Final = timedelta(minutes=60)


def find(session: Session, campaign_id: int, *, lock: bool = False) -> Campaign:
    """The campaign with its newsletter and segment; NotFound says which number was wrong."""
    query = (
        select(Campaign)
        .where(Campaign.id == campaign_id)
        .options(joinedload(Campaign.newsletter), joinedload(Campaign.segment))
    )
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
    now: datetime,
    preview_text: str = "",
    segment_id: int | None = None,
    slug: str = "",
) -> Campaign:
    """A new draft. The document may be unfinished; it may not be of another shape."""
    campaign = Campaign(
        newsletter_id=newsletter.id,
        segment_id=segment_id,
        name=name or subject or newsletter.name,
        slug=_free_slug(session, newsletter.id, slug or now.strftime("%Y-%m")),
        status=CampaignStatus.DRAFT,
        subject=subject,
        preview_text=preview_text,
        document=dict(document),
        version=1,
        created_at=now,
        updated_at=now,
    )
    session.add(campaign)
    session.flush()
    return campaign


def edit(
    session: Session,
    campaign_id: int,
    *,
    now: datetime,
    subject: str | None = None,
    preview_text: str | None = None,
    document: Mapping[str, Any] | None = None,
    segment_id: int | Unchanged | None = UNCHANGED,
    expected_version: int | None = None,
) -> Campaign:
    """Change what will be sent. Whatever had been approved no longer is.

    ``expected_version`` is the version the person was looking at: NotAllowed when it has moved on.
    """
    campaign = find(session, campaign_id, lock=True)
    if expected_version is not None and campaign.version != expected_version:
        raise NotAllowed(
            "Somebody else changed this issue while you were writing. Your words are below: "
            "compare them with the issue as it is now, then save again."
        )
    campaign.edited(at=now)
    if subject is not None:
        campaign.subject = subject
    if preview_text is not None:
        campaign.preview_text = preview_text
    if document is not None:
        campaign.document = dict(document)
    if not isinstance(segment_id, Unchanged):
        campaign.segment_id = segment_id
    if campaign.status is CampaignStatus.WAITING:
        campaign.move(CampaignStatus.DRAFT)
    return campaign


def problems(campaign: Campaign) -> list[Problem]:
    """What has to be mended before this can be sent; empty when nothing has to."""
    found: list[Problem] = []
    try:
        parse(campaign.document)
    except DocumentError as error:
        found += error.problems
    found += check_line(campaign.subject, "Subject", "subject", required=True)
    found += check_line(campaign.preview_text, "Preview text", "preview_text")
    return found


def obstacle(session: Session, campaign: Campaign, *, now: datetime) -> str | None:
    """What its sender's domain lacks, in a sentence, by the checks that were kept."""
    domain = standing.domain_of(campaign.newsletter.from_address)
    return standing.obstacle(session, domain, now=now)


def submit(session: Session, campaign_id: int, *, now: datetime) -> Campaign:
    """Ask for approval of this version."""
    campaign = find(session, campaign_id, lock=True)
    _must_be_sendable(campaign)
    campaign.move(CampaignStatus.WAITING)
    campaign.updated_at = now
    return campaign


def approve(
    session: Session, campaign_id: int, *, version: int, by: str, now: datetime
) -> Campaign:
    """Approve exactly ``version``. With a send time it is then scheduled."""
    campaign = find(session, campaign_id, lock=True)
    if not campaign.editable:
        raise NotAllowed(f"This issue is {campaign.status.value}: there is nothing to approve.")
    if campaign.version != version:
        raise NotAllowed(
            f"This changed while you were reading: version {campaign.version} needs approving, "
            f"you were looking at version {version}."
        )
    _must_be_sendable(campaign)
    campaign.approved_version = version
    campaign.approved_at = now
    campaign.approved_by = by
    _keep_version(session, campaign, now=now)
    if campaign.send_wall and campaign.status in {CampaignStatus.DRAFT, CampaignStatus.WAITING}:
        campaign.move(CampaignStatus.SCHEDULED)
    return campaign


def plan(session: Session, campaign_id: int, *, wall: str, zone: str, now: datetime) -> Campaign:
    """Set or change the time it goes out: wall time ("2026-12-08T10:00") and zone."""
    campaign = find(session, campaign_id, lock=True)
    if not campaign.editable:
        raise NotAllowed(f"This issue is {campaign.status.value}: its time can't change any more.")
    due_at = instant_of(wall, zone)
    if due_at <= now:
        raise NotAllowed("That time has passed. Choose a later one, or send it now.")
    campaign.send_wall, campaign.send_zone = wall, zone
    campaign.updated_at = now
    campaign.trouble = None
    put(session, StepKind.LAUNCH, campaign.id, due_at=due_at)
    if campaign.approved and campaign.status is not CampaignStatus.SCHEDULED:
        campaign.move(CampaignStatus.SCHEDULED)
    elif campaign.status is CampaignStatus.HELD:
        campaign.move(CampaignStatus.WAITING)
    return campaign


def unplan(session: Session, campaign_id: int, *, now: datetime) -> Campaign:
    """Take the time away; it waits for a person again."""
    campaign = find(session, campaign_id, lock=True)
    if not campaign.editable:
        raise NotAllowed(f"This issue is {campaign.status.value}.")
    campaign.send_wall = campaign.send_zone = None
    campaign.updated_at = now
    drop(session, StepKind.LAUNCH, campaign.id)
    if campaign.status in {CampaignStatus.SCHEDULED, CampaignStatus.HELD}:
        campaign.move(CampaignStatus.DRAFT)
    return campaign


def launch(session: Session, campaign_id: int, *, by: str, gate: Gate, now: datetime) -> Campaign:
    """Freeze what is sent and begin. A second launch of the same campaign is refused.

    Where the gate is enforced, so is a sender whom receivers can't tell from a forger.
    """
    campaign = find(session, campaign_id, lock=True)
    if not campaign.editable:
        raise NotAllowed(f"This issue is already {campaign.status.value}: it is never sent twice.")
    document = parse(_must_be_sendable(campaign).document)
    if gate is Gate.ENFORCE and (why := obstacle(session, campaign, now=now)):
        raise NotAllowed(why)
    rules = audience.rules_of(campaign.segment.rules if campaign.segment else None)
    if not audience.anybody(session, campaign.newsletter_id, rules, now=now):
        raise NotAllowed("Nobody will receive this: look at the audience first.")
    if not campaign.approved:
        campaign.approved_version, campaign.approved_at = campaign.version, now
        campaign.approved_by = by
    _keep_version(session, campaign, now=now)
    for link in links_of(document):
        session.add(
            Link(campaign_id=campaign.id, number=link.number, url=link.url, words=link.words)
        )
    campaign.move(CampaignStatus.SENDING)
    campaign.sent_version = campaign.version
    campaign.started_at = campaign.updated_at = now
    campaign.trouble = None
    drop(session, StepKind.LAUNCH, campaign.id)
    return campaign


def hold(session: Session, campaign_id: int, *, why: str, now: datetime) -> Campaign:
    """Its time has come and it may not go: it waits, and says so."""
    campaign = find(session, campaign_id, lock=True)
    campaign.move(CampaignStatus.HELD)
    campaign.trouble = why
    campaign.updated_at = now
    return campaign


def pause(session: Session, campaign_id: int, *, now: datetime, why: str | None = None) -> Campaign:
    """Send no more until somebody resumes it. What is in the air is still accounted for."""
    campaign = find(session, campaign_id, lock=True)
    campaign.move(CampaignStatus.PAUSED)
    campaign.trouble = why
    campaign.updated_at = now
    return campaign


def note(session: Session, campaign_id: int, trouble: str | None) -> None:
    """Say why a campaign that is being sent makes no progress, or that it does again."""
    session.execute(
        update(Campaign)
        .where(
            Campaign.id == campaign_id,
            Campaign.status == CampaignStatus.SENDING,
            Campaign.trouble.is_distinct_from(trouble),  # it is said again and again
        )
        .values(trouble=trouble)
    )


def resume(session: Session, campaign_id: int, *, now: datetime) -> Campaign:
    """Go on with a paused campaign."""
    campaign = find(session, campaign_id, lock=True)
    campaign.move(CampaignStatus.SENDING)
    campaign.trouble = None
    campaign.updated_at = now
    session.execute(
        update(Batch)
        .where(Batch.campaign_id == campaign_id, Batch.open)
        .values(due_at=now, nudged_at=None)
    )
    # Whoever resumes has put right what was wrong, so relays are tried again at once.
    session.execute(update(Relay).values(try_again_at=None))
    return campaign


def stop(session: Session, campaign_id: int, *, now: datetime) -> Campaign:
    """Send no more, for good. What has gone is counted, what has not is counted too."""
    campaign = find(session, campaign_id, lock=True)
    campaign.move(CampaignStatus.STOPPED)
    campaign.trouble = None
    campaign.updated_at = now
    return campaign


def skip(session: Session, campaign_id: int, *, now: datetime) -> Campaign:
    """Leave this one out; the schedule goes on with the next."""
    campaign = find(session, campaign_id, lock=True)
    campaign.move(CampaignStatus.SKIPPED)
    campaign.updated_at = now
    drop(session, StepKind.LAUNCH, campaign.id)
    return campaign


def finish_if_done(session: Session, campaign_id: int, *, now: datetime) -> bool:
    """Close a campaign whose every delivery has an outcome; True when it has been closed now."""
    campaign = find(session, campaign_id, lock=True)
    if campaign.finished_at is not None or campaign.status not in {
        CampaignStatus.SENDING,
        CampaignStatus.STOPPED,
    }:
        return False
    stopped = campaign.status is CampaignStatus.STOPPED
    if not stopped and campaign.frozen_at is None:
        return False
    # Batches know whether any of their rows is open, so nobody has to look at a million rows.
    unfinished = Batch.courier_id.is_not(None) if stopped else Batch.open
    if session.scalar(select(exists().where(Batch.campaign_id == campaign_id, unfinished))):
        return False
    if stopped:
        _stop_what_is_left(session, campaign_id, now=now)
    if campaign.status is CampaignStatus.SENDING:
        campaign.move(CampaignStatus.SENT)
    campaign.finished_at = campaign.updated_at = now
    campaign.trouble = None
    put(session, StepKind.SETTLE, campaign_id, due_at=now + SETTLES_AFTER)
    return True


def settle(session: Session, campaign_id: int, *, now: datetime) -> None:
    """The report is final: what comes in later is kept and changes no headline."""
    campaign = find(session, campaign_id, lock=True)
    if campaign.status in {CampaignStatus.SENT, CampaignStatus.STOPPED}:
        campaign.move(CampaignStatus.SETTLED)
        campaign.updated_at = now


def _stop_what_is_left(session: Session, campaign_id: int, *, now: datetime) -> None:
    session.execute(
        update(Delivery)
        .where(Delivery.campaign_id == campaign_id, Delivery.status.in_(OPEN))
        .values(status=DeliveryStatus.STOPPED, due_at=None, changed_at=now)
    )
    session.execute(
        update(Batch).where(Batch.campaign_id == campaign_id, Batch.open).values(open=False)
    )


def _must_be_sendable(campaign: Campaign) -> Campaign:
    if found := problems(campaign):
        raise DocumentError(found)
    return campaign


def _keep_version(session: Session, campaign: Campaign, *, now: datetime) -> None:
    kept = select(
        exists().where(Version.campaign_id == campaign.id, Version.number == campaign.version)
    )
    if session.scalar(kept):
        return
    session.add(
        Version(
            campaign_id=campaign.id,
            number=campaign.version,
            subject=campaign.subject,
            preview_text=campaign.preview_text,
            document=campaign.document,
            created_at=now,
        )
    )


def _free_slug(session: Session, newsletter_id: int, wanted: str) -> str:
    taken = set(
        session.scalars(select(Campaign.slug).where(Campaign.newsletter_id == newsletter_id))
    )
    slug, number = wanted, 2
    while slug in taken:
        slug, number = f"{wanted}-{number}", number + 1
    return slug
