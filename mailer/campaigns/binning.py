"""The bin: drafts that nobody wants lie there for thirty days, and are then removed for good."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session, joinedload

from contacts.actors import Actor, ActorKind
from contacts.database import Base
from mailer.campaigns.due import drop
from mailer.campaigns.editing import find
from mailer.campaigns.moving import move, note
from mailer.campaigns.verbs import Verb
from mailer.errors import NotAllowed
from mailer.models import Campaign, CampaignStatus, Delivery, Schedule, Step, StepKind

KEPT: Final = timedelta(days=30)
_CLOCK: Final = Actor(ActorKind.CLOCK)
_OF_A_CAMPAIGN: Final = tuple(kind for kind in StepKind if kind is not StepKind.DRAFT)


def put_in_bin(session: Session, campaign_id: int, *, actor: Actor, now: datetime) -> Campaign:
    """Put an issue in the bin, from which it can be put back. It has no time to go out any more."""
    campaign = find(session, campaign_id, lock=True)
    Verb.BIN.check(campaign.status)
    _must_have_reached_nobody(session, campaign)
    _must_be_of_no_schedule(session, campaign)
    move(session, campaign, Verb.BIN, CampaignStatus.BINNED, "binned", actor=actor, now=now)
    campaign.binned_at = now
    campaign.to_tell = None
    for kind in _OF_A_CAMPAIGN:
        drop(session, kind, campaign.id)
    return campaign


def remove(session: Session, campaign_id: int, *, actor: Actor, now: datetime) -> str:
    """Remove an issue of the bin for good, with all that hangs on it; its name. What the audit
    says of it stays."""
    campaign = find(session, campaign_id, lock=True)
    Verb.REMOVE.check(campaign.status)
    _must_have_reached_nobody(session, campaign)
    _must_be_of_no_schedule(session, campaign)
    detail = {"name": campaign.name, "address": campaign.slug}
    note(session, campaign, "removed", actor=actor, now=now, **detail)
    session.flush()
    session.execute(
        delete(Step).where(Step.kind.in_(_OF_A_CAMPAIGN), Step.subject_id == campaign.id)
    )
    name = campaign.name
    # Whatever table hangs on issues: one that is new is not forgotten here.
    for table in reversed(Base.metadata.sorted_tables):
        for column in table.columns:
            if any(key.column is Campaign.__table__.c.id for key in column.foreign_keys):
                session.execute(delete(table).where(column == campaign_id))
    session.delete(campaign)
    session.flush()
    return name


def empty(session: Session, *, now: datetime) -> int:
    """Remove what has been in the bin for thirty days; how many issues that were."""
    over = session.scalars(
        select(Campaign.id).where(
            Campaign.status == CampaignStatus.BINNED, Campaign.binned_at <= now - KEPT
        )
    ).all()
    for campaign_id in over:
        remove(session, campaign_id, actor=_CLOCK, now=now)
    return len(over)


def listed(session: Session) -> Sequence[Campaign]:
    """What is in the bin, the newest first."""
    return session.scalars(
        select(Campaign)
        .where(Campaign.status == CampaignStatus.BINNED)
        .options(joinedload(Campaign.newsletter))
        .order_by(Campaign.binned_at.desc(), Campaign.id.desc())
    ).all()


def removed_at(campaign: Campaign) -> datetime | None:
    """When it is removed for good; None for an issue that is not in the bin."""
    return campaign.binned_at + KEPT if campaign.binned_at else None


def _must_be_of_no_schedule(session: Session, campaign: Campaign) -> None:
    if session.scalar(select(exists().where(Schedule.template_id == campaign.id))):
        raise NotAllowed(
            "A schedule makes its drafts from this template: choose another one there first."
        )


def _must_have_reached_nobody(session: Session, campaign: Campaign) -> None:
    of_it = exists().where(Delivery.campaign_id == campaign.id)
    if campaign.started_at is not None or session.scalar(select(of_it)):
        raise NotAllowed("This issue has begun to go out: it stays, with its report.")
