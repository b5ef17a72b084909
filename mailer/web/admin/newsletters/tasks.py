"""The parts of an issue and how far each has come: what the hub and the home page list."""

from dataclasses import dataclass

from mailer.campaigns import editing
from mailer.models import Campaign, CampaignStatus
from mailer.web.admin.newsletters.finding import audience_of, link
from mailer.web.shell import wall

DONE = "Completed"


@dataclass(frozen=True, slots=True)
class Task:
    """One row: ``state`` in words, ``kind`` for its badge ("", "wait", "bad", "info")."""

    name: str
    url: str
    state: str
    kind: str = ""
    hint: str = ""
    verb: str = ""  # what the one primary button says when this is the next step

    @property
    def done(self) -> bool:
        return self.state == DONE


def tasks_of(issue: Campaign) -> list[Task]:
    """The tasks of an issue that can still change; none of one that has gone."""
    if not issue.editable:
        return []
    found = editing.problems(issue)
    about_subject = [each for each in found if each.field in {"subject", "preview_text"}]
    about_content = [each for each in found if each not in about_subject]
    will = audience_of(issue).will
    return [
        Task(
            "Subject and preview text",
            link("issues.edit", issue),
            "Needs mending" if about_subject else DONE,
            "bad" if about_subject else "",
            hint=issue.subject,
            verb="Write the subject",
        ),
        Task(
            "Content",
            link("composing.show", issue),
            f"{len(about_content)} to mend" if about_content else DONE,
            "bad" if about_content else "",
            hint=f"{len(issue.document.get('blocks', []))} blocks",
            verb="Mend the content",
        ),
        Task(
            "Audience",
            link("issues.edit", issue) + "#segment",
            DONE if will else "Nobody will receive this",
            "" if will else "bad",
            hint=issue.segment.name if issue.segment else f"Everyone on {issue.newsletter.name}",
            verb="Choose the audience",
        ),
        _approval(issue, blocked=bool(found)),
        _time(issue),
    ]


def _approval(issue: Campaign, *, blocked: bool) -> Task:
    url = link("sending.approval", issue)
    if issue.approved:
        hint = f"Version {issue.version}, by {issue.approved_by}"
        return Task("Approval", url, DONE, hint=hint)
    if blocked:
        return Task("Approval", url, "Cannot start yet", hint="after the parts above are mended")
    hint = f"Version {issue.version} needs approving"
    if issue.status is CampaignStatus.WAITING:
        return Task("Approval", url, "Waiting", "wait", hint, verb="Read and approve")
    return Task("Approval", url, "Not started", "info", hint, verb="Read and approve")


def _time(issue: Campaign) -> Task:
    url = link("sending.confirm", issue)
    if issue.status is CampaignStatus.HELD:
        return Task("Send time", url, "Held", "bad", issue.trouble or "", verb="Choose a new time")
    if issue.send_wall is None:
        return Task("Send time", url, "Not started", "info", "no time chosen", verb="Send it")
    return Task("Send time", url, DONE, hint=f"{wall(issue.send_wall)} UK time", verb="Send it")
