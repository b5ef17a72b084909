"""Approval: a person says that exactly this version may go out."""

from datetime import datetime

from sqlalchemy.orm import Session

from contacts.actors import Actor
from mailer.accounts.naming import name_of
from mailer.campaigns.checks.asking import ask_soon
from mailer.campaigns.checks.running import must_be_sendable
from mailer.campaigns.drafts import versions
from mailer.campaigns.editing import find
from mailer.campaigns.moving import move, note
from mailer.campaigns.verbs import Verb
from mailer.domains import standing
from mailer.errors import NotAllowed
from mailer.models import Campaign, CampaignStatus, VersionReason
from mailer.settings.environment import Gate


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
    """Approve exactly ``version``. With a send time it is then scheduled.

    ``revision`` is what the person was looking at, for a version that is still being written.
    DocumentError says what has to be mended first.
    """
    campaign = find(session, campaign_id, lock=True)
    Verb.APPROVE.check(campaign.status)
    if campaign.version != version or revision not in (None, campaign.revision):
        raise NotAllowed(
            f"This changed while you were reading: version {campaign.version} needs approving, "
            f"you were looking at version {version}."
        )
    must_be_sendable(session, campaign, gate=gate, now=now)
    mark_approved(session, campaign, actor=actor, now=now)
    if campaign.send_wall and campaign.status in {CampaignStatus.DRAFT, CampaignStatus.WAITING}:
        to = CampaignStatus.SCHEDULED
        move(session, campaign, Verb.APPROVE, to, "scheduled", actor=actor, now=now)
    return campaign


def mark_approved(session: Session, campaign: Campaign, *, actor: Actor, now: datetime) -> None:
    """Keep who approved the campaign as it is now, and what it says now, word for word."""
    campaign.approved_version, campaign.approved_at = campaign.version, now
    campaign.approved_by = name_of(session, actor)
    note(session, campaign, "approved", actor=actor, now=now, version=campaign.version)
    versions.keep(session, campaign, VersionReason.APPROVED, actor=actor, now=now)
