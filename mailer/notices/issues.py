"""Mail to the people of an issue: it waits for approval, it was sent back, is held, or paused by
itself.

``campaigns.moving`` leaves on the issue what its people have to be told, in the transaction that
made it so, whichever door it came by. The sweep tells them, each once.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind, Subject
from contacts.models import AuditEntry
from mailer.accounts import operators
from mailer.accounts.naming import name_of
from mailer.campaigns.approval import refusal
from mailer.campaigns.deciding import sends_at_once
from mailer.campaigns.editing import find
from mailer.clock import moment_words
from mailer.models import Campaign, CampaignStatus, Operator, Power
from mailer.network.details import zone
from mailer.notices import approvals, posting

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
        people = _approvers(session, campaign, by)
        return len(approvals.ask(session, campaign, people, by=by, site=site, now=now))
    if campaign.status in _STATES:
        people, what_happened = _responsible(session, campaign), "issue_held"
        values = _held(session, campaign, page, now)
    elif campaign.status is CampaignStatus.DRAFT and (why := _sent_back(session, campaign)):
        people, what_happened = _writers(session, campaign, by), "issue_sent_back"
        values = _back(campaign, name_of(session, by), why, zone(session), page)
    elif campaign.started_at and (why := _moved(session, campaign)):
        people, what_happened = _who_approved(session, campaign), "issue_audience_moved"
        values = {"issue": campaign.name, "why": why, "link": f"{page}/progress"}
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


def _held(session: Session, campaign: Campaign, page: str, now: datetime) -> dict[str, str]:
    at_once = sends_at_once(session, campaign, now=now)
    return {
        "state": _STATES[campaign.status],
        "issue": campaign.name,
        "why": campaign.trouble or "",
        "approve_words": "Approve and send now" if at_once else "Read it and approve",
        "link": page,
    }


def _back(campaign: Campaign, who: str, why: str, zone: str, page: str) -> dict[str, str]:
    at = campaign.goes_out_at
    return {
        "who": who,
        "issue": campaign.name,
        "version": str(campaign.version),
        "why": why,
        "goes_out": moment_words(at, zone) if at else "",
        "link": f"{page}/compose",
    }


def _sent_back(session: Session, campaign: Campaign) -> str | None:
    """What was asked for, where sending it back is the last that was done about its approval."""
    entry = session.scalar(
        select(AuditEntry)
        .where(
            AuditEntry.subject == Subject("campaign", campaign.id),
            AuditEntry.act.in_(("issue sent back", "issue submitted", "issue taken back")),
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    return str(entry.detail["why"]) if entry and entry.act == "issue sent back" else None


def _moved(session: Session, campaign: Campaign) -> str | None:
    """How its audience had moved as it was launched, where its approver hears of that."""
    entry = session.scalar(
        select(AuditEntry)
        .where(
            AuditEntry.subject == Subject("campaign", campaign.id), AuditEntry.act == "issue moved"
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    return str(entry.detail["why"]) if entry else None


def _who_approved(session: Session, campaign: Campaign) -> list[Operator]:
    by = campaign.approval.by if campaign.approval else None
    found = session.get(Operator, by.id) if by and by.kind is ActorKind.OPERATOR else None
    return [found] if found and found.active else []


def _approvers(session: Session, campaign: Campaign, by: Actor) -> list[Operator]:
    """Who may approve it, but for who asks: approvers by role, or admins where there is none."""
    able = [
        each
        for each in operators.those_who_may(session, Power.APPROVER)
        if each.id != by.id and not refusal(session, campaign, Actor.operator(each.id))
    ]
    named = set(operators.with_power(session, Power.APPROVER))
    return [each for each in able if each in named] or able


def _responsible(session: Session, campaign: Campaign) -> list[Operator]:
    """Whoever may approve it, and the owner of the issue."""
    people = list(operators.those_who_may(session, Power.APPROVER))
    owner = _owner(session, campaign)
    return people if owner is None or owner in people else [*people, owner]


def _writers(session: Session, campaign: Campaign, by: Actor) -> list[Operator]:
    """Its owner, and who changed it last: not who sends it back."""
    last = campaign.edited_by
    edited_by = last.id if last and last.kind is ActorKind.OPERATOR else None
    author = session.get(Operator, edited_by) if edited_by else None
    found = dict.fromkeys(
        each for each in (_owner(session, campaign), author) if each and each.active
    )
    return [each for each in found if each.id != by.id]


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
