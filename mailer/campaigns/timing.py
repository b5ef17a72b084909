"""When a campaign goes out: planned, held, left out."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind
from mailer.campaigns.checks.asking import ask_soon
from mailer.campaigns.checks.running import must_be_sendable
from mailer.campaigns.due import drop, put
from mailer.campaigns.editing import find
from mailer.campaigns.moving import move, note
from mailer.campaigns.verbs import Verb
from mailer.clock import instant_of
from mailer.errors import NotAllowed
from mailer.models import Campaign, CampaignStatus, StepKind
from mailer.settings.environment import Gate

# Who hold it as its step is done, which they end themselves.
_WHILE_IT_IS_DUE: Final = frozenset({ActorKind.SCHEDULE, ActorKind.SYSTEM, ActorKind.CLOCK})
LATE_WINDOW: Final = timedelta(minutes=60)


def plan(
    session: Session,
    campaign_id: int,
    *,
    wall: str,
    zone: str,
    actor: Actor,
    gate: Gate,
    now: datetime,
) -> Campaign:
    """Set or change the time it goes out: wall time ("2026-12-08T10:00") and zone.

    One that was approved is scheduled by that: DocumentError when something holds it back.
    """
    campaign = find(session, campaign_id, lock=True)
    Verb.PLAN.check(campaign.status)
    due_at = instant_of(wall, zone)
    if due_at <= now:
        raise NotAllowed("That time has passed. Choose a later one, or send it now.")
    campaign.send_wall, campaign.send_zone = wall, zone
    if campaign.approved:
        must_be_sendable(session, campaign, gate=gate, now=now)
    campaign.trouble = None
    ask_soon(session, campaign.id, now=now)
    note(session, campaign, "given a time", actor=actor, now=now, wall=wall, zone=zone)
    drop(session, StepKind.LAUNCH, campaign.id)
    put(session, StepKind.LAUNCH, campaign.id, due_at=due_at, occurrence=wall)
    if campaign.approved and campaign.status is not CampaignStatus.SCHEDULED:
        to = CampaignStatus.SCHEDULED
        move(session, campaign, Verb.PLAN, to, "scheduled", actor=actor, now=now)
    elif campaign.status is CampaignStatus.HELD:
        to = CampaignStatus.WAITING
        move(session, campaign, Verb.PLAN, to, "submitted", actor=actor, now=now)
    return campaign


def goes_out_at(campaign: Campaign) -> datetime | None:
    """The moment that was planned, if one was."""
    return campaign.goes_out_at


def unplan(session: Session, campaign_id: int, *, actor: Actor, now: datetime) -> Campaign:
    """Remove the send time; the issue waits for a person again."""
    campaign = find(session, campaign_id, lock=True)
    Verb.UNPLAN.check(campaign.status)
    campaign.send_wall = campaign.send_zone = None
    note(session, campaign, "left without a time", actor=actor, now=now)
    drop(session, StepKind.LAUNCH, campaign.id)
    if campaign.status in {CampaignStatus.SCHEDULED, CampaignStatus.HELD}:
        to = CampaignStatus.DRAFT
        move(session, campaign, Verb.UNPLAN, to, "taken back", actor=actor, now=now)
    return campaign


def hold(session: Session, campaign_id: int, *, why: str, actor: Actor, now: datetime) -> Campaign:
    """Hold an issue, with the reason: it does not go out until a person decides."""
    campaign = find(session, campaign_id, lock=True)
    to = CampaignStatus.HELD
    move(session, campaign, Verb.HOLD, to, "held", actor=actor, now=now, why=why)
    campaign.trouble = why
    if actor.kind not in _WHILE_IT_IS_DUE:
        drop(session, StepKind.LAUNCH, campaign.id)
    return campaign


def skip(session: Session, campaign_id: int, *, actor: Actor, now: datetime) -> Campaign:
    """Skip this issue; the schedule goes on with the next."""
    campaign = find(session, campaign_id, lock=True)
    to = CampaignStatus.SKIPPED
    move(session, campaign, Verb.SKIP, to, "skipped", actor=actor, now=now)
    drop(session, StepKind.LAUNCH, campaign.id)
    return campaign


def put_back(session: Session, campaign_id: int, *, actor: Actor, now: datetime) -> Campaign:
    """Make a draft again of an issue that was skipped, or is in the bin; it has no time until
    somebody sets one. What was a template is one again."""
    campaign = find(session, campaign_id, lock=True)
    to = CampaignStatus.TEMPLATE if campaign.is_template else CampaignStatus.DRAFT
    move(session, campaign, Verb.PUT_BACK, to, "put back", actor=actor, now=now)
    campaign.send_wall = campaign.send_zone = campaign.trouble = campaign.binned_at = None
    return campaign
