"""Does one step of a timeline, and says in a sentence what came of it.

A step that comes late, since the server was away, is done as long as it is still right; else it
says that it was skipped, and how late it was.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from mailer.campaigns.editing import find
from mailer.campaigns.timeline.moments import StepKey
from mailer.campaigns.timeline.replanning import wanted_steps
from mailer.models import Step, StepKind
from mailer.notices.timeline import after, before, held
from mailer.notices.timeline.context import Doing, StepContext
from mailer.security.tokens import Tokens
from mailer.settings.environment import Gate

# How late each may still be done.
_GOOD_FOR: Final[Mapping[StepKind, timedelta]] = {
    StepKind.ASK: timedelta(days=3),
    StepKind.REMIND: timedelta(days=2),
    StepKind.STORIES: timedelta(days=2),
    StepKind.NUDGE: timedelta(days=1),
    StepKind.SUBMIT_BY: timedelta(days=1),
    StepKind.APPROVE_BY: timedelta(hours=20),
    StepKind.RECHECK: timedelta(minutes=100),
    StepKind.CHECK: timedelta(minutes=90),
    StepKind.SOON: timedelta(minutes=10),
    StepKind.REMIND_HELD: timedelta(hours=20),
    StepKind.SUMMARY: timedelta(days=3),
}

DOINGS: Final[Mapping[StepKind, Doing]] = {
    StepKind.NUDGE: before.nudge,
    StepKind.SUBMIT_BY: before.submit_today,
    StepKind.APPROVE_BY: before.remind_approvers,
    StepKind.RECHECK: before.ask_addresses_again,
    StepKind.CHECK: before.look_again,
    StepKind.SOON: before.goes_out_soon,
    StepKind.REMIND_HELD: held.remind,
    StepKind.SUMMARY: after.sum_up,
}


def do(
    session: Session,
    step: Step,
    *,
    more: Mapping[StepKind, Doing],
    gate: Gate,
    site: str,
    tokens: Tokens,
    now: datetime,
) -> str:
    """Do a step that was taken, in the same transaction; what came of it. ``more`` are the doings
    of what is above this package: asking for stories."""
    campaign = find(session, step.subject_id, lock=True)
    if campaign.replan:
        # Whatever was done to it since may have made this step one that nobody needs.
        key = StepKey(step.kind, step.occurrence)
        due_at = wanted_steps(session, campaign).get(key)
        if due_at is None:
            return "nothing to do: it was planned otherwise"
        if due_at > now:
            step.done_at, step.due_at = None, due_at
            return ""
    late = now - step.due_at
    if late > _GOOD_FOR[step.kind]:
        return f"skipped: it was due {ago(late)}"
    if _has_a_later_one(session, step, now):
        return f"skipped: it was due {ago(late)}, and so was the next of its kind"
    doing = {**DOINGS, **more}[step.kind]
    return doing(StepContext(session, step, campaign, gate, site, tokens, now))


def ago(late: timedelta) -> str:
    """ "3 days ago", "5 hours ago", "12 minutes ago"."""
    for unit, one in ((timedelta(days=1), "day"), (timedelta(hours=1), "hour")):
        if number := late // unit:
            return f"{number} {one}{'s' if number > 1 else ''} ago"
    number = late // timedelta(minutes=1)
    return f"{number} minute{'' if number == 1 else 's'} ago"


def _has_a_later_one(session: Session, step: Step, now: datetime) -> bool:
    """Whether the next of a kind is due too: people are reminded once of what they missed."""
    later = exists().where(
        Step.kind == step.kind,
        Step.subject_id == step.subject_id,
        Step.done_at.is_(None),
        Step.due_at > step.due_at,
        Step.due_at <= now,
    )
    return bool(session.scalar(select(later)))
