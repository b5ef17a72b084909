"""A plan: everything that a schedule's form says, and what is wrong with it."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mailer.campaigns.recurrence import rrules
from mailer.campaigns.recurrence.coming import Recurrence
from mailer.errors import NotAllowed
from mailer.models import ApprovalsNeeded, AskedByItself, PullIn, Schedule, Shift, Unapproved

MOST_DAYS: Final = 60
MOST_WORKING_DAYS: Final = 20
MOST_HOURS: Final = 40
MOST_QUIET: Final = 24  # months
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_DAYS: Final = (
    ("draft_days_before", MOST_DAYS),
    ("ask_days_before", MOST_DAYS),
    ("stories_days_before", MOST_DAYS),
    ("submit_days_before", MOST_WORKING_DAYS),
    ("approve_days_before", MOST_WORKING_DAYS),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a schedule does, as an operator chose it; its fields are those of ``Schedule``."""

    comes: Recurrence
    segment_id: int | None
    draft_days_before: int
    subject: str
    template_id: int | None = None  # None leaves it to the newsletter
    shift: Shift = Shift.NEXT
    owner_id: int | None = None
    backup_id: int | None = None
    approver_ids: tuple[int, ...] = ()
    approvals_needed: ApprovalsNeeded = ApprovalsNeeded.ONE
    ask_days_before: int = 18
    stories_days_before: int = 9
    submit_days_before: int = 4
    approve_days_before: int = 1
    approve_time: str = "12:00"
    late_hours: int = 4
    unapproved: Unapproved = Unapproved.HOLD
    asks: AskedByItself = AskedByItself.NOBODY
    asks_quiet_months: int = 6
    pulls_in: tuple[PullIn, ...] = tuple(PullIn)


# What a schedule keeps word for word.
KEPT: Final = (
    *("segment_id", "subject", "shift", "owner_id", "backup_id", "approvals_needed"),
    *(name for name, _ in _DAYS),
    *("approve_time", "late_hours", "unapproved", "asks", "asks_quiet_months"),
)


def recurrence_of(schedule: Schedule) -> Recurrence:
    """When a schedule comes round, as a value."""
    rule = rrules.parse(schedule.rrule)
    return Recurrence(rule, schedule.time, schedule.zone, schedule.starts_on)


def is_time(text: str) -> bool:
    """Whether a text is a time of day as schedules keep it: "10:00"."""
    return _TIME.fullmatch(text) is not None


def problems(plan: Plan, *, now: datetime) -> list[tuple[str, str]]:
    """The problems of a plan: pairs of a field and a sentence."""
    found = []
    for name, time in (("time", plan.comes.time), ("approve_time", plan.approve_time)):
        if not is_time(time):
            found.append((name, "Write the time with hours and minutes, such as 10:00."))
    if not found and not _comes(plan, now):
        found.append(("starts_on", "It never comes round after today: choose an earlier start."))
    for name, most in _DAYS:
        if not 0 <= getattr(plan, name) <= most:
            found.append((name, f"Choose between 0 and {most} days before it goes out."))
    if not 0 <= plan.late_hours <= MOST_HOURS:
        found.append(("late_hours", f"Choose between 0 and {MOST_HOURS} working hours."))
    if not 1 <= plan.asks_quiet_months <= MOST_QUIET:
        sentence = f"Choose between 1 and {MOST_QUIET} months without a story."
        found.append(("asks_quiet_months", sentence))
    found += _out_of_turn(plan) if not found else []
    if plan.owner_id and plan.owner_id == plan.backup_id:
        found.append(("backup_id", "Choose somebody else than the owner, or nobody."))
    if not plan.subject.strip():
        found.append(("subject", "Write a subject to start from. It can be changed every month."))
    return found


def _comes(plan: Plan, now: datetime) -> bool:
    try:
        return next(plan.comes.after(now), None) is not None
    except (NotAllowed, OverflowError):
        return False


def _out_of_turn(plan: Plan) -> list[tuple[str, str]]:
    """What is to be done before something that it needs."""
    found = []
    if plan.ask_days_before > plan.draft_days_before:
        found.append(("ask_days_before", "Ask for stories once the draft is made, not before."))
    if plan.stories_days_before > plan.ask_days_before:
        found.append(("stories_days_before", "Stories can’t be due before they are asked for."))
    if plan.submit_days_before < plan.approve_days_before:
        found.append(("submit_days_before", "It has to be submitted before it can be approved."))
    if plan.approve_days_before == 0 and plan.approve_time > plan.comes.time:
        sentence = f"It goes out at {plan.comes.time}: let it be approved by then, or a day before."
        found.append(("approve_time", sentence))
    return found
