"""Does what is due, one step in one transaction, and what becomes of one that can't be done."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from contacts.actors import SCHEDULE
from mailer.campaigns import due as steps
from mailer.campaigns import editing, schedules, sending, timing
from mailer.campaigns.verbs import Verb
from mailer.gathering.stories import by_schedule
from mailer.models import Campaign, Step, StepKind
from mailer.notices.timeline import before, doing
from mailer.notices.timeline.context import StepContext
from mailer.security.tokens import Tokens
from mailer.settings.environment import Gate

_TRY_AGAIN: Final = timedelta(hours=1)  # a step that has a fault


def put_off(session: Session, step_id: int, *, fault: Exception, now: datetime) -> str:
    """What becomes of a step that has a fault: it is tried again in an hour, and says so.

    An issue that was to go out is held with the reason on its page, and not tried again.
    """
    step = session.get_one(Step, step_id)
    step.outcome = f"could not be done ({type(fault).__name__}), and is tried again"
    if step.kind is StepKind.LAUNCH:
        why = sending.cannot_be_carried(fault)
        campaign = session.get(Campaign, step.subject_id)
        # One that is held already, or is being sent, has nothing to be held back from.
        if campaign and Verb.HOLD.allows(campaign.status):
            timing.hold(session, campaign.id, why=why, actor=SCHEDULE, now=now)
        step.done_at, step.outcome = now, "held: something is wrong with it"
    else:
        step.due_at = now + _TRY_AGAIN
    return step.outcome


def take_step(
    session: Session, step_id: int, *, gate: Gate, site: str, tokens: Tokens, now: datetime
) -> str | None:
    """Do a step, in the transaction that marks it as done; None if it is done already."""
    step = steps.take(session, step_id, now=now)
    if step is None:
        return None
    match step.kind:
        case StepKind.DRAFT:
            made = schedules.make_draft(session, step.subject_id, step.occurrence, now=now)
            step.outcome = f"made campaign {made.id}" if made else "nothing to make"
            if made:
                issue = editing.find(session, made.id)
                context = StepContext(session, step, issue, gate, site, tokens, now)
                step.outcome += f"; {before.draft_is_made(context)}"
        case StepKind.LAUNCH:
            step.outcome = schedules.launch_or_hold(
                session, step.subject_id, due_at=step.due_at, gate=gate, now=now
            )
        case StepKind.SETTLE:
            sending.settle(session, step.subject_id, now=now)
            step.outcome = "settled"
        case StepKind.ADDRESSES:
            step.outcome = None  # never taken here: see ``due``
        case _:
            outcome = doing.do(
                session,
                step,
                more=by_schedule.DOINGS,
                gate=gate,
                site=site,
                tokens=tokens,
                now=now,
            )
            step.outcome = outcome or None
    return step.outcome
