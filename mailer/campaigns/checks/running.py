"""All rules, run over one issue: the one answer that every page, command and door asks for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.campaigns.checks import (
    addresses,
    dated,
    links,
    people,
    pictures,
    sender,
    subject,
    validity,
    wording,
)
from mailer.campaigns.checks.facts import Measured, gather
from mailer.campaigns.checks.finding import CheckFinding, FindingLevel, FindingState
from mailer.campaigns.checks.measuring import measure_barely
from mailer.campaigns.checks.rule import IssueRule
from mailer.errors import DocumentError
from mailer.models import AcceptedFinding, Campaign
from mailer.settings.environment import Gate

RULES: Final[tuple[IssueRule, ...]] = (
    subject.NoSubject(),
    subject.SubjectOfLastIssue(),
    pictures.PictureWithoutWords(),
    pictures.LinkedPictureWithoutWords(),
    links.LinkWithoutAddress(),
    addresses.BrokenAddress(),
    links.PlaceholderAddress(),
    links.UnusableAddress(),
    wording.LeftToWrite(),
    validity.Unfinished(),
    dated.MastheadOfAnotherMonth(),
    dated.DeadlineBefore(),
    dated.EventOver(),
    people.MergeFieldWithoutFallback(),
    people.NobodyToReceiveIt(),
    sender.UnverifiedSender(),
    sender.NoPostalAddress(),
    sender.TooLarge(),
    sender.FaintColours(),
    sender.SkippedHeading(),
    subject.PoorSubject(),
    subject.NoPreviewText(),
    links.VagueLinkWords(),
    links.SameWordsElsewhere(),
    addresses.UncheckableAddresses(),
    links.LinkOfLastIssue(),
    pictures.PoorPictureWords(),
    wording.LongText(),
    wording.HardText(),
    wording.LoudLine(),
    people.LittleToSee(),
    people.MuchLargerAudience(),
    dated.DatedTextOfLastIssue(),
    dated.BeforeAnElection(),
    sender.NotTested(),
)


def run(
    session: Session,
    campaign: Campaign,
    *,
    gate: Gate,
    now: datetime,
    counts: Measured | None,
) -> list[CheckFinding]:
    """Everything found in an issue, in the order of its blocks: what must be mended comes first.

    Without ``counts`` nobody is counted and nothing is measured, and what needs that is not
    checked.
    """
    facts = gather(session, campaign, gate=gate, now=now, measured=counts)
    found = [finding for rule in RULES for finding in rule.look(facts)]
    found += validity.left_over(facts, found)
    places = {block.id: place for place, block in enumerate(facts.reading.document.blocks, 1)}
    found.sort(key=lambda each: (each.level is not FindingLevel.FIX, places.get(each.block, 0)))
    return _with_what_was_accepted(session, campaign, found)


def held_back_by(
    session: Session, campaign: Campaign, *, gate: Gate, now: datetime
) -> list[CheckFinding]:
    """What an issue can’t be submitted, approved or sent with; empty when there is nothing."""
    counts = measure_barely(session, campaign, now=now)
    found = run(session, campaign, gate=gate, now=now, counts=counts)
    return [each for each in found if each.holds_back]


def must_be_sendable(session: Session, campaign: Campaign, *, gate: Gate, now: datetime) -> None:
    """DocumentError with everything that holds the issue back."""
    if found := held_back_by(session, campaign, gate=gate, now=now):
        raise DocumentError([each.as_problem() for each in found])


def summary(findings: Sequence[CheckFinding]) -> str:
    """The strip’s words: 1 to fix, 2 to look at, 31 fine."""
    to_fix = sum(each.holds_back for each in findings)
    to_look = sum(each.is_open for each in findings) - to_fix
    unchecked = sum(each.state is FindingState.UNCHECKED for each in findings)
    counted = [(to_fix, "to fix"), (to_look, "to look at"), (fine(findings), "fine")]
    if unchecked:
        counted.append((unchecked, "not checked yet"))
    return ", ".join(f"{number} {words}" for number, words in counted)


def fine(findings: Sequence[CheckFinding]) -> int:
    """How many rules were checked and found nothing, or nothing that a person minds."""
    not_fine = {each.code for each in findings if each.state is not FindingState.FINE}
    return sum(rule.code not in not_fine for rule in RULES)


def _with_what_was_accepted(
    session: Session, campaign: Campaign, found: list[CheckFinding]
) -> list[CheckFinding]:
    kept = {
        each.key: each
        for each in session.scalars(
            select(AcceptedFinding).where(
                AcceptedFinding.campaign_id == campaign.id,
                AcceptedFinding.version == campaign.version,
            )
        )
    }
    return [
        replace(
            each,
            state=FindingState.FINE,
            fine_by=kept[each.key].accepted_by,
            fine_at=kept[each.key].accepted_at,
        )
        if each.is_open and each.level is FindingLevel.LOOK and each.key in kept
        else each
        for each in found
    ]
