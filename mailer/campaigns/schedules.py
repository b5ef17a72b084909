"""Schedules at work: the next draft is made some days before, and goes out only when approved."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from contacts.actors import SCHEDULE
from contacts.models import Newsletter
from mailer.campaigns import due, editing, sending, timing
from mailer.campaigns.approved import lapse_of
from mailer.campaigns.assembly import assembling
from mailer.campaigns.assembly.span import span_of
from mailer.campaigns.naming import months
from mailer.campaigns.naming.called import propose
from mailer.campaigns.planning.day_by_day import line_of
from mailer.campaigns.planning.plans import KEPT, Plan, recurrence_of
from mailer.campaigns.recurrence import rrules
from mailer.campaigns.recurrence.coming import Occurrence
from mailer.campaigns.recurrence.rules import Weekly
from mailer.campaigns.recurrence.wording import day_words
from mailer.campaigns.starting import templates
from mailer.campaigns.timeline import replanning
from mailer.clock import abbreviation, instant_of, wall_of
from mailer.errors import DocumentError, NotAllowed
from mailer.models import (
    Campaign,
    CampaignStatus,
    Lapse,
    Operator,
    Schedule,
    Step,
    StepKind,
    Unapproved,
)
from mailer.network import days_off
from mailer.network.details import zone
from mailer.settings.environment import Gate

_FURTHEST_MOVE = timedelta(days=150)  # further than days off can move an occurrence


def make(session: Session, newsletter: Newsletter, plan: Plan, *, now: datetime) -> Schedule:
    """A new schedule; its drafts begin with the newsletter's template."""
    schedule = Schedule(
        newsletter_id=newsletter.id,
        template_id=templates.standard_of(session, newsletter, actor=SCHEDULE, now=now).id,
        active=True,
        created_at=now,
        approvers=[],
    )
    session.add(schedule)
    return change(session, schedule, plan, now=now)


def change(session: Session, schedule: Schedule, plan: Plan, *, now: datetime) -> Schedule:
    """Let a schedule follow ``plan`` from its next occurrence; drafts that are made stay."""
    comes = plan.comes
    schedule.rrule, schedule.starts_on = rrules.write(comes.rule), comes.starts_on
    schedule.time, schedule.zone = comes.time, comes.zone
    for name in KEPT:
        setattr(schedule, name, getattr(plan, name))
    schedule.pulls_in = [each.value for each in plan.pulls_in]
    people = select(Operator).where(Operator.id.in_(plan.approver_ids), Operator.active)
    schedule.approvers = list(session.scalars(people.order_by(Operator.id)))
    if plan.template_id is not None and _is_its_own(session, schedule, plan.template_id):
        schedule.template_id = plan.template_id
    session.flush()
    replanning.mark(session, schedule_id=schedule.id)
    start(session, schedule, now=now)
    return schedule


def switch(session: Session, schedule: Schedule, *, active: bool, now: datetime) -> None:
    """Pause or resume. Occurrences of the pause are not made up for."""
    schedule.active = active
    start(session, schedule, now=now)


def start(session: Session, schedule: Schedule, *, now: datetime) -> None:
    """Set the step that makes the next draft, when a schedule is made, changed or resumed."""
    due.drop(session, StepKind.DRAFT, schedule.id)
    if schedule.active:
        _plan_draft(session, schedule, now=now)


def ahead(session: Session, schedule: Schedule, *, now: datetime) -> Iterator[Occurrence]:
    """What has no issue yet and can still go out in time, the next first."""
    free = _free_from(session, schedule)
    calendar = days_off.calendar(session)
    for each in recurrence_of(schedule).ahead(now, shift=schedule.shift, calendar=calendar):
        if free is None or each.planned >= free.isoformat():
            yield each


def occurrence_of(session: Session, schedule: Schedule, planned: str) -> Occurrence:
    """An occurrence by what it is known by, on the day that it has now."""
    at = instant_of(planned, schedule.zone)
    calendar = days_off.calendar(session)
    for each in recurrence_of(schedule).ahead(
        at - _FURTHEST_MOVE, shift=schedule.shift, calendar=calendar
    ):
        if each.planned == planned:
            return each
        if each.planned > planned:
            break
    return Occurrence(planned, f"{wall_of(at, schedule.zone):%Y-%m-%dT%H:%M}", at)


def make_draft(
    session: Session, schedule_id: int, occurrence: str, *, now: datetime
) -> Campaign | None:
    """The draft for one occurrence, and the step for the one after it; None if it is there.

    After a long silence the occurrences that have passed are not made up for: the next one that
    can still go out in time is.
    """
    schedule = session.get(
        Schedule,
        schedule_id,
        options=[joinedload(Schedule.newsletter), joinedload(Schedule.template)],
        populate_existing=True,
    )
    if schedule is None or not schedule.active:
        return None
    coming = occurrence_of(session, schedule, occurrence)
    _plan_draft(session, schedule, beyond=occurrence, now=now)
    made = select(Campaign.id).where(
        Campaign.schedule_id == schedule.id, Campaign.occurrence == occurrence
    )
    if session.scalar(made) is not None or coming.at <= now:
        return None
    wall = datetime.fromisoformat(occurrence)
    month, year = wall.strftime("%B"), str(wall.year)
    called = propose(session, schedule.newsletter, month=months.month_at(wall))
    begun = templates.begun(schedule.template.document, f"{month} {year}")
    span = span_of(session, schedule, planned=occurrence, goes_out=coming.at)
    assembled = assembling.assemble(session, begun, span, pulls_in=schedule.pulls_in)
    campaign = editing.create(
        session,
        schedule.newsletter,
        name=called.name,
        subject=schedule.subject.replace("{month}", month).replace("{year}", year),
        document=assembled.document,
        segment_id=schedule.segment_id,
        actor=SCHEDULE,
        month=called.month,
        slug=called.address,
        now=now,
    )
    campaign.schedule_id, campaign.occurrence = schedule.id, occurrence
    assembling.keep(session, campaign, assembled, actor=SCHEDULE, now=now)
    if coming.asks:
        campaign.trouble = day_words(coming)
        return campaign
    timing.plan(
        session,
        campaign.id,
        wall=coming.wall,
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
    if why := _unapproved(campaign, at):
        return _leave(session, campaign, why, now=now)
    if late > timing.LATE_WINDOW:
        why = f"The server was away at {at} and came back more than an hour later."
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


def _unapproved(campaign: Campaign, at: str) -> str | None:
    """What of it nobody has approved, before anybody of its audience is counted."""
    if campaign.lapse is Lapse.NONE:
        return f"It wasn't approved by {at}. {campaign.in_part}".strip()
    lapsed = lapse_of(campaign)
    return f"It wasn't approved by {at}. {lapsed}" if lapsed else None


def next_draft(session: Session, schedule: Schedule) -> tuple[datetime, datetime] | None:
    """When the next draft is made, and when it goes out; None while the schedule is paused."""
    step = session.scalar(
        select(Step)
        .where(Step.kind == StepKind.DRAFT, Step.subject_id == schedule.id, Step.done_at.is_(None))
        .order_by(Step.due_at)
        .limit(1)
    )
    return (step.due_at, occurrence_of(session, schedule, step.occurrence).at) if step else None


def last_issue(session: Session, schedule: Schedule) -> Campaign | None:
    """The newest issue that the schedule made."""
    return session.scalar(
        select(Campaign)
        .where(Campaign.schedule_id == schedule.id)
        .options(joinedload(Campaign.newsletter))
        .order_by(Campaign.occurrence.desc())
        .limit(1)
    )


def _is_its_own(session: Session, schedule: Schedule, template_id: int) -> bool:
    own = templates.of_newsletter(session, schedule.newsletter_id)
    return any(each.id == template_id for each in own)


def _hold(session: Session, campaign: Campaign, why: str, *, now: datetime) -> str:
    if campaign.status is not CampaignStatus.HELD:
        timing.hold(session, campaign.id, why=why, actor=SCHEDULE, now=now)
    return f"held: {why}"


def _leave(session: Session, campaign: Campaign, why: str, *, now: datetime) -> str:
    """Hold what nobody approved, or skip it, as its schedule says."""
    schedule = session.get(Schedule, campaign.schedule_id) if campaign.schedule_id else None
    if schedule is None or schedule.unapproved is Unapproved.HOLD:
        return _hold(session, campaign, why, now=now)
    timing.skip(session, campaign.id, actor=SCHEDULE, now=now)
    return f"skipped: {why}"


def _plan_draft(session: Session, schedule: Schedule, *, beyond: str = "", now: datetime) -> None:
    coming = (each for each in ahead(session, schedule, now=now) if each.planned > beyond)
    if (found := next(coming, None)) is None:
        return
    calendar = days_off.calendar(session)
    line = line_of(schedule, goes_out=found.wall, zone=schedule.zone, calendar=calendar)
    made_at = next(each.at for each in line if each.name == "draft")
    due.put(
        session,
        StepKind.DRAFT,
        schedule.id,
        due_at=max(now, made_at),
        occurrence=found.planned,
    )


def _free_from(session: Session, schedule: Schedule) -> date | None:
    """The first day of what has no issue: no month, or week of a weekly rule, gets a second one."""
    last = session.scalar(
        select(func.max(Campaign.occurrence)).where(Campaign.schedule_id == schedule.id)
    )
    if last is None:
        return None
    day = datetime.fromisoformat(last).date()
    if isinstance(recurrence_of(schedule).rule, Weekly):
        return day + timedelta(days=7 - day.weekday())
    return day.replace(day=1) + relativedelta(months=1)
