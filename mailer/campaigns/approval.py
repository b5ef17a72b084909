"""Approval: a person says that exactly this may go out, to these people, from this sender, then."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind
from mailer.accounts import operators, roles
from mailer.accounts.naming import name_of
from mailer.audience.counting import AudienceCount
from mailer.campaigns.approved import AGAIN_FROM, count_of, lapse_of
from mailer.campaigns.checks.asking import ask_soon
from mailer.campaigns.checks.running import must_be_sendable
from mailer.campaigns.drafts import comments, versions
from mailer.campaigns.editing import find
from mailer.campaigns.moving import move, note, tell
from mailer.campaigns.planning import approvers
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

    Where all of its approvers have to approve it, it stays as it is until the last of them has.
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
    if not give(session, campaign, counted, actor=actor, now=now):
        return campaign
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


def give(
    session: Session, campaign: Campaign, counted: AudienceCount, *, actor: Actor, now: datetime
) -> bool:
    """Keep that ``actor`` approves it as it is now; whether it is approved by that, since nobody
    else has to."""
    approvers.forget_old(session, campaign, will=counted.will, further=AGAIN_FROM, now=now)
    rest = [
        each
        for each in approvers.waited_for(session, campaign, _able(session, campaign))
        if actor.id not in each
    ]
    if not rest:
        mark_approved(session, campaign, counted, actor=actor, now=now)
        return True
    _keep(session, campaign, counted, actor=actor, now=now, said="")
    said = [name_of(session, each.by) for each in approvers.given(session, campaign)]
    have = "has" if len(said) == 1 else "have"
    campaign.part_version = campaign.version
    campaign.part_said = (
        f"{roles.listed(list(dict.fromkeys(said)))} {have} approved version {campaign.version}. "
        f"It waits for {_names(session, campaign, rest)}."
    )[:998]
    version = campaign.version
    note(session, campaign, "approved in part", actor=actor, now=now, version=version)
    return False


def completes(session: Session, campaign: Campaign, actor: Actor) -> bool:
    """Whether an approval by ``actor`` is all that is wanted."""
    waiting = approvers.waited_for(session, campaign, _able(session, campaign))
    return all(actor.id in each for each in waiting)


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
    every = approvers.given(session, campaign) if approvers.named(session, campaign) else []
    kept = _keep(session, campaign, counted, actor=actor, now=now, said=said)
    # None of those who all approved it agreed to a later time than theirs.
    kept.good_until = min(each.good_until for each in (*every, kept))
    campaign.approval = kept
    campaign.approved_version, campaign.approved_at = campaign.version, now
    names = dict.fromkeys(name_of(session, by) for by in (*(each.by for each in every), actor))
    campaign.approved_by = roles.listed(list(names))[:998]
    campaign.part_version = campaign.part_said = None
    detail = {"by_author": True} if campaign.approval.by_author else {}
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


def _keep(
    session: Session,
    campaign: Campaign,
    counted: AudienceCount,
    *,
    actor: Actor,
    now: datetime,
    said: str,
) -> Approval:
    planned = campaign.goes_out_at
    kept = Approval(
        campaign_id=campaign.id,
        version=campaign.version,
        subject=campaign.subject,
        audience=campaign.audience_digest,
        sender=campaign.sender_line,
        good_until=max(planned or now, now) + GOOD_FOR,
        will=counted.will,
        excluded={reason.value: number for reason, number in counted.excluded.items()},
        by=actor,
        by_author=is_author(campaign, actor),
        note=said,
        counts=True,
        at=now,
    )
    session.add(kept)
    session.flush()
    return kept


def refusal(session: Session, campaign: Campaign, actor: Actor) -> str | None:
    """Why ``actor`` may not approve it as it is now, in a sentence; None where they may.

    Where all of its approvers have to, those may who have not, and who stands in for them.
    """
    if why := refusal_of_anybody(session, campaign, actor):
        return why
    waiting = approvers.waited_for(session, campaign, _able(session, campaign))
    if not waiting or any(actor.id in each for each in waiting):
        return None
    names = _names(session, campaign, waiting)
    if actor.id in {each.by.id for each in approvers.given(session, campaign)}:
        return f"You have approved version {campaign.version}. It waits for {names}."
    return f"All of its approvers have to approve it: it waits for {names}."


def refusal_of_anybody(session: Session, campaign: Campaign, actor: Actor) -> str | None:
    """The same by what anybody may, whoever its approvers are.

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


def _able(session: Session, campaign: Campaign) -> set[int]:
    """Those of its approvers, and who else has the role, who may approve it."""
    return {
        each.id
        for each in operators.those_who_may(session, Power.APPROVER)
        if approvers.named(session, campaign)
        and not refusal_of_anybody(session, campaign, Actor.operator(each.id))
    }


def _names(session: Session, campaign: Campaign, waiting: list[set[int]]) -> str:
    """Who is waited for: of each its approver, or who stands in where they may not."""
    people = {each.id for each in approvers.named(session, campaign)}
    numbers = [min(each & people or each) for each in waiting]
    return roles.listed([operators.get(session, each).name for each in dict.fromkeys(numbers)])


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
    withdraw(session, campaign)
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


def withdraw(session: Session, campaign: Campaign) -> None:
    """Take the approval away."""
    campaign.approved_version = campaign.approved_at = campaign.approved_by = None
    campaign.approval = None
    approvers.forget(session, campaign)


def pass_on(
    session: Session, campaign_id: int, operator_id: int, *, actor: Actor, now: datetime
) -> Operator:
    """Leave the decision to another approver. NotAllowed for somebody who may not approve it."""
    campaign = find(session, campaign_id, lock=True)
    Verb.PASS_ON.check(campaign.status)
    other = operators.get(session, operator_id)
    if actor.kind is ActorKind.OPERATOR and operator_id == actor.id:
        raise NotAllowed("Pass it on to somebody else than yourself.")
    if why := refusal_of_anybody(session, campaign, Actor.operator(operator_id)):
        raise NotAllowed(f"{other.name} can’t approve it. {why}")
    note(
        session,
        campaign,
        approvers.PASSED_ON,
        actor=actor,
        now=now,
        to=operator_id,
        name=other.name,
    )
    return other
