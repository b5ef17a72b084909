"""What falls due before an issue goes out: nudges, days to keep, a last look."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import exists, select

from contacts.actors import SCHEDULE
from mailer.authoring.document import read
from mailer.authoring.library.listing import ItemStanding, WantedItems, count_standings
from mailer.campaigns.approved import count_of, lapse_of, moved
from mailer.campaigns.assembly.overview import Overview, overview
from mailer.campaigns.checks.asking import ask_soon
from mailer.campaigns.checks.running import held_back_by
from mailer.campaigns.timeline import owning
from mailer.campaigns.timeline.owning import backup_of
from mailer.campaigns.timeline.replanning import approve_by
from mailer.clock import UK, moment_words
from mailer.models import CampaignStatus, NewsKind, Operator, Relay, Step, StepKind
from mailer.network.details import zone
from mailer.notices.people import approver_of, approvers_of
from mailer.notices.telling import tell
from mailer.notices.timeline.context import StepContext
from mailer.settings.environment import Gate

S = CampaignStatus
# Blocks that every issue has, whatever there is to tell.
_FRAME: Final = frozenset({"masthead", "contents", "divider", "social_links", "footer"})
_MOST_PARTS: Final = 12  # of a draft, in the mail about it
_LEAST: Final = 2  # blocks with something in them, for there to be an issue


def draft_is_made(step: StepContext) -> str:
    """Tell the owner that the draft of the month is there, what it was filled with and why."""
    issue = step.campaign
    filled = overview(step.session, issue)
    more = [f"{filled.sentence}.", filled.missing, _pulled_in(filled)] if filled else []
    if at := issue.goes_out_at:
        more.append(f"It goes out {moment_words(at, zone(step.session))}, once it is approved.")
    if issue.trouble:
        more.append(f"Choose its time: {issue.trouble}")
    return _tell(
        step,
        [step.owner],
        NewsKind.DRAFT,
        news=f"{issue.name}: the draft is ready",
        more=" ".join(filter(None, more)),
        verb="Open the draft",
        path="/compose",
    )


def _pulled_in(filled: Overview) -> str:
    parts = [f"{each.title} ({each.why.rstrip('.')})" for each in filled.parts[:_MOST_PARTS]]
    rest = len(filled.parts) - len(parts)
    more = f"; and {rest} more" if rest else ""
    return f"Pulled in: {'; '.join(parts)}{more}." if parts else ""


def stories_are_in(step: StepContext, *, said: str) -> str:
    """On the day by which stories were asked for: what there is, after what those who were asked
    said."""
    there = count_standings(step.session, WantedItems())
    ready, drafts, asked = (
        there.get(each, 0) for each in (ItemStanding.READY, ItemStanding.DRAFT, ItemStanding.ASKED)
    )
    return _tell(
        step,
        [step.owner],
        NewsKind.STORIES,
        news=f"{step.campaign.name}: stories were due today",
        more=f"{said}{' ' if said else ''}In the library are {ready} ready, {drafts} to be looked "
        f"at and {asked} still out.",
        verb="Open the library",
    )


def nudge(step: StepContext) -> str:
    """Remind the owner of what is left; a draft that nobody has opened goes to the backup."""
    issue = step.campaign
    if issue.status is not S.DRAFT:
        return f"nothing to do: {_state(step)}"
    owner, backup = step.owner, backup_of(step.session, issue)
    if owning.is_untouched(step.session, issue) and backup is not None and issue.owner_id is None:
        owning.hand_over(step.session, issue.id, backup.id, actor=SCHEDULE, now=step.now)
        was = f" instead of {owner.name}" if owner else ""
        told = _tell(
            step,
            [owner, backup],
            NewsKind.DRAFT,
            news=f"{issue.name}: {backup.name} owns it now{was}",
            more="Nobody had opened its draft. On its page you can give it to somebody else.",
            path="",
        )
        return f"nobody had opened it: {backup.name} owns it now; {told}"
    left = held_back_by(step.session, issue, gate=step.gate, now=step.now)
    if not left and len(_filled(step)) >= _LEAST:
        return "nothing to do: nothing is left to write"
    if _is_due_too(step, StepKind.SUBMIT_BY):
        return "nothing to do: it has to be submitted today, which is told"
    second = step.step.occurrence.endswith("second")
    return _tell(
        step,
        [owner, backup] if second else [owner],
        NewsKind.DRAFT,
        news=f"{issue.name}: {f'{len(left)} to write or mend' if left else 'stories to write'}",
        more=left[0].message if left else "There is next to nothing in it yet.",
        verb="Open the draft",
        path="/compose",
    )


def submit_today(step: StepContext) -> str:
    """On the day to ask for approval: what is to fix; of an issue with nothing in it, what next."""
    issue = step.campaign
    if issue.status is not S.DRAFT or issue.approved:
        return f"nothing to do: {_state(step)}"
    if len(_filled(step)) < _LEAST:
        return _tell(
            step,
            [step.owner],
            NewsKind.SUBMIT,
            news=f"{issue.name}: skip it or send a short one?",
            more="There is next to nothing in it. What is empty is never sent by itself.",
            verb="Decide",
            path="",
        )
    left = len(held_back_by(step.session, issue, gate=step.gate, now=step.now))
    fix = f"{left} to fix." if left else "Nothing is to fix."
    return _tell(
        step,
        [step.owner],
        NewsKind.SUBMIT,
        news=f"{issue.name}: submit today. {fix}",
        verb="Open the issue",
        path="",
    )


def remind_approvers(step: StepContext) -> str:
    """Before the time by which it has to be approved: its approvers, and then its owner too."""
    issue = step.campaign
    lapsed = lapse_of(issue, count_of(step.session, issue, now=step.now))
    if lapsed is None:
        return f"nothing to do: version {issue.version} is approved"
    if issue.status is S.DRAFT:
        return "nothing to do: nobody has asked for its approval"
    copied = step.step.occurrence.endswith(" 4 h")
    people: list[Operator | None] = [*approvers_of(step.session, issue)]
    if copied:
        people += [step.owner, backup_of(step.session, issue)]
    by = approve_by(step.session, issue)
    until = f" Approve it by {moment_words(by, issue.send_zone or UK)}" if by else ""
    hurry = ": 4 working hours are left." if copied else ", or it is held."
    return _tell(
        step,
        people,
        NewsKind.APPROVE,
        news=f"{issue.name}: version {issue.version} waits for approval",
        more=f"{lapsed}{until}{hurry if until else ''}",
        verb="Read and approve",
        path="/approval",
    )


def ask_addresses_again(step: StepContext) -> str:
    """Have the addresses it links to asked, in time for the last look."""
    ask_soon(step.session, step.campaign.id, now=step.now)
    return "its addresses are asked once more"


def look_again(step: StepContext) -> str:
    """Two hours before: whether what was approved can go out as it was approved."""
    if not step.campaign.approved:
        return "nothing to do: it is not approved"
    found = list(_changed(step))
    if not found:
        return "nothing has changed"
    told = _tell(
        step,
        [step.owner, approver_of(step.session, step.campaign)],
        NewsKind.CHANGED,
        news=f"{step.campaign.name}: something changed before it goes out",
        more=" ".join(found),
        path="",
    )
    return f"{' '.join(found)} {told}"


def goes_out_soon(step: StepContext) -> str:
    """A quarter of an hour before: to how many, and where it can be held."""
    issue = step.campaign
    counted = count_of(step.session, issue, now=step.now)
    if issue.status is not S.SCHEDULED or lapse_of(issue, counted):
        return "nothing to do: it is not approved"
    return _tell(
        step,
        [step.owner, approver_of(step.session, issue)],
        NewsKind.SOON,
        news=f"{issue.name} goes out in 15 minutes to {counted.will:,}",
        more="You can still hold it.",
        verb="Look, or hold it",
        path="",
    )


def _changed(step: StepContext) -> Iterator[str]:
    session, issue = step.session, step.campaign
    for each in held_back_by(session, issue, gate=step.gate, now=step.now):
        yield each.message
    how_far = moved(issue.approval, count_of(session, issue, now=step.now))
    if how_far is not None and (how_far.is_told or how_far.needs_approving):
        yield how_far.sentence
    if not session.scalar(select(exists().where(Relay.enabled, Relay.trouble.is_(None)))):
        yield "No relay can take its mail at the moment."


def _is_due_too(step: StepContext, kind: StepKind) -> bool:
    due = exists().where(
        Step.kind == kind,
        Step.subject_id == step.campaign.id,
        Step.done_at.is_(None),
        Step.due_at <= step.now,
    )
    return bool(step.session.scalar(select(due)))


def _told(step: StepContext) -> list[str]:
    """The blocks of it that are there to tell something."""
    blocks = read(step.campaign.document)[0].blocks
    return [each.id for each in blocks if each.type not in _FRAME]


def _filled(step: StepContext) -> list[str]:
    found = held_back_by(step.session, step.campaign, gate=Gate.OPEN, now=step.now)
    empty = {each.block for each in found}
    return [each for each in _told(step) if each not in empty]


def _state(step: StepContext) -> str:
    issue = step.campaign
    if issue.approved:
        return f"version {issue.version} is approved"
    waits = "it waits for approval already"
    return waits if issue.status is S.WAITING else f"it is {issue.status.value}"


def _tell(
    step: StepContext,
    people: list[Operator | None],
    kind: NewsKind,
    *,
    news: str,
    more: str = "",
    verb: str = "Open the issue",
    path: str = "",
) -> str:
    return tell(
        step.session,
        people,
        kind,
        step.campaign,
        f"{step.step.kind.value} {step.step.occurrence}"[:40],
        news=news,
        more=more,
        verb=verb,
        path=path,
        site=step.site,
        now=step.now,
    )
