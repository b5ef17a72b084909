"""Mail to the people of an issue: it waits for approval, it is held, or it paused by itself.

``campaigns.moving`` leaves on the issue what its people have to be told, in the transaction that
made it so, whichever door it came by. The sweep tells them, each once.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind, Subject
from contacts.models import AuditEntry
from mailer.accounts.naming import name_of
from mailer.campaigns.editing import find
from mailer.campaigns.timing import goes_out_at
from mailer.clock import abbreviation, wall_of
from mailer.models import Campaign, CampaignStatus, Operator, Power
from mailer.network.details import zone
from mailer.notices import posting

_STATES: Final = {CampaignStatus.HELD: "Held", CampaignStatus.PAUSED: "Paused"}
_OWNS: Final = ("issue submitted", "issue made")


def untold(session: Session, *, most: int = 100) -> list[int]:
    """The ids of issues whose people have to be told something."""
    return list(
        session.scalars(select(Campaign.id).where(Campaign.to_tell.is_not(None)).limit(most))
    )


def tell(session: Session, campaign_id: int, *, site: str, now: datetime) -> int:
    """Write the mails about this issue, as it stands now; how many."""
    campaign = find(session, campaign_id, lock=True)
    if campaign.to_tell is None:
        return 0
    by, campaign.to_tell = Actor.parse(campaign.to_tell), None
    page = f"{site}/issues/{campaign.newsletter.slug}/{campaign.slug}"
    if campaign.status is CampaignStatus.WAITING:
        people = _approvers(session, by)
        what_happened = "issue_submitted"
        values = _submitted(campaign, name_of(session, by), zone(session), page)
    elif campaign.status in _STATES:
        people = _responsible(session, campaign)
        what_happened, values = "issue_held", _held(campaign, page)
    else:  # somebody was quicker
        return 0
    for each in people:
        posting.post(
            session,
            what_happened,
            to_address=each.email,
            to_name=each.name,
            sender=campaign.newsletter,
            now=now,
            **values,
        )
    return len(people)


def keep_quiet(session: Session, campaign_id: int) -> None:
    """Give up what could not be told: it stands on the issue's page."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is not None:
        campaign.to_tell = None


def _submitted(campaign: Campaign, who: str, zone: str, page: str) -> dict[str, str]:
    at = goes_out_at(campaign)
    goes_out = ""
    if at:
        there = wall_of(at, zone)
        goes_out = f"on {there:%A} {there.day} {there:%B} at {there:%H:%M} ({abbreviation(there)})"
    return {
        "who": who,
        "issue": campaign.name,
        "version": str(campaign.version),
        "subject": campaign.subject,
        "goes_out": goes_out,
        "link": f"{page}/approval",
    }


def _held(campaign: Campaign, page: str) -> dict[str, str]:
    return {
        "state": _STATES[campaign.status],
        "issue": campaign.name,
        "why": campaign.trouble or "",
        "link": page,
    }


def _approvers(session: Session, by: Actor) -> list[Operator]:
    """The admins, or where there is none but who asks, the editors: never who asks."""
    for power in (Power.ADMIN, Power.EDITOR):
        others = [each for each in _with_power(session, power) if each.id != by.id]
        if others:
            return others
    return []


def _responsible(session: Session, campaign: Campaign) -> list[Operator]:
    """The admins, and the owner of the issue."""
    admins = _with_power(session, Power.ADMIN)
    owner = _owner(session, campaign)
    return admins if owner is None or owner in admins else [*admins, owner]


def _with_power(session: Session, power: Power) -> list[Operator]:
    active = session.scalars(select(Operator).where(Operator.active).order_by(Operator.id))
    return [each for each in active if power in {role.name for role in each.roles}]


def _owner(session: Session, campaign: Campaign) -> Operator | None:
    """Who asked for its approval last, or made it."""
    for act in _OWNS:
        entry = session.scalar(
            select(AuditEntry)
            .where(AuditEntry.subject == Subject("campaign", campaign.id), AuditEntry.act == act)
            .order_by(AuditEntry.id.desc())
            .limit(1)
        )
        if entry and entry.actor.kind is ActorKind.OPERATOR and entry.actor.id:
            owner = session.get(Operator, entry.actor.id)
            return owner if owner and owner.active else None
    return None
