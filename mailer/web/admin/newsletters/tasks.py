"""The parts of an issue and how far each has come: what the hub and the home page list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mailer.audience.counting import AudienceCount
from mailer.campaigns import timing
from mailer.campaigns.approved import approver_of, lapse_of
from mailer.campaigns.checks.finding import CheckFinding
from mailer.models import Campaign, CampaignStatus
from mailer.web.admin.newsletters.finding import link
from mailer.web.shell import in_words

DONE = "Completed"
LOCKED = "Cannot start yet"
APPROVAL = "Approval"  # the name of the task


@dataclass(frozen=True, slots=True)
class Task:
    """One row: ``state`` in words, ``kind`` for its badge ("", "wait", "bad").

    ``url`` is empty where there is nothing that whoever looks may do there.
    """

    name: str
    url: str
    state: str
    kind: str = ""
    hint: str = ""
    verb: str = ""  # what the one primary button says when this is the next step

    @property
    def done(self) -> bool:
        return self.state == DONE

    @property
    def drawing(self) -> str:
        if self.done:
            return "done"
        if self.state == LOCKED:
            return "lock"
        return {"wait": "half", "bad": "warn"}.get(self.kind, "todo")


def tasks_of(
    issue: Campaign,
    audience: AudienceCount,
    findings: Sequence[CheckFinding],
    *,
    edits: bool,
) -> list[Task]:
    """The tasks of an issue that can still change, unfinished first; none of one that has gone."""
    if not issue.editable:
        return []
    found = [each for each in findings if each.holds_back]
    looks = sum(each.is_open for each in findings) - len(found)
    tasks = [
        _subject(issue, found, edits=edits),
        _content(issue, found),
        _audience(issue, audience, edits=edits),
        *_checks(issue, found, looks),
        _approval(issue, lapse_of(issue, audience), blocked=bool(found)),
        _time(issue, edits=edits),
    ]
    return sorted(tasks, key=lambda task: task.done)


_OF_THE_SUBJECT = frozenset({"subject", "preview_text"})
_OF_THE_AUDIENCE = frozenset({"AUD1"})  # the audience is a row of its own


def _subject(issue: Campaign, found: list[CheckFinding], *, edits: bool) -> Task:
    wrong = any(each.field in _OF_THE_SUBJECT for each in found)
    return Task(
        "Subject and preview text",
        link("about.show", issue) if edits else "",
        ("To mend" if issue.subject else "To write") if wrong else DONE,
        "bad" if wrong and issue.subject else "",
        hint=issue.subject or "What people see first in their inbox",
        verb="Mend the subject" if issue.subject else "Write the subject",
    )


def _content(issue: Campaign, found: list[CheckFinding]) -> Task:
    wrong = sum(_of_the_content(each) for each in found)
    blocks = len(issue.document.get("blocks", []))
    empty = any(each.code == "DOC1" and each.field == "blocks" for each in found)
    state = "Not started" if empty else f"{wrong} to mend"
    return Task(
        "Content",
        link("composing.show", issue),
        state if wrong else DONE,
        "bad" if wrong and not empty else "",
        hint=f"{blocks} block{'s' if blocks != 1 else ''}",
        verb="Write the content" if empty else "Mend the content",
    )


def _of_the_content(finding: CheckFinding) -> bool:
    return bool(finding.block) or finding.field == "blocks"


def _checks(issue: Campaign, found: list[CheckFinding], looks: int) -> Iterator[Task]:
    """What the checks say beside the parts above: shown where there is something."""
    around = [
        each
        for each in found
        if not _of_the_content(each)
        and each.field not in _OF_THE_SUBJECT
        and each.code not in _OF_THE_AUDIENCE
    ]
    url = link("checking.show", issue)
    if around:
        state = f"{len(around)} to fix"
        yield Task("Checks", url, state, "bad", hint=around[0].message, verb="See what to fix")
    elif looks and not found:
        yield Task("Checks", url, DONE, hint=f"{looks} to look at")


def _audience(issue: Campaign, audience: AudienceCount, *, edits: bool) -> Task:
    whom = issue.segment.name if issue.segment else f"Everyone on {issue.newsletter.name}"
    if issue.corrects_id is not None:
        whom = "Only people who got the issue that it corrects"
    return Task(
        "Audience",
        link("about.show", issue) + "#segment" if edits else "",
        DONE if audience.will else "Nobody will receive this",
        "" if audience.will else "bad",
        hint=f"{whom}: {audience.will:,} of {audience.total:,}",
        verb="Choose the audience",
    )


def _approval(issue: Campaign, lapsed: str | None, *, blocked: bool) -> Task:
    url = link("sending.approval", issue)
    if lapsed is None:
        hint = f"Version {issue.version}, by {approver_of(issue)}"
        return Task(APPROVAL, url, DONE, hint=hint)
    if blocked:
        return Task(APPROVAL, "", LOCKED, hint="After the parts above are mended")
    if issue.status in {CampaignStatus.WAITING, CampaignStatus.SCHEDULED}:
        return Task(APPROVAL, url, "Waiting", "wait", lapsed, verb="Read and approve")
    return Task(APPROVAL, url, "Not started", hint=lapsed, verb="Read and approve")


def _time(issue: Campaign, *, edits: bool) -> Task:
    url = link("sending.confirm", issue) if edits else ""
    if issue.status is CampaignStatus.HELD:
        return Task("Send time", url, "Held", "bad", issue.trouble or "", verb="Choose a new time")
    goes_out_at = timing.goes_out_at(issue)
    if goes_out_at is None:
        hint = issue.trouble or "No time chosen"
        return Task("Send time", url, "Not chosen", hint=hint, verb="Send it or choose a time")
    return Task("Send time", url, DONE, hint=in_words(goes_out_at), verb="Send it")
