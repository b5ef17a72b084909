"""The timeline of an issue for people to read: what was done, when, and what comes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.campaigns.timeline.replanning import OF_TIMELINES
from mailer.models import Campaign, Step, StepKind

_WORDS: Final = {
    StepKind.DRAFT: "Draft made",
    StepKind.ASK: "Stories asked for",
    StepKind.REMIND: "Reminder of stories",
    StepKind.STORIES: "Stories in by now",
    StepKind.NUDGE: "Look at what is left",
    StepKind.SUBMIT_BY: "Submit by today",
    StepKind.APPROVE_BY: "Reminder to approve",
    StepKind.RECHECK: "Addresses asked again",
    StepKind.CHECK: "Last look before it goes out",
    StepKind.SOON: "15 minutes before",
    StepKind.LAUNCH: "Time to go out",
    StepKind.REMIND_HELD: "Reminder that it is held",
    StepKind.SUMMARY: "Numbers",
    StepKind.SETTLE: "Report is final",
}
_KINDS: Final = tuple(OF_TIMELINES | {StepKind.LAUNCH, StepKind.SETTLE})


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One step: ``at`` is when it was done, or when it comes; ``outcome`` what came of it."""

    at: datetime
    words: str
    outcome: str
    done: bool


def lines_of(session: Session, campaign: Campaign) -> list[TimelineLine]:
    """Every step of an issue in the order of time: those that are done, and those to come."""
    of_it = (Step.subject_id == campaign.id) & Step.kind.in_(_KINDS)
    if campaign.schedule_id is not None:
        of_it |= (
            (Step.kind == StepKind.DRAFT)
            & (Step.subject_id == campaign.schedule_id)
            & (Step.occurrence == campaign.occurrence)
        )
    found = session.scalars(select(Step).where(of_it).order_by(Step.due_at, Step.id))
    lines = [
        TimelineLine(
            each.done_at or each.due_at,
            _WORDS[each.kind],
            each.outcome or "",
            done=each.done_at is not None,
        )
        for each in found
    ]
    return sorted(lines, key=lambda line: (line.at, not line.done))
