"""Where an issue stands: its tag, one true sentence, and the one next step.

Home, the issue's own pages and the list all ask here, so they never contradict each other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from markupsafe import Markup

from mailer.audience.counting import AudienceCount
from mailer.campaigns.approved import lapse_of
from mailer.models import Campaign, CampaignStatus
from mailer.reports.accounting import Account
from mailer.web.admin.newsletters.finding import link
from mailer.web.admin.newsletters.sentences import sentence_of
from mailer.web.admin.newsletters.tasks import APPROVAL, Task

S = CampaignStatus


@dataclass(frozen=True, slots=True)
class IssueTag:
    """The state in a word or two, with its kind ("", "info", "wait", "good", "bad") and drawing."""

    words: str
    kind: str
    drawing: str


@dataclass(frozen=True, slots=True)
class NextStep:
    """What the one primary button says, and where it leads; ``posts`` if pressing it is the act."""

    words: str
    url: str
    posts: bool = False


@dataclass(frozen=True, slots=True)
class IssueStanding:
    tag: IssueTag
    sentence: Markup
    step: NextStep | None


_TAGS: Final = {
    S.DRAFT: IssueTag("Drafting", "info", "pencil"),
    S.WAITING: IssueTag("Waiting for approval", "wait", "clock"),
    S.SCHEDULED: IssueTag("Scheduled", "good", "calendar"),
    S.HELD: IssueTag("Held", "bad", "pause"),
    S.SENDING: IssueTag("Sending", "info", "send"),
    S.PAUSED: IssueTag("Paused", "wait", "pause"),
    S.STOPPED: IssueTag("Stopped", "bad", "stop"),
    S.SENT: IssueTag("Sent", "good", "done"),
    S.SETTLED: IssueTag("Sent, report is final", "good", "done"),
    S.SKIPPED: IssueTag("Skipped", "", "x"),
    S.BINNED: IssueTag("In the bin", "", "trash"),
    S.TEMPLATE: IssueTag("Template", "", "doc"),
}
_APPROVED: Final = IssueTag("Approved", "good", "check")
_AGAIN: Final = IssueTag("To approve again", "wait", "clock")


def tag_of(issue: Campaign, audience: AudienceCount | None = None) -> IssueTag:
    """The state of an issue: of a plan that changed since, that it needs approving again."""
    if issue.status in {S.DRAFT, S.WAITING} and lapse_of(issue, audience) is None:
        return _APPROVED
    if issue.status is S.SCHEDULED and lapse_of(issue, audience):
        return _AGAIN
    return _TAGS[issue.status]


def standing_of(
    issue: Campaign,
    *,
    now: datetime,
    tasks: Sequence[Task] = (),
    account: Account | None = None,
    audience: AudienceCount | None = None,
    edits: bool = True,
    approves: bool = True,
) -> IssueStanding:
    """Where it stands. Without ``tasks``, ``account`` and ``audience`` the sentence has no numbers.

    ``edits`` is whether whoever looks may change issues: others have no step but to read. Without
    ``approves`` they ask for approval instead.
    """
    sentence = sentence_of(issue, now=now, tasks=tasks, account=account, audience=audience)
    return IssueStanding(
        tag_of(issue, audience), sentence, _step(issue, tasks, edits=edits, approves=approves)
    )


def _step(
    issue: Campaign, tasks: Sequence[Task], *, edits: bool, approves: bool
) -> NextStep | None:
    if issue.status in {S.SENDING, S.PAUSED}:
        return NextStep("Watch it go", link("sending.progress", issue))
    if issue.started_at is not None:
        return NextStep("Read the report", link("reports.show", issue))
    if not edits:
        return NextStep("Read it", link("sending.approval", issue)) if issue.editable else None
    if issue.status in {S.SKIPPED, S.BINNED}:
        return NextStep("Put it back", link("sending.put_back", issue), posts=True)
    todo = next(_unfinished(issue, tasks, approves=approves), None)
    if todo:
        asks = todo.name == APPROVAL and not approves
        return _asked_for(issue, todo) if asks else NextStep(todo.verb, todo.url)
    return NextStep("See who gets it", link("sending.confirm", issue)) if tasks else None


def _unfinished(issue: Campaign, tasks: Sequence[Task], *, approves: bool) -> Iterator[Task]:
    """What is left that has a way to it: of what waits for approval, approvers approve first."""
    left = [task for task in tasks if not task.done and task.verb]
    if issue.status is S.WAITING and approves:
        left.sort(key=lambda task: task.name != APPROVAL)
    yield from left


def _asked_for(issue: Campaign, todo: Task) -> NextStep:
    """The step of whoever may not approve: to ask for it, and then to see what was said."""
    if issue.status is S.DRAFT:
        return NextStep("Submit for approval", link("sending.submit", issue), posts=True)
    return NextStep("See its approval", todo.url)
