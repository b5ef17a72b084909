"""Schedules at work: the next draft is made some days before, and goes out only when approved."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from dateutil.relativedelta import relativedelta
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from contacts.actors import SCHEDULE
from contacts.models import Newsletter
from mailer.campaigns import due, editing, sending, timing
from mailer.campaigns.approved import lapse_of
from mailer.campaigns.naming import months
from mailer.campaigns.naming.called import propose
from mailer.campaigns.recurrence import Monthly
from mailer.campaigns.starting import frames
from mailer.clock import abbreviation, exists, instant_of, wall_of
from mailer.errors import DocumentError, NotAllowed
from mailer.models import Campaign, CampaignStatus, Lapse, Schedule, Step, StepKind
from mailer.network.details import zone
from mailer.settings.environment import Gate

_LOOKS_AHEAD = 120  # occurrences, ten years: time enough for the clocks to change on any day


@dataclass(frozen=True, slots=True)
class Plan:
    """What a schedule does every month, as an operator chose it."""

    monthly: Monthly
    segment_id: int | None
    draft_days_before: int
    subject: str


def problems(plan: Plan, *, now: datetime) -> list[tuple[str, str]]:
    """The problems of a plan: pairs of a field and a sentence."""
    rule = plan.monthly
    found = []
    try:
        ahead = list(islice(rule.after(now), _LOOKS_AHEAD))
    except (NotAllowed, ValueError):
        return [("time", "Write the time with hours and minutes, such as 10:00.")]
    if skipped := next((wall for wall, _ in ahead if not exists(wall, rule.zone)), None):
        day = datetime.fromisoformat(skipped)
        sentence = (
            f"On {day:%A} {day.day} {day:%B} {day.year} clocks go forward over {rule.time}, so "
            "it does not exist on that day. Choose a time outside that hour."
        )
        found.append(("time", sentence))
    if not 0 <= plan.draft_days_before <= 27:
        found.append(("draft_days_before", "Choose between 0 and 27 days before it goes out."))
    if not plan.subject.strip():
        found.append(("subject", "Write a subject to start from. It can be changed every month."))
    return found


def make(session: Session, newsletter: Newsletter, plan: Plan, *, now: datetime) -> Schedule:
    """A new schedule, with the frame of the newsletter's newest issue for its drafts."""
    schedule = Schedule(
        newsletter_id=newsletter.id,
        template=frames.template_of(session, newsletter),
        active=True,
        created_at=now,
    )
    session.add(schedule)
    return change(session, schedule, plan, now=now)


def change(session: Session, schedule: Schedule, plan: Plan, *, now: datetime) -> Schedule:
    """Let a schedule follow ``plan`` from its next occurrence; drafts that are made stay."""
    rule = plan.monthly
    schedule.rule, schedule.nth, schedule.weekday = rule.rule, rule.nth, rule.weekday
    schedule.time, schedule.zone = rule.time, rule.zone
    schedule.segment_id = plan.segment_id
    schedule.draft_days_before = plan.draft_days_before
    schedule.subject = plan.subject
    session.flush()
    start(session, schedule, after=covered_until(session, schedule, now=now), now=now)
    return schedule


def switch(session: Session, schedule: Schedule, *, active: bool, now: datetime) -> None:
    """Pause or resume. Occurrences of the pause are not made up for."""
    schedule.active = active
    start(session, schedule, after=covered_until(session, schedule, now=now), now=now)


def covered_until(session: Session, schedule: Schedule, *, now: datetime) -> datetime:
    """The end of the last month that has its issue, or now: no month gets a second one."""
    last = session.scalar(
        select(func.max(Campaign.occurrence)).where(Campaign.schedule_id == schedule.id)
    )
    if last is None:
        return now
    next_month = datetime.fromisoformat(last).replace(day=1, hour=0, minute=0) + relativedelta(
        months=1
    )
    return max(now, instant_of(next_month.isoformat()[:16], schedule.zone) - timedelta(minutes=1))


def monthly(schedule: Schedule) -> Monthly:
    """The schedule's rule as a value."""
    return Monthly(schedule.rule, schedule.nth, schedule.weekday, schedule.time, schedule.zone)


def start(
    session: Session, schedule: Schedule, *, now: datetime, after: datetime | None = None
) -> None:
    """Set the step that makes the next draft, when a schedule is made, changed or resumed.

    ``after`` is the last occurrence that has its issue already.
    """
    due.drop(session, StepKind.DRAFT, schedule.id)
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
    _plan_draft(session, schedule, after=max(now, moment(schedule, occurrence)), now=now)
    made = select(Campaign.id).where(
        Campaign.schedule_id == schedule.id, Campaign.occurrence == occurrence
    )
    if session.scalar(made) is not None or moment(schedule, occurrence) <= now:
        return None
    month, year = wall.strftime("%B"), str(wall.year)
    called = propose(session, schedule.newsletter, month=months.month_at(wall))
    campaign = editing.create(
        session,
        schedule.newsletter,
        name=called.name,
        subject=schedule.subject.replace("{month}", month).replace("{year}", year),
        document=frames.dated(schedule.template, f"{month} {year}"),
        segment_id=schedule.segment_id,
        actor=SCHEDULE,
        month=called.month,
        slug=called.address,
        now=now,
    )
    campaign.schedule_id, campaign.occurrence = schedule.id, occurrence
    timing.plan(
        session,
        campaign.id,
        wall=occurrence,
        zone=schedule.zone,
        actor=SCHEDULE,
        gate=Gate.OPEN,  # nobody has approved it yet, so nothing is decided
        now=now,
    )
    return campaign


def launch_or_hold(
    session: Session, campaign_id: int, *, due_at: datetime, gate: Gate, now: datetime
) -> str:
    """Launch a planned issue when this version was approved, else hold it.

    A server that was away sends what is still due, once; more than an hour late it asks first.
    """
    campaign = editing.find(session, campaign_id, lock=True)
    if not campaign.editable or campaign.status is CampaignStatus.HELD:
        return f"nothing to do: {campaign.status.value}"
    there = wall_of(due_at, zone(session))
    at = f"{there:%H:%M} {abbreviation(there)}"
    late = now - due_at
    if why := _why_not(campaign, at, late=late):
        return _hold(session, campaign, why, now=now)
    try:
        sending.launch(session, campaign_id, actor=SCHEDULE, gate=gate, now=now)
    except DocumentError as error:
        more = len(error.problems) - 1
        why = f"{error.problems[0]}" + (f" There is more to mend: {more}." if more else "")
        return _hold(session, campaign, why, now=now)
    except NotAllowed as error:
        return _hold(session, campaign, str(error), now=now)
    minutes = int(late / timedelta(minutes=1))
    return f"sent {minutes} minutes late: the server was away" if minutes else "sent on time"


def _why_not(campaign: Campaign, at: str, *, late: timedelta) -> str | None:
    """Why it may not go out, before anybody of its audience is counted."""
    if campaign.lapse is Lapse.NONE:
        return f"It wasn't approved by {at}."
    if lapsed := lapse_of(campaign):
        return f"It wasn't approved by {at}. {lapsed}"
    if late > timing.LATE_WINDOW:
        return f"The server was away at {at} and came back more than an hour later."
    return None


def next_draft(session: Session, schedule: Schedule) -> tuple[datetime, datetime] | None:
    """When the next draft is made, and when it goes out; None while the schedule is paused."""
    step = session.scalar(
        select(Step)
        .where(Step.kind == StepKind.DRAFT, Step.subject_id == schedule.id, Step.done_at.is_(None))
        .order_by(Step.due_at)
        .limit(1)
    )
    return (step.due_at, moment(schedule, step.occurrence)) if step else None


def last_issue(session: Session, schedule: Schedule) -> Campaign | None:
    """The newest issue that the schedule made."""
    return session.scalar(
        select(Campaign)
        .where(Campaign.schedule_id == schedule.id)
        .options(joinedload(Campaign.newsletter))
        .order_by(Campaign.occurrence.desc())
        .limit(1)
    )


def _hold(session: Session, campaign: Campaign, why: str, *, now: datetime) -> str:
    if campaign.status is not CampaignStatus.HELD:
        timing.hold(session, campaign.id, why=why, actor=SCHEDULE, now=now)
    return f"held: {why}"


def _plan_draft(session: Session, schedule: Schedule, *, after: datetime, now: datetime) -> None:
    wall, goes_out_at = next(monthly(schedule).after(after))
    due_at = max(now, goes_out_at - timedelta(days=schedule.draft_days_before))
    due.put(session, StepKind.DRAFT, schedule.id, due_at=due_at, occurrence=wall)


def moment(schedule: Schedule, occurrence: str) -> datetime:
    """When an occurrence of the schedule is due, in UTC."""
    return instant_of(occurrence, schedule.zone)
