"""After an issue has gone out: its numbers at once, after a day, after a week."""

from datetime import datetime
from typing import Final

from mailer.models import CampaignStatus, DeliveryStatus, NewsKind
from mailer.notices.people import approver_of
from mailer.notices.telling import tell
from mailer.notices.timeline.context import StepContext
from mailer.reports.accounting import Account, account
from mailer.reports.engagement import engagement

_OVER: Final = frozenset({CampaignStatus.SENT, CampaignStatus.SETTLED, CampaignStatus.STOPPED})


def sum_up(step: StepContext) -> str:
    """ "Sent to 1,204 in 9 minutes. 2 failed"; later, who clicked."""
    issue = step.campaign
    if issue.status not in _OVER or issue.started_at is None or issue.finished_at is None:
        return f"nothing to do: it is {issue.status.value}"
    numbers = account(step.session, issue)
    if step.step.occurrence == "10 min":
        people = [step.owner, approver_of(step.session, issue)]
        news = _at_once(numbers, issue.started_at, issue.finished_at, stopped=_stopped(step))
    else:
        people, heard = [step.owner], engagement(step.session, issue.id)
        accepted = numbers.deliveries.get(DeliveryStatus.ACCEPTED, 0)
        after = "a day" if step.step.occurrence == "24 h" else "a week"
        news = (
            f"After {after}: accepted for {accepted:,}, clicked by {heard.clicked:,}, "
            f"{heard.unsubscribed:,} unsubscribed"
        )
    told = tell(
        step.session,
        people,
        NewsKind.SENT,
        issue,
        step.step.occurrence,
        news=f"{issue.name}: {news[:1].lower()}{news[1:]}",
        verb="Read the report",
        path="/report",
        site=step.site,
        now=step.now,
    )
    return f"{news}; {told}"


def _stopped(step: StepContext) -> bool:
    return step.campaign.status is CampaignStatus.STOPPED


def _at_once(numbers: Account, began: datetime, ended: datetime, *, stopped: bool) -> str:
    accepted = numbers.deliveries.get(DeliveryStatus.ACCEPTED, 0)
    if stopped:
        left = numbers.deliveries.get(DeliveryStatus.STOPPED, 0)
        return f"Stopped: sent to {accepted:,}, and not to {left:,}"
    minutes = round((ended - began).total_seconds() / 60)
    took = f"{minutes} minute{'' if minutes == 1 else 's'}" if minutes else "less than a minute"
    failed = numbers.carried - accepted - numbers.unresolved
    more = f". {failed:,} failed" if failed else ""
    return f"Sent to {accepted:,} in {took}{more}"
