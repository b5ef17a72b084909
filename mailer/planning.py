"""Schedules at work: the next draft is made some days before, and goes out only when approved."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from mailer import campaigns, steps
from mailer.errors import NotAllowed
from mailer.models import Campaign, CampaignStatus, Schedule, StepKind
from mailer.recurrence import Monthly
from mailer.walltime import instant_of, wall_of


def monthly(schedule: Schedule) -> Monthly:
    """The schedule's rule as a value."""
    return Monthly(schedule.rule, schedule.nth, schedule.weekday, schedule.time, schedule.zone)


def start(
    session: Session, schedule: Schedule, *, now: datetime, after: datetime | None = None
) -> None:
    """Set the step that makes the next draft, when a schedule is made, changed or resumed.

    ``after`` is the last occurrence that has its issue already.
    """
    steps.drop(session, StepKind.DRAFT, schedule.id)
    if schedule.active:
        _plan_draft(session, schedule, after=after or now, now=now)


def make_draft(
    session: Session, schedule_id: int, occurrence: str, *, now: datetime
) -> Campaign | None:
    """The draft for one occurrence, and the step for the one after it; None if it is there.

    After a long silence the occurrences that have passed are not made up for: the next one that
    can still go out in time is.
    """
    schedule = session.get(Schedule, schedule_id, options=[joinedload(Schedule.newsletter)])
    if schedule is None or not schedule.active:
        return None
    wall = datetime.fromisoformat(occurrence)
    _plan_draft(session, schedule, after=max(now, _moment(schedule, occurrence)), now=now)
    made = select(Campaign.id).where(
        Campaign.schedule_id == schedule.id, Campaign.occurrence == occurrence
    )
    if session.scalar(made) is not None or _moment(schedule, occurrence) <= now:
        return None
    month, year = wall.strftime("%B"), str(wall.year)
    campaign = campaigns.create(
        session,
        schedule.newsletter,
        name=f"{schedule.newsletter.name}, {month} {year}",
        subject=schedule.subject.replace("{month}", month).replace("{year}", year),
        document=dated(schedule.template, f"{month} {year}"),
        segment_id=schedule.segment_id,
        slug=wall.strftime("%Y-%m"),
        now=now,
    )
    campaign.schedule_id, campaign.occurrence = schedule.id, occurrence
    campaigns.plan(session, campaign.id, wall=occurrence, zone=schedule.zone, now=now)
    return campaign


def launch_or_hold(session: Session, campaign_id: int, *, due_at: datetime, now: datetime) -> str:
    """Its time has come: it goes out when this very version was approved, else it is held.

    A server that was away sends what is still due, once; more than an hour late it asks first.
    """
    campaign = campaigns.find(session, campaign_id, lock=True)
    if not campaign.editable:
        return f"nothing to do: {campaign.status.value}"
    at = wall_of(due_at, campaign.send_zone or "UTC").strftime("%H:%M")
    late = now - due_at
    if not campaign.approved:
        return _hold(session, campaign, f"It wasn't approved by {at}.", now=now)
    if late > campaigns.LATE_WINDOW:
        why = f"The server was away at {at} and came back more than an hour later."
        return _hold(session, campaign, why, now=now)
    if campaigns.problems(campaign):
        return _hold(session, campaign, "There is something to mend in it first.", now=now)
    try:
        campaigns.launch(session, campaign_id, by="schedule", now=now)
    except NotAllowed as error:
        return _hold(session, campaign, str(error), now=now)
    minutes = int(late / timedelta(minutes=1))
    return f"sent {minutes} minutes late: the server was away" if minutes else "sent on time"


def _hold(session: Session, campaign: Campaign, why: str, *, now: datetime) -> str:
    if campaign.status is not CampaignStatus.HELD:
        campaigns.hold(session, campaign.id, why=why, now=now)
    return f"held: {why}"


def _plan_draft(session: Session, schedule: Schedule, *, after: datetime, now: datetime) -> None:
    wall, goes_out_at = next(monthly(schedule).after(after))
    due_at = max(now, goes_out_at - timedelta(days=schedule.draft_days_before))
    steps.put(session, StepKind.DRAFT, schedule.id, due_at=due_at, occurrence=wall)


def _moment(schedule: Schedule, occurrence: str) -> datetime:
    return instant_of(occurrence, schedule.zone)


def dated(template: dict[str, object], words: str) -> dict[str, object]:
    """A document whose masthead says ``words``, such as the month it is for."""
    blocks = template.get("blocks")
    if not isinstance(blocks, list):
        return template
    return {
        **template,
        "blocks": [
            {**block, "date": words} if block.get("type") == "masthead" else block
            for block in blocks
        ],
    }
