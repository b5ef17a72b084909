"""Schedules: newsletters that come round every month, and the form that says when."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from contacts.models import Newsletter, Segment
from contacts.permission.newsletters import listing, newsletter_of
from mailer.campaigns import schedules
from mailer.campaigns.recurrence.coming import Recurrence
from mailer.campaigns.recurrence.rules import NTHS, WEEKDAYS, DayOfMonth, NthWeekday
from mailer.campaigns.schedules import Plan
from mailer.clock import abbreviation, wall_of, zone_words
from mailer.errors import NotFound
from mailer.models import Power, Schedule
from mailer.web import forms
from mailer.web.network import zone
from mailer.web.policy import policy
from mailer.web.shell import day
from mailer.web.transactions import reading, session, this_mailer

blueprint = Blueprint("schedules", __name__, url_prefix="/schedules")
_DATES: Final = 6
_FEW: Final = 3


@dataclass(frozen=True, slots=True)
class Form:
    """The form as it stands; the values are as typed."""

    newsletter: str
    rule: str
    nth: str
    weekday: str
    day: str
    time: str
    draft_days_before: str
    subject: str
    segment: str
    zone: str


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of a schedule, as the clocks of its zone show it."""

    at: datetime
    day: str
    clock: str  # "10:00 GMT"


_FRESH: Final = Form("", "weekday", "2", "1", "1", "10:00", "21", "", "", "")


@blueprint.get("/")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """Every schedule, in words, and what comes next."""
    found = session().scalars(
        select(Schedule)
        .options(joinedload(Schedule.newsletter), joinedload(Schedule.segment))
        .order_by(Schedule.id)
    )
    return render_template(
        "admin/newsletters/schedules.html",
        rows=[
            (
                each,
                schedules.recurrence(each).in_words(),
                schedules.next_draft(session(), each),
                schedules.last_issue(session(), each),
                _ahead(each),
            )
            for each in found.all()
        ],
    )


def _occurrences(comes: Recurrence, *, after: datetime, number: int) -> list[Occurrence]:
    ahead = [moment for _, moment in islice(comes.after(after), number)]
    walls = [wall_of(moment, comes.zone) for moment in ahead]
    return [
        Occurrence(moment, day(wall), f"{wall:%H:%M} {abbreviation(wall)}")
        for moment, wall in zip(ahead, walls, strict=True)
    ]


def _ahead(schedule: Schedule) -> list[Occurrence]:
    """When the next issues go out that have no draft yet; none while it is paused."""
    if not schedule.active:
        return []
    now = this_mailer().clock()
    covered = schedules.covered_until(session(), schedule, now=now)
    return _occurrences(schedules.recurrence(schedule), after=covered, number=_FEW)


@blueprint.get("/new")
@policy(Power.EDITOR)
def new() -> ResponseReturnValue:
    """A form that says what most newsletters do; without any, Home says what comes first."""
    if not listing(session()):
        return redirect(url_for("home.show"))
    return _page(None, replace(_FRESH, zone=zone()))


@blueprint.get("/<int:schedule_id>")
@policy(Power.EDITOR)
def edit(schedule_id: int) -> ResponseReturnValue:
    """The form of one schedule, with its next dates."""
    schedule = _schedule(schedule_id)
    rule = schedules.recurrence(schedule).rule
    on = rule if isinstance(rule, NthWeekday) else None
    day = rule.day if isinstance(rule, DayOfMonth) else None
    form = Form(
        newsletter=schedule.newsletter.slug,
        rule="weekday" if on else "day",
        nth=str(on.nth) if on else _FRESH.nth,
        weekday=str(on.weekday) if on else _FRESH.weekday,
        day=_FRESH.day if day is None else str(31 if day == -1 else day),
        time=schedule.time,
        draft_days_before=str(schedule.draft_days_before),
        subject=schedule.subject,
        segment=schedule.segment.slug if schedule.segment else "",
        zone=schedule.zone,
    )
    return _page(schedule, form)


@blueprint.post("/dates")
@blueprint.post("/<int:schedule_id>/dates")
@policy(Power.EDITOR)
@reading
def dates(schedule_id: int = 0) -> ResponseReturnValue:
    """Show the next dates of what is in the form; nothing is kept."""
    schedule = _schedule(schedule_id) if schedule_id else None
    form, wrong = _form(schedule)
    problems = [each for each in wrong or _problems(form) if each[0] != "subject"]
    return _page(schedule, form, problems=problems)


@blueprint.post("/new")
@policy(Power.EDITOR)
def make() -> ResponseReturnValue:
    """A new schedule."""
    form, wrong = _form(None)
    if problems := wrong or _problems(form):
        return _page(None, form, problems=problems), 422
    newsletter = newsletter_of(session(), form.newsletter)
    schedules.make(session(), newsletter, _plan(form), now=this_mailer().clock())
    words = f"{_plan(form).comes.in_words()} {zone_words(form.zone)}"
    flash(f"{newsletter.name} now comes round {words}.", "success")
    return redirect(url_for("schedules.show_all"))


@blueprint.post("/<int:schedule_id>")
@policy(Power.EDITOR)
def save(schedule_id: int) -> ResponseReturnValue:
    """Keep what is in the form."""
    schedule = _schedule(schedule_id)
    form, wrong = _form(schedule)
    if problems := wrong or _problems(form):
        return _page(schedule, form, problems=problems), 422
    schedules.change(session(), schedule, _plan(form), now=this_mailer().clock())
    flash("Saved. Drafts that are made already stay as they are.", "success")
    return redirect(url_for("schedules.show_all"))


@blueprint.post("/<int:schedule_id>/<any(pause, resume):move>")
@policy(Power.EDITOR)
def switch(schedule_id: int, move: str) -> ResponseReturnValue:
    """Pause or resume."""
    schedule = _schedule(schedule_id)
    active = move == "resume"
    schedules.switch(session(), schedule, active=active, now=this_mailer().clock())
    flash(
        "It goes on with the next month."
        if active
        else "Paused: no more drafts are made. An issue that has a send time keeps it.",
        "success",
    )
    return redirect(url_for("schedules.show_all"))


def _page(
    schedule: Schedule | None,
    form: Form,
    *,
    problems: list[tuple[str, str]] | None = None,
) -> str:
    errors = dict(problems or [])
    now, comes = this_mailer().clock(), _plan(form).comes
    shows = bool(comes.time) and "time" not in errors
    return render_template(
        "admin/newsletters/schedule_form.html",
        schedule=schedule,
        form=form,
        problems=problems or [],
        errors=errors,
        failed=bool(errors),
        dates=_occurrences(comes, after=now, number=_DATES) if shows else [],
        words=comes.in_words() if shows and schedule else "",
        newsletters=session().scalars(select(Newsletter).order_by(Newsletter.id)).all(),
        segments=session().scalars(select(Segment).order_by(Segment.name)).all(),
        nths=NTHS,
        weekdays=WEEKDAYS,
    )


def _form(schedule: Schedule | None) -> tuple[Form, forms.Problems]:
    form, problems = forms.read(Form)
    form = replace(form, zone=schedule.zone if schedule else zone())  # never as posted
    newsletters = select(Newsletter.id).where(Newsletter.slug == form.newsletter)
    if schedule is None and session().scalar(newsletters) is None:
        problems.append(("newsletter", "Choose a newsletter of the list."))
    segments = select(Segment.id).where(Segment.slug == form.segment)
    if form.segment and session().scalar(segments) is None:  # not to be taken for everybody
        problems.append(("segment", "That segment is no longer there. Choose another audience."))
    return form, problems


def _plan(form: Form) -> Plan:
    by_day = form.rule == "day"
    segment = session().scalar(select(Segment.id).where(Segment.slug == form.segment))
    return Plan(
        comes=Recurrence(
            DayOfMonth(_number(form.day, 1, 31))
            if by_day
            else NthWeekday(_nth(form.nth), _number(form.weekday, 0, 6)),
            time=form.time if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", form.time) else "",
            zone=form.zone,
            starts_on=wall_of(this_mailer().clock(), form.zone).date(),
        ),
        segment_id=segment,
        draft_days_before=_number(form.draft_days_before, -1, 99),
        subject=form.subject,
    )


def _problems(form: Form) -> list[tuple[str, str]]:
    return schedules.problems(_plan(form), now=this_mailer().clock())


def _nth(text: str) -> int:
    return int(text) if text in {str(each) for each in NTHS} else 1


def _number(text: str, least: int, most: int) -> int:
    return max(least, min(most, int(text))) if re.fullmatch(r"\d{1,3}", text) else least


def _schedule(schedule_id: int) -> Schedule:
    found = session().scalar(
        select(Schedule)
        .where(Schedule.id == schedule_id)
        .options(joinedload(Schedule.newsletter), joinedload(Schedule.segment))
    )
    if found is None:
        raise NotFound("There is no such schedule.")
    return found
