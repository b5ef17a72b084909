"""A campaign that goes out: launched, paused, resumed, stopped, finished, settled.

Every function changes one campaign inside the caller's transaction and takes the row's lock
first, so that two people, or a person and the clock, cannot move it at the same time.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind
from contacts.organisations.counting import members_by_category
from mailer.audience.leaving_out import chosen, unfinished
from mailer.authoring.document import parse
from mailer.campaigns.approval import give, obstacle, refusal
from mailer.campaigns.approved import count_of, lapse_of, moved
from mailer.campaigns.checks.running import must_be_sendable
from mailer.campaigns.drafts import versions
from mailer.campaigns.due import drop, put
from mailer.campaigns.editing import find
from mailer.campaigns.moving import move, tell
from mailer.campaigns.moving import note as note_move
from mailer.campaigns.planning.late import within_the_window
from mailer.campaigns.verbs import Verb
from mailer.composition.links import links_of
from mailer.errors import NotAllowed
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
    VersionReason,
)
from mailer.settings.environment import Gate

_COURIER: Final = Actor(ActorKind.COURIER)
_CLOCK: Final = Actor(ActorKind.CLOCK)
_SYSTEM: Final = Actor(ActorKind.SYSTEM)
SETTLES_AFTER: Final = timedelta(days=7)


def launch(
    session: Session,
    campaign_id: int,
    *,
    actor: Actor,
    gate: Gate,
    now: datetime,
    approves: bool = True,
) -> Campaign:
    """Freeze what is sent and begin. A second launch of the same campaign is refused.

    Whoever launches what is not approved approves it by that, if ``approves`` and they may.
    Where the gate is enforced, a sender whom receivers can't tell from a forger is refused.
    """
    campaign = find(session, campaign_id, lock=True)
    Verb.LAUNCH.check(campaign.status)
    if gate is Gate.ENFORCE and (why := obstacle(session, campaign, now=now)):
        raise NotAllowed(why)
    must_be_sendable(session, campaign, gate=gate, now=now)
    if names := unfinished(session, chosen(session, campaign.id)):
        raise NotAllowed(
            f"Who got {names[0]} is not all written down yet, and this leaves them out: wait a "
            "minute, then send it again."
        )
    document = parse(campaign.document)
    counted = count_of(session, campaign, now=now)
    if why := lapse_of(campaign, counted) or _too_late(campaign, now):
        if not approves or not _may_still_be_approved_by_it(session, campaign, now):
            raise NotAllowed(why)
        if not_theirs := refusal(session, campaign, actor):
            raise NotAllowed(_once(why, not_theirs))
        if not give(session, campaign, counted, actor=actor, now=now):
            raise NotAllowed(f"{campaign.in_part} Approve it first: it is sent once all have.")
    elif (how_far := moved(campaign.approval, counted)) and how_far.is_told:
        note_move(session, campaign, "moved", actor=actor, now=now, why=how_far.sentence)
        tell(campaign, actor)
    versions.keep(session, campaign, VersionReason.SENT, actor=actor, now=now)
    for link in links_of(document):
        session.add(
            Link(campaign_id=campaign.id, number=link.number, url=link.url, words=link.words)
        )
    version, to = campaign.version, CampaignStatus.SENDING
    move(session, campaign, Verb.LAUNCH, to, "launched", actor=actor, now=now, version=version)
    campaign.sent_version, campaign.started_at = version, now
    campaign.figures = {each.slug: each.number for each in members_by_category(session)}
    campaign.trouble = None
    drop(session, StepKind.LAUNCH, campaign.id)
    return campaign


def _too_late(campaign: Campaign, now: datetime) -> str | None:
    """Why an approval without a time to go out is too old by now."""
    held = campaign.approval
    if held is None or campaign.goes_out_at is not None or now <= held.good_until:
        return None
    return (
        f"It was approved more than a week ago. Version {campaign.version} needs approving again."
    )


def _may_still_be_approved_by_it(session: Session, campaign: Campaign, now: datetime) -> bool:
    """Whether launching may approve: hours after it was held, a person chooses when it goes."""
    at = campaign.goes_out_at
    if campaign.status is not CampaignStatus.HELD or at is None or at > now:
        return True
    return within_the_window(session, campaign, now=now)


def _once(why: str, more: str) -> str:
    return why if why == more else f"{why} {more}"


def pause(
    session: Session, campaign_id: int, *, actor: Actor, now: datetime, why: str | None = None
) -> Campaign:
    """Send no more until somebody resumes it. Copies being sent still get their results."""
    campaign = find(session, campaign_id, lock=True)
    detail = {"why": why} if why else {}
    to = CampaignStatus.PAUSED
    move(session, campaign, Verb.PAUSE, to, "paused", actor=actor, now=now, **detail)
    campaign.trouble = why
    return campaign


def note(session: Session, campaign_id: int, trouble: str | None) -> None:
    """Say why a campaign that is being sent makes no progress, or that it does again."""
    session.execute(
        update(Campaign)
        .where(
            Campaign.id == campaign_id,
            Campaign.status == CampaignStatus.SENDING,
            Campaign.trouble.is_distinct_from(trouble),  # the same trouble is noted many times
        )
        .values(trouble=trouble)
    )


def cannot_be_carried(fault: Exception) -> str:
    """The sentence on the page of a campaign that is set aside because of a fault of ours."""
    return (
        f"It was set aside, since something is wrong with it here ({type(fault).__name__}). The "
        "log says more. Resume it once that is mended."
    )


def set_aside(session: Session, campaign_id: int, fault: Exception, *, now: datetime) -> bool:
    """Pause a campaign that cannot be carried, so that it costs the others nothing.

    False when there is nothing to pause, because it is not being sent.
    """
    campaign = find(session, campaign_id, lock=True)
    if not Verb.PAUSE.allows(campaign.status):
        return False
    pause(session, campaign_id, actor=_SYSTEM, now=now, why=cannot_be_carried(fault))
    return True


def resume(session: Session, campaign_id: int, *, actor: Actor, now: datetime) -> Campaign:
    """Resume a paused campaign."""
    campaign = find(session, campaign_id, lock=True)
    to = CampaignStatus.SENDING
    move(session, campaign, Verb.RESUME, to, "resumed", actor=actor, now=now)
    campaign.trouble = None
    session.execute(
        update(Batch)
        .where(Batch.campaign_id == campaign_id, Batch.open)
        .values(due_at=now, nudged_at=None)
    )
    # The person who resumes has removed the cause, so relays are tried again at once.
    session.execute(update(Relay).values(try_again_at=None))
    return campaign


def stop(session: Session, campaign_id: int, *, actor: Actor, now: datetime) -> Campaign:
    """Send no more, for good. Copies that were not sent are counted as such."""
    campaign = find(session, campaign_id, lock=True)
    to = CampaignStatus.STOPPED
    move(session, campaign, Verb.STOP, to, "stopped", actor=actor, now=now)
    campaign.trouble = None
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
        to = CampaignStatus.SENT
        move(session, campaign, Verb.FINISH, to, "sent", actor=_COURIER, now=now)
    else:
        note_move(session, campaign, "finished", actor=_COURIER, now=now)
    campaign.finished_at = now
    campaign.trouble = None
    put(session, StepKind.SETTLE, campaign_id, due_at=now + SETTLES_AFTER)
    return True


def settle(session: Session, campaign_id: int, *, now: datetime) -> None:
    """Make the report final: later receipts are kept and change none of its main numbers."""
    campaign = find(session, campaign_id, lock=True)
    if Verb.SETTLE.allows(campaign.status):
        to = CampaignStatus.SETTLED
        move(session, campaign, Verb.SETTLE, to, "settled", actor=_CLOCK, now=now)


def _stop_what_is_left(session: Session, campaign_id: int, *, now: datetime) -> None:
    session.execute(
        update(Delivery)
        .where(Delivery.campaign_id == campaign_id, Delivery.status.in_(OPEN))
        .values(status=DeliveryStatus.STOPPED, due_at=None, changed_at=now)
    )
    session.execute(
        update(Batch).where(Batch.campaign_id == campaign_id, Batch.open).values(open=False)
    )
