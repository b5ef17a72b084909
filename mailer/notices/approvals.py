"""Mail about the approval of an issue: passed on, asked for with the issue as it will look, sent
back."""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from contacts.actors import Actor
from mailer.accounts.naming import name_of
from mailer.campaigns import approval
from mailer.campaigns.approved import count_of
from mailer.campaigns.checks.measuring import measure
from mailer.campaigns.checks.running import run, summary
from mailer.campaigns.drafts import versions, whats_changed
from mailer.campaigns.editing import find
from mailer.clock import moment_words
from mailer.models import Campaign, NewsKind, Operator, ReviewCopy, SystemMail, VersionReason
from mailer.network.details import zone
from mailer.notices import posting, telling
from mailer.settings.environment import Gate

TO_APPROVE: Final = "issue_submitted"  # by its folder; the mail shows the issue below the words
_MOST_CHANGES: Final = 12


def pass_on(
    session: Session, campaign_id: int, operator_id: int, *, site: str, actor: Actor, now: datetime
) -> Operator:
    """Leave the decision to another approver, and tell them by mail."""
    other = approval.pass_on(session, campaign_id, operator_id, actor=actor, now=now)
    campaign = find(session, campaign_id)
    ask(session, campaign, [other], by=actor, site=site, now=now)
    return other


def ask(
    session: Session,
    campaign: Campaign,
    people: list[Operator],
    *,
    by: Actor,
    site: str,
    now: datetime,
) -> list[SystemMail]:
    """Ask these to approve it: the numbers, what changed, and the issue as it will look. A link
    opens the page, and approves nothing."""
    values = values_of(session, campaign, by=by, site=site, now=now)
    if campaign.kept_version != campaign.version:
        versions.keep(session, campaign, VersionReason.SUBMITTED, actor=by, now=now)
    mailed = telling.untold(
        session,
        people,
        NewsKind.APPROVE,
        campaign,
        f"{now:%Y-%m-%dT%H:%M:%S.%f}",
        words=f"{values['who']} asks for approval of {campaign.name}, version {campaign.version}.",
        path=f"{telling.page_of(campaign)}/approval",
        now=now,
    )
    found = []
    for each in mailed:
        notice = posting.post(
            session,
            TO_APPROVE,
            to_address=each.email,
            to_name=each.name,
            sender=campaign.newsletter,
            now=now,
            **values,
        )
        session.add(
            ReviewCopy(notice_id=notice.id, campaign_id=campaign.id, version=campaign.version)
        )
        found.append(notice)
    session.flush()
    return found


def values_of(
    session: Session, campaign: Campaign, *, by: Actor, site: str, now: datetime
) -> dict[str, str]:
    """What the words of that mail are made of."""
    counted, at = count_of(session, campaign, now=now), campaign.goes_out_at
    counts = measure(session, campaign, now=now, will=counted.will)
    findings = run(session, campaign, gate=Gate.OPEN, now=now, counts=counts)
    since = whats_changed.since_it_was_looked_at(session, campaign)
    last = whats_changed.since_the_last_issue(session, campaign)
    return {
        "who": name_of(session, by),
        "issue": campaign.name,
        "version": str(campaign.version),
        "subject": campaign.subject,
        "goes_out": moment_words(at, zone(session)) if at else "",
        "numbers": f"{counted.will:,} of {counted.total:,}",
        "checks": summary(findings),
        "since": f"version {since.version}" if since else "",
        "changes": _few(since.words) if since else "",
        "last": last.issue.name if last and last.issue else "",
        "changes_since_last": str(len(last.words)) if last else "",
        "link": f"{site}/issues/{campaign.newsletter.slug}/{campaign.slug}/approval",
    }


def _few(lines: list[str]) -> str:
    if not lines:
        return "nothing"
    more = len(lines) - _MOST_CHANGES
    return "; ".join(lines[:_MOST_CHANGES]) + (f"; and {more} more" if more > 0 else "")
