"""Mail to the people of an issue: it waits for approval, it was sent back, is held, or paused by
itself.

``campaigns.moving`` leaves on the issue what its people have to be told, in the transaction that
made it so, whichever door it came by. The sweep tells them, each once.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor, Subject
from contacts.models import AuditEntry
from mailer.accounts.naming import name_of
from mailer.campaigns.deciding import sends_at_once
from mailer.campaigns.editing import find
from mailer.clock import moment_words
from mailer.models import Campaign, CampaignStatus, NewsKind
from mailer.network.details import zone
from mailer.notices import approvals, posting, telling
from mailer.notices.people import approver_of, approvers_of, responsible_for, writers_of

_STATES: Final = {CampaignStatus.HELD: "Held", CampaignStatus.PAUSED: "Paused"}
_KINDS: Final = {
    "issue_held": NewsKind.HELD,
    "issue_sent_back": NewsKind.SENT_BACK,
    "issue_audience_moved": NewsKind.CHANGED,
}


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
    path = telling.page_of(campaign)
    page = f"{site}{path}"
    if campaign.status is CampaignStatus.WAITING:
        people = approvers_of(session, campaign, by)
        return len(approvals.ask(session, campaign, people, by=by, site=site, now=now))
    if campaign.status in _STATES:
        people, what_happened = responsible_for(session, campaign), "issue_held"
        values = _held(session, campaign, page, now)
        words = f"{_STATES[campaign.status]}: {campaign.name}. {campaign.trouble or ''}"
    elif campaign.status is CampaignStatus.DRAFT and (why := _sent_back(session, campaign)):
        people, what_happened = writers_of(session, campaign, by), "issue_sent_back"
        values = _back(campaign, name_of(session, by), why, zone(session), page)
        words, path = f"{values['who']} asks for changes in {campaign.name}.", f"{path}/compose"
    elif campaign.started_at and (why := _moved(session, campaign)):
        approver = approver_of(session, campaign)
        people, what_happened = [approver] if approver else [], "issue_audience_moved"
        values = {"issue": campaign.name, "why": why, "link": f"{page}/progress"}
        words, path = f"{campaign.name}: {why}", f"{path}/progress"
    else:  # somebody was quicker
        return 0
    mailed = telling.untold(
        session,
        people,
        _KINDS[what_happened],
        campaign,
        f"{now:%Y-%m-%dT%H:%M:%S.%f}",
        words=words.strip(),
        path=path,
        now=now,
    )
    for each in mailed:
        posting.post(
            session,
            what_happened,
            to_address=each.email,
            to_name=each.name,
            sender=campaign.newsletter,
            now=now,
            **values,
        )
    return len(mailed)


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
