"""The form of a schedule: as it was typed, as a plan, and back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlalchemy import select

from contacts.models import Newsletter, Segment
from mailer.accounts import operators
from mailer.campaigns.planning import plans
from mailer.campaigns.planning.plans import Plan, is_time, recurrence_of
from mailer.campaigns.recurrence.coming import Recurrence
from mailer.campaigns.recurrence.rules import (
    MOST_WEEKS,
    NTHS,
    DayOfMonth,
    NthWeekday,
    Rule,
    Weekly,
    WorkingDay,
)
from mailer.campaigns.starting import templates
from mailer.models import (
    ApprovalsNeeded,
    AskedByItself,
    Operator,
    Power,
    PullIn,
    Schedule,
    Shift,
    Unapproved,
)
from mailer.web import forms
from mailer.web.network import local_now, zone
from mailer.web.transactions import session, this_mailer

MONTHS: Final = {1: "every month", **{each: f"every {each} months" for each in (2, 3, 4, 6, 12)}}
WEEKS: Final = {1: "every week", **{each: f"every {each} weeks" for each in (2, 3, 4, 6, 8)}}
DAYS: Final = [*((each, f"day {each}") for each in range(1, 31)), (-1, "the last day")]
PULLS_IN: Final = {
    PullIn.EVENTS: "Events until the next issue",
    PullIn.READY: "Stories marked Ready",
    PullIn.MEMBERS: "New members",
    PullIn.POSTS: "Blog posts",
    PullIn.FIGURES: "Figures",
}
# Who can look after an issue, and who can approve one.
_OWNS: Final = Power.EDITOR
_APPROVES: Final = Power.APPROVER
_LATER_FIELDS: Final = (
    *("ask_days_before", "stories_days_before", "submit_days_before", "approve_days_before"),
    *("approve_time", "late_hours", "template", "asks", "asks_quiet_months"),
)
_ISO_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Form:
    """The form as it stands; the values are as typed."""

    newsletter: str = ""
    rule: str = forms.choice("weekday", "day", "working", "weekly")
    nth: str = "2"
    weekday: str = "1"
    day: str = "1"
    working: str = "-1"
    day_of_week: str = "1"
    months: str = "1"
    weeks: str = "1"
    time: str = "10:00"
    starts_on: str = ""
    shift: str = forms.choice(*Shift)
    owner_id: str = ""
    backup_id: str = ""
    approvers: tuple[str, ...] = ()
    approvals_needed: str = forms.choice(*ApprovalsNeeded)
    segment: str = ""
    template: str = ""
    pulls_in: tuple[str, ...] = ()
    draft_days_before: str = "21"
    ask_days_before: str = "18"
    stories_days_before: str = "9"
    submit_days_before: str = "4"
    approve_days_before: str = "1"
    approve_time: str = "12:00"
    late_hours: str = "4"
    unapproved: str = forms.choice(*Unapproved)
    asks: str = forms.choice(*AskedByItself)
    asks_quiet_months: str = "6"
    subject: str = ""
    zone: str = ""


def fresh() -> Form:
    """What most newsletters do."""
    return Form(zone=zone(), starts_on=_today(), pulls_in=tuple(PullIn))


def of(schedule: Schedule) -> Form:
    """The form of a schedule as it is kept."""
    comes = recurrence_of(schedule)
    return Form(
        newsletter=schedule.newsletter.slug,
        **_fields_of(comes.rule),
        time=schedule.time,
        starts_on=schedule.starts_on.isoformat(),
        shift=schedule.shift.value,
        owner_id=str(schedule.owner_id or ""),
        backup_id=str(schedule.backup_id or ""),
        approvers=tuple(str(each.id) for each in schedule.approvers),
        approvals_needed=schedule.approvals_needed.value,
        segment=schedule.segment.slug if schedule.segment else "",
        template=str(schedule.template_id),
        pulls_in=tuple(schedule.pulls_in),
        draft_days_before=str(schedule.draft_days_before),
        ask_days_before=str(schedule.ask_days_before),
        stories_days_before=str(schedule.stories_days_before),
        submit_days_before=str(schedule.submit_days_before),
        approve_days_before=str(schedule.approve_days_before),
        approve_time=schedule.approve_time,
        late_hours=str(schedule.late_hours),
        unapproved=schedule.unapproved.value,
        asks=schedule.asks.value,
        asks_quiet_months=str(schedule.asks_quiet_months),
        subject=schedule.subject,
        zone=schedule.zone,
    )


def read(schedule: Schedule | None) -> tuple[Form, forms.Problems]:
    """The form as it was posted, and what is wrong with it; a new schedule is ``None``."""
    form, problems = forms.read(Form)
    form = replace(form, zone=schedule.zone if schedule else zone())  # never as posted
    usual = of(schedule) if schedule else fresh()
    # A page that was opened before there were such fields says nothing of them.
    unsaid = [name for name in _LATER_FIELDS if name not in forms.posted()]
    form = replace(form, **{name: getattr(usual, name) for name in unsaid})
    newsletters = select(Newsletter.id).where(Newsletter.slug == form.newsletter)
    if schedule is None and session().scalar(newsletters) is None:
        problems.append(("newsletter", "Choose a newsletter of the list."))
    if form.segment and _segment_id(form) is None:  # not to be taken for everybody
        problems.append(("segment", "That segment is no longer there. Choose another audience."))
    if form.template and form.template not in _own_templates(form):
        problems.append(("template", "Choose a template of the newsletter."))
    mine, theirs = _numbers(owners()), _numbers(approvers())
    for name, value in (("owner_id", form.owner_id), ("backup_id", form.backup_id)):
        if value and value not in mine:
            problems.append((name, "Choose somebody of the list: they may have left."))
    if set(form.approvers) - theirs:
        problems.append(("approvers", "Choose approvers of the list: some may have left."))
    if not _starts(form):
        sentence = "Write a day as year, month and day: 2026-12-08."
        problems.append(("starts_on", sentence))
    problems += plans.problems(plan(form), now=this_mailer().clock())
    return form, problems


def plan(form: Form) -> Plan:
    """The plan that a form makes; what can't be read is out of its range."""
    return Plan(
        comes=Recurrence(
            _rule(form),
            form.time if is_time(form.time) else "",
            form.zone,
            date.fromisoformat(_starts(form) or _today()),
        ),
        segment_id=_segment_id(form),
        draft_days_before=_number(form.draft_days_before),
        subject=form.subject,
        template_id=_number(form.template, 0) or None,
        shift=Shift(form.shift),
        owner_id=_number(form.owner_id, 0) or None,
        backup_id=_number(form.backup_id, 0) or None,
        approver_ids=tuple(_number(each, 0) for each in form.approvers),
        approvals_needed=ApprovalsNeeded(form.approvals_needed),
        ask_days_before=_number(form.ask_days_before),
        stories_days_before=_number(form.stories_days_before),
        submit_days_before=_number(form.submit_days_before),
        approve_days_before=_number(form.approve_days_before),
        approve_time=form.approve_time,
        late_hours=_number(form.late_hours),
        unapproved=Unapproved(form.unapproved),
        asks=AskedByItself(form.asks),
        asks_quiet_months=_number(form.asks_quiet_months),
        pulls_in=tuple(each for each in PullIn if each.value in form.pulls_in),
    )


def offered_templates(schedule: Schedule | None) -> list[tuple[int, str]]:
    """The templates to choose from; for a new schedule those of every newsletter, by its name."""
    if schedule is not None:
        own = templates.of_newsletter(session(), schedule.newsletter_id)
        return [(each.id, each.name) for each in own]
    every = [each.template for each in templates.listing(session())]
    return [(each.id, f"{each.newsletter.name}: {each.name}") for each in every]


def owners() -> Sequence[Operator]:
    """Who may look after an issue."""
    return operators.those_who_may(session(), _OWNS)


def approvers() -> Sequence[Operator]:
    """Who may approve one."""
    return operators.those_who_may(session(), _APPROVES)


def _rule(form: Form) -> Rule:
    months = _of(form.months, tuple(range(1, 13)))
    match form.rule:
        case "day":
            return DayOfMonth(_of(form.day, (*range(1, 32), -1)), months)
        case "working":
            return WorkingDay(_of(form.working, (-1, 1)), months)
        case "weekly":
            weeks = _of(form.weeks, tuple(range(1, MOST_WEEKS + 1)))
            return Weekly(_of(form.day_of_week, tuple(range(7))), weeks)
    return NthWeekday(_of(form.nth, tuple(NTHS)), _of(form.weekday, tuple(range(7))), months)


def _fields_of(rule: Rule) -> dict[str, str]:
    match rule:
        case NthWeekday():
            on = {"rule": "weekday", "nth": rule.nth, "weekday": rule.weekday}
        case DayOfMonth():
            on = {"rule": "day", "day": -1 if rule.day == 31 else rule.day}
        case WorkingDay():
            on = {"rule": "working", "working": rule.nth}
        case Weekly():
            return {
                "rule": "weekly",
                "day_of_week": str(rule.weekday),
                "weeks": str(rule.every),
            }
    return {name: str(value) for name, value in {**on, "months": rule.every}.items()}


def _segment_id(form: Form) -> int | None:
    return session().scalar(select(Segment.id).where(Segment.slug == form.segment))


def _own_templates(form: Form) -> set[str]:
    newsletter = select(Newsletter.id).where(Newsletter.slug == form.newsletter)
    found = session().scalar(newsletter)
    own = templates.of_newsletter(session(), found) if found is not None else ()
    return {str(each.id) for each in own}


def _starts(form: Form) -> str:
    """The day it starts on; nothing where that can't be read."""
    if not form.starts_on:
        return _today()
    try:
        date.fromisoformat(form.starts_on)
    except ValueError:
        return ""
    return form.starts_on if _ISO_DAY.fullmatch(form.starts_on) else ""


def _today() -> str:
    return local_now().date().isoformat()


def _numbers(people: Sequence[Operator]) -> set[str]:
    return {str(each.id) for each in people}


def _number(text: str, otherwise: int = -1) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else otherwise


def _of(text: str, values: tuple[int, ...]) -> int:
    """The one of ``values`` that a text is; the first where it is none."""
    return next((each for each in values if str(each) == text), values[0])
