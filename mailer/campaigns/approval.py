"""Approval: a person says that exactly this may go out, to these people, from this sender, then."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind
from mailer.accounts import operators, roles
from mailer.accounts.naming import name_of
from mailer.audience.counting import AudienceCount
from mailer.campaigns.approved import count_of, lapse_of
from mailer.campaigns.checks.asking import ask_soon
from mailer.campaigns.checks.running import must_be_sendable
from mailer.campaigns.drafts import comments, versions
from mailer.campaigns.editing import find
from mailer.campaigns.moving import move, note, tell
from mailer.campaigns.verbs import Verb
from mailer.clock import moment_words
from mailer.domains import standing
from mailer.errors import NotAllowed, NotTheirs
from mailer.models import Approval, Campaign, CampaignStatus, Operator, Power, VersionReason
from mailer.network.details import zone
from mailer.settings.environment import Gate

GOOD_FOR: Final = timedelta(days=7)  # after the time that was planned as it was approved
# What moves issues by itself: nothing is approved by it.
_MACHINES: Final = frozenset(
    {
        ActorKind.SCHEDULE,
        ActorKind.POLICY,
        ActorKind.THRESHOLD,
        ActorKind.COURIER,
        ActorKind.CLOCK,
        ActorKind.SYSTEM,
    }
)


def obstacle(session: Session, campaign: Campaign, *, now: datetime) -> str | None:
    """What its sender's domain lacks, in a sentence, by the checks that were kept."""
    domain = standing.domain_of(campaign.newsletter.from_address)
    return standing.obstacle(session, domain, now=now)


def submit(
    session: Session, campaign_id: int, *, actor: Actor, gate: Gate, now: datetime
) -> Campaign:
    """Ask for approval of this version; DocumentError says what has to be mended first."""
    campaign = find(session, campaign_id, lock=True)
    Verb.SUBMIT.check(campaign.status)
    must_be_sendable(session, campaign, gate=gate, now=now)
    ask_soon(session, campaign.id, now=now)
    versions.keep(session, campaign, VersionReason.SUBMITTED, actor=actor, now=now)
    detail = {"version": campaign.version}
    to = CampaignStatus.WAITING
    move(session, campaign, Verb.SUBMIT, to, "submitted", actor=actor, now=now, **detail)
    return campaign


def approve(
    session: Session,
    campaign_id: int,
    *,
    version: int,
    actor: Actor,
    gate: Gate,
    now: datetime,
    revision: int | None = None,
) -> Campaign:
    """Approve exactly ``version``. With a send time to come it is then scheduled.

    ``revision`` is what the person was looking at, for a version that is still being written.
    NotTheirs where this person may not approve it, DocumentError for what has to be mended first.
    """
    campaign = find(session, campaign_id, lock=True)
    Verb.APPROVE.check(campaign.status)
    must_be_what_was_seen(campaign, version, revision)
    if why := refusal(session, campaign, actor):
        raise NotTheirs(why)
    counted = count_of(session, campaign, now=now)
    if lapse_of(campaign, counted) is None:
        at = moment_words(campaign.approved_at or now, zone(session))
        raise NotAllowed(f"{campaign.approved_by} approved version {version} already, {at}.")
    must_be_sendable(session, campaign, gate=gate, now=now)
    mark_approved(session, campaign, counted, actor=actor, now=now)
    if campaign.send_wall and campaign.status in {CampaignStatus.DRAFT, CampaignStatus.WAITING}:
        to = CampaignStatus.SCHEDULED
        move(session, campaign, Verb.APPROVE, to, "scheduled", actor=actor, now=now)
    return campaign


def must_be_what_was_seen(campaign: Campaign, version: int, revision: int | None) -> None:
    """NotAllowed where the issue has moved on since a person looked at it."""
    if campaign.version != version or revision not in (None, campaign.revision):
        raise NotAllowed(
            f"This changed while you were reading: version {campaign.version} needs approving, "
            f"you were looking at version {version}."
        )


def mark_approved(
    session: Session,
    campaign: Campaign,
    counted: AudienceCount,
    *,
    actor: Actor,
    now: datetime,
    said: str = "",
) -> None:
    """Keep who approved the campaign as it is now, and what it says now, word for word."""
    planned = campaign.goes_out_at
    by_author = is_author(campaign, actor)
    campaign.approval = Approval(
        campaign_id=campaign.id,
        version=campaign.version,
        subject=campaign.subject,
        audience=campaign.audience_digest,
        sender=campaign.sender_line,
        good_until=max(planned or now, now) + GOOD_FOR,
        will=counted.will,
        excluded={reason.value: number for reason, number in counted.excluded.items()},
        by=actor,
        by_author=by_author,
        note=said,
        at=now,
    )
    session.add(campaign.approval)
    session.flush()
    campaign.approved_version, campaign.approved_at = campaign.version, now
    campaign.approved_by = name_of(session, actor)
    detail = {"by_author": True} if by_author else {}
    note(
        session,
        campaign,
        "approved",
        actor=actor,
        now=now,
        version=campaign.version,
        will=counted.will,
        **detail,
    )
    versions.keep(session, campaign, VersionReason.APPROVED, actor=actor, now=now)


def refusal(session: Session, campaign: Campaign, actor: Actor) -> str | None:
    """Why ``actor`` may not approve it as it is now, in a sentence; None where they may.

    Whoever changed it last may not, unless its newsletter says so, or nobody else could.
    """
    if actor.kind in _MACHINES:
        return lapse_of(campaign) or f"Version {campaign.version} needs approving by a person."
    if actor.kind is not ActorKind.OPERATOR:
        return None
    approvers = operators.those_who_may(session, Power.APPROVER)
    if not roles.allows(operators.power_of(session, actor.id), Power.APPROVER):
        return roles.only(Power.APPROVER, [each.name for each in approvers])
    others = [each.name for each in approvers if each.id != actor.id]
    if not is_author(campaign, actor) or campaign.newsletter.self_approval or not others:
        return None
    return (
        f"You changed version {campaign.version} last, so somebody else approves it. "
        f"{roles.listed(others)} can."
    )


def is_author(campaign: Campaign, actor: Actor) -> bool:
    """Whether this operator changed last what would be sent."""
    last = campaign.edited_by
    return (
        last is not None
        and actor.kind is ActorKind.OPERATOR
        and (last.kind, last.id) == (actor.kind, actor.id)
    )


def ask_for_changes(
    session: Session,
    campaign_id: int,
    text: str,
    *,
    block_id: str = "",
    actor: Actor,
    now: datetime,
) -> Campaign:
    """Send it back to be changed, with what has to change; whoever owns it is told by mail."""
    campaign = find(session, campaign_id, lock=True)
    Verb.ASK_FOR_CHANGES.check(campaign.status)
    wanted = "Write what should change: whoever changes it reads that."
    text = comments.checked(campaign, text, block_id=block_id, wanted=wanted)
    comments.write(session, campaign, text, block_id=block_id, actor=actor, now=now)
    withdraw(campaign)
    detail = {"version": campaign.version, "why": text[:200]}
    move(
        session,
        campaign,
        Verb.ASK_FOR_CHANGES,
        CampaignStatus.DRAFT,
        "sent back",
        actor=actor,
        now=now,
        **detail,
    )
    tell(campaign, actor)
    return campaign


def withdraw(campaign: Campaign) -> None:
    """Take the approval away."""
    campaign.approved_version = campaign.approved_at = campaign.approved_by = None
    campaign.approval = None


def pass_on(
    session: Session, campaign_id: int, operator_id: int, *, actor: Actor, now: datetime
) -> Operator:
    """Leave the decision to another approver. NotAllowed for somebody who may not approve it."""
    campaign = find(session, campaign_id, lock=True)
    Verb.PASS_ON.check(campaign.status)
    other = operators.get(session, operator_id)
    if actor.kind is ActorKind.OPERATOR and operator_id == actor.id:
        raise NotAllowed("Pass it on to somebody else than yourself.")
    if why := refusal(session, campaign, Actor.operator(operator_id)):
        raise NotAllowed(f"{other.name} can’t approve it. {why}")
    note(session, campaign, "passed on", actor=actor, now=now, to=operator_id, name=other.name)
    return other
