"""Whom an issue leaves out of its audience: people of segments, and whoever got other issues."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.orm import Session

from contacts.models import Contact, Segment
from mailer.models import Campaign, CampaignStatus, Delivery, DeliveryStatus, Exclusion, LeftOut

S = CampaignStatus
_GOT_NOTHING = (DeliveryStatus.EXCLUDED, DeliveryStatus.REFUSED, DeliveryStatus.STOPPED)


@dataclass(frozen=True, slots=True)
class WhomToLeaveOut:
    """Ids of segments, and of issues whose recipients are left out."""

    segments: tuple[int, ...] = ()
    issues: tuple[int, ...] = ()


def chosen(session: Session, campaign_id: int) -> WhomToLeaveOut:
    """Whom the issue leaves out."""
    rows = session.scalars(
        select(LeftOut).where(LeftOut.campaign_id == campaign_id).order_by(LeftOut.id)
    ).all()
    return WhomToLeaveOut(
        tuple(each.segment_id for each in rows if each.segment_id is not None),
        tuple(each.issue_id for each in rows if each.issue_id is not None),
    )


def problems(session: Session, campaign_id: int, whom: WhomToLeaveOut) -> list[str]:
    """What is in the way of leaving them out, in sentences."""
    found = []
    segments = session.scalars(select(Segment.id).where(Segment.id.in_(whom.segments))).all()
    if set(segments) != set(whom.segments):
        found.append("A segment that was to be left out is no longer there. Choose again.")
    sent = select(Campaign.id).where(
        Campaign.id.in_(whom.issues), Campaign.started_at.is_not(None), Campaign.id != campaign_id
    )
    if set(session.scalars(sent)) != set(whom.issues):
        found.append("Only people who got an issue that has gone out can be left out.")
    return found


def keep(session: Session, campaign_id: int, whom: WhomToLeaveOut) -> None:
    """Let the issue leave out these, and nobody else."""
    session.execute(delete(LeftOut).where(LeftOut.campaign_id == campaign_id))
    for segment_id in dict.fromkeys(whom.segments):
        session.add(LeftOut(campaign_id=campaign_id, segment_id=segment_id))
    for issue_id in dict.fromkeys(whom.issues):
        session.add(LeftOut(campaign_id=campaign_id, issue_id=issue_id))
    session.flush()


def unfinished(session: Session, whom: WhomToLeaveOut) -> Sequence[str]:
    """The names of issues among them whose recipients are not all written down yet."""
    return session.scalars(
        select(Campaign.name).where(
            Campaign.id.in_(whom.issues),
            Campaign.frozen_at.is_(None),
            Campaign.status.in_((S.SENDING, S.PAUSED)),
        )
    ).all()


def got_one_of(issues: Sequence[int]) -> ColumnElement[bool]:
    """Whether a person got one of these issues, may have, or still will; or whoever shares their
    mailbox did, so that a mailbox is not reached by way of the other person."""
    return exists().where(
        Delivery.contact_id == Contact.id,
        Delivery.campaign_id.in_(issues),
        or_(
            Delivery.status.not_in(_GOT_NOTHING),
            and_(
                Delivery.status == DeliveryStatus.EXCLUDED,
                Delivery.reason == Exclusion.SAME_ADDRESS.value,
            ),
        ),
    )
