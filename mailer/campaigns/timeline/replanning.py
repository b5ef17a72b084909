"""Plans timelines: after whatever was done to an issue, its steps are what they have to be.

Whoever moves an issue only marks it, in the transaction that does it. The sweep plans it after the
commit, so the door it came by and the order of what was done make no difference.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contacts.actors import Subject
from contacts.models import AuditEntry
from mailer.campaigns.editing import find
from mailer.campaigns.planning.day_by_day import Milestone, line_of
from mailer.campaigns.timeline.moments import StepKey, moments_of
from mailer.models import EDITABLE, Campaign, CampaignStatus, Schedule, Step, StepKind
from mailer.network import days_off
from mailer.network.details import zone

OF_TIMELINES: Final = frozenset(
    {
        StepKind.ASK,
        StepKind.REMIND,
        StepKind.STORIES,
        StepKind.NUDGE,
        StepKind.SUBMIT_BY,
        StepKind.APPROVE_BY,
        StepKind.RECHECK,
        StepKind.CHECK,
        StepKind.SOON,
        StepKind.REMIND_HELD,
        StepKind.SUMMARY,
    }
)
_JUST_MADE: Final = timedelta(hours=1)


def waiting(session: Session, *, most: int = 100) -> list[int]:
    """The ids of issues whose timeline has to be planned."""
    return list(
        session.scalars(
            select(Campaign.id).where(Campaign.replan).order_by(Campaign.id).limit(most)
        )
    )


def replan(session: Session, campaign_id: int, *, now: datetime) -> None:
    """Let the steps of an issue that are not done be those that it needs now.

    What was due before is not planned any more, but for an issue that its schedule has just made
    too late: its log says what was skipped.
    """
    campaign = find(session, campaign_id, lock=True)
    campaign.replan = False
    wanted = wanted_steps(session, campaign)
    late = campaign.schedule_id is not None and now - campaign.created_at <= _JUST_MADE
    there = session.scalars(
        select(Step).where(Step.subject_id == campaign_id, Step.kind.in_(OF_TIMELINES))
    ).all()
    for step in there:
        due_at = wanted.pop(StepKey(step.kind, step.occurrence), None)
        if step.done_at is not None:
            continue
        if due_at is None:
            session.delete(step)
        else:
            step.due_at = due_at
    for key, due_at in wanted.items():
        if due_at >= now or late:
            session.add(
                Step(
                    kind=key.kind,
                    subject_id=campaign_id,
                    occurrence=key.occurrence,
                    due_at=due_at,
                )
            )


def wanted_steps(session: Session, campaign: Campaign) -> dict[StepKey, datetime]:
    """What falls due for an issue as it is now."""
    schedule = session.get(Schedule, campaign.schedule_id) if campaign.schedule_id else None
    held_at = _held_at(session, campaign) if campaign.status is CampaignStatus.HELD else None
    return moments_of(
        campaign,
        schedule,
        held_at=held_at,
        zone=zone(session),
        calendar=days_off.calendar(session),
    )


def month_line(session: Session, campaign: Campaign) -> list[Milestone]:
    """The days of the month of an issue that its schedule made, as it is planned now."""
    schedule = session.get(Schedule, campaign.schedule_id) if campaign.schedule_id else None
    if schedule is None or campaign.send_wall is None:
        return []
    return line_of(
        schedule,
        goes_out=campaign.send_wall,
        zone=campaign.send_zone or schedule.zone,
        calendar=days_off.calendar(session),
    )


def approve_by(session: Session, campaign: Campaign) -> datetime | None:
    """When it has to be approved, by its schedule and as it is planned now."""
    line = month_line(session, campaign)
    return next((each.at for each in line if each.name == "approve"), None)


def mark(session: Session, *, schedule_id: int | None = None) -> None:
    """Let the issues to come, of one schedule or of all, be planned again: its rules or the days
    off have changed."""
    those = update(Campaign).where(Campaign.status.in_(EDITABLE))
    if schedule_id is not None:
        those = those.where(Campaign.schedule_id == schedule_id)
    session.execute(those.values(replan=True))


def _held_at(session: Session, campaign: Campaign) -> datetime | None:
    return session.scalar(
        select(AuditEntry.at)
        .where(
            AuditEntry.subject == Subject("campaign", campaign.id), AuditEntry.act == "issue held"
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
