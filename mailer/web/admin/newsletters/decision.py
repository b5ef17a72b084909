"""What the approval page shows beside the mail: what pressing does, what changed, what was said."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mailer.accounts import operators
from mailer.audience.counting import AudienceCount
from mailer.authoring.checks import where
from mailer.authoring.comparing import ComparedBlock, How
from mailer.authoring.document import read
from mailer.campaigns import approval
from mailer.campaigns.approved import ChangedPerson, MovedAudience, lapse_of, moved, who_changed
from mailer.campaigns.deciding import sends_at_once
from mailer.campaigns.drafts import comments, whats_changed
from mailer.campaigns.drafts.whats_changed import WhatChanged
from mailer.models import Campaign, Comment, Operator, Power
from mailer.web.network import local
from mailer.web.policy import acting
from mailer.web.transactions import session, this_mailer

_TAGS: Final = {
    How.ADDED: ("New", "good", "plus"),
    How.CHANGED: ("Changed", "info", "pencil"),
    How.MOVED: ("Moved", "", "grip"),
    How.REMOVED: ("Removed", "wait", "x"),
}


@dataclass(frozen=True, slots=True)
class ReadBlock:
    """A block to go through; ``tag`` is what became of it: words, kind and drawing."""

    id: str
    name: str
    tag: tuple[str, str, str] | None
    comments: Sequence[Comment]


@dataclass(frozen=True, slots=True)
class PendingDecision:
    """Where the decision stands. ``lapse`` is why no approval holds, None while one does;
    ``refusal`` why whoever looks may not approve."""

    lapse: str | None
    refusal: str | None
    sends: bool
    moved: MovedAudience | None
    who: Sequence[ChangedPerson]
    by_author: bool


def decision_of(issue: Campaign, counted: AudienceCount) -> PendingDecision:
    """Where the decision about an issue stands, for whoever looks."""
    now, held = this_mailer().clock(), issue.approval
    how_far = moved(held, counted) if issue.editable and issue.lapse is None else None
    who = who_changed(session(), issue, since=held.at, now=now) if held and how_far else []
    return PendingDecision(
        lapse_of(issue, counted) if issue.editable else None,
        approval.refusal(session(), issue, acting()),
        sends_at_once(session(), issue, now=now, actor=acting()),
        how_far,
        who,
        by_author=bool(held and held.by_author and issue.approved),
    )


def press_words(issue: Campaign, decision: PendingDecision, will: int) -> str:
    """What the button does now: "Approve version 14: goes out Tue 8 Dec, 10:00"."""
    if decision.sends:
        return f"Approve and send to {will:,} now"
    at = issue.goes_out_at
    if at is None or at <= this_mailer().clock():
        return f"Approve version {issue.version}"
    there = local(at)
    return f"Approve version {issue.version}: goes out {there:%a} {there.day} {there:%b, %H:%M}"


def blocks_of(issue: Campaign, since: WhatChanged | None) -> list[ReadBlock]:
    """The blocks in order, each with what became of it and what was said of it."""
    said = comments.open_by_block(session(), issue.id)
    differs = {each.name: each for each in since.blocks} if since else {}
    found = []
    for place, block in enumerate(read(issue.document)[0].blocks, 1):
        name = where(block, place)
        found.append(ReadBlock(block.id, name, _tag(differs.get(name)), said.get(block.id, [])))
    return found


def rows_of(since: WhatChanged) -> list[tuple[tuple[str, str, str], ComparedBlock]]:
    """What changed, each with its tag."""
    return [(tag, each) for each in since.blocks if (tag := _tag(each))]


def changes_of(issue: Campaign) -> tuple[WhatChanged | None, WhatChanged | None]:
    """Since the version that was looked at before, and since the last issue."""
    return (
        whats_changed.since_it_was_looked_at(session(), issue),
        whats_changed.since_the_last_issue(session(), issue),
    )


def others_who_approve(issue: Campaign) -> list[Operator]:
    """To whom whoever looks can pass the decision on."""
    me = acting().id
    return [
        each
        for each in operators.those_who_may(session(), Power.APPROVER)
        if each.id != me
        and not approval.refusal_of_anybody(session(), issue, acting().operator(each.id))
    ]


def _tag(block: ComparedBlock | None) -> tuple[str, str, str] | None:
    return _TAGS.get(block.how) if block else None
