"""While an issue is held: its people are reminded until somebody decides, and then no more."""

from mailer.campaigns.deciding import sends_at_once
from mailer.models import CampaignStatus, NewsKind
from mailer.notices.people import responsible_for
from mailer.notices.telling import tell
from mailer.notices.timeline.context import StepContext


def remind(step: StepContext) -> str:
    """Say again that it was not sent, and what can be done."""
    issue = step.campaign
    if issue.status is not CampaignStatus.HELD:
        return f"nothing to do: it is {issue.status.value}"
    at_once = sends_at_once(step.session, issue, now=step.now)
    ways = "Approve it and it goes at once" if at_once else "Approve it"
    return tell(
        step.session,
        responsible_for(step.session, issue),
        NewsKind.HELD,
        issue,
        step.step.occurrence,
        news=f"Still held: {issue.name}",
        more=f"{issue.trouble or ''} {ways}, choose a new time, or skip this one.",
        verb="Decide",
        site=step.site,
        now=step.now,
    )
