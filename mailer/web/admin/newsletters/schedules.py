"""Schedules: newsletters that come round, and the form that says when."""

from itertools import islice
from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from contacts.models import Newsletter, Segment
from contacts.permission.newsletters import listing, newsletter_of
from mailer.campaigns import schedules
from mailer.campaigns.planning.people import gone
from mailer.campaigns.planning.plans import recurrence_of
from mailer.campaigns.recurrence.rules import NTHS, WEEKDAYS
from mailer.clock import zone_words
from mailer.errors import NotFound
from mailer.models import Power, Schedule
from mailer.network import days_off
from mailer.web import forms
from mailer.web.admin.newsletters import schedule_dates, schedule_form
from mailer.web.admin.newsletters.schedule_form import Form
from mailer.web.policy import policy
from mailer.web.transactions import reading, session, this_mailer

blueprint = Blueprint("schedules", __name__, url_prefix="/schedules")
_FEW: Final = 3


@blueprint.get("/")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """Every schedule, in words, and what comes next."""
    now = this_mailer().clock()
    found = session().scalars(select(Schedule).options(*_PARTS).order_by(Schedule.id))
    rows = []
    for each in found.all():
        ahead = schedules.ahead(session(), each, now=now) if each.active else iter(())
        rows.append(
            (
                each,
                recurrence_of(each).rule.in_words(),
                schedules.next_draft(session(), each),
                schedules.last_issue(session(), each),
                schedule_dates.shown(recurrence_of(each), list(islice(ahead, _FEW))),
                gone(session(), each),
            )
        )
    return render_template("admin/newsletters/schedules.html", rows=rows)


@blueprint.get("/new")
@policy(Power.EDITOR)
def new() -> ResponseReturnValue:
    """A form that says what most newsletters do; without any, Home says what comes first."""
    if not listing(session()):
        return redirect(url_for("home.show"))
    return _page(None, schedule_form.fresh())


@blueprint.get("/<int:schedule_id>")
@policy(Power.EDITOR)
def edit(schedule_id: int) -> ResponseReturnValue:
    """The form of one schedule, with its next dates."""
    schedule = _schedule(schedule_id)
    return _page(schedule, schedule_form.of(schedule))


@blueprint.post("/dates")
@blueprint.post("/<int:schedule_id>/dates")
@policy(Power.EDITOR)
@reading
def dates(schedule_id: int = 0) -> ResponseReturnValue:
    """Show the next dates of what is in the form; nothing is kept."""
    schedule = _schedule(schedule_id) if schedule_id else None
    form, problems = schedule_form.read(schedule)
    return _page(schedule, form, problems=[each for each in problems if each[0] != "subject"])


@blueprint.post("/new")
@policy(Power.EDITOR)
def make() -> ResponseReturnValue:
    """A new schedule."""
    form, problems = schedule_form.read(None)
    if problems:
        return _page(None, form, problems=problems), 422
    newsletter = newsletter_of(session(), form.newsletter)
    plan = schedule_form.plan(form)
    made = schedules.make(session(), newsletter, plan, now=this_mailer().clock())
    words = f"{plan.comes.in_words()} {zone_words(form.zone)}"
    flash(f"{newsletter.name} now comes round {words}.", "success")
    _warn(made, form)
    return redirect(url_for("schedules.show_all"))


@blueprint.post("/<int:schedule_id>")
@policy(Power.EDITOR)
def save(schedule_id: int) -> ResponseReturnValue:
    """Keep what is in the form."""
    schedule = _schedule(schedule_id)
    form, problems = schedule_form.read(schedule)
    if problems:
        return _page(schedule, form, problems=problems), 422
    plan = schedule_form.plan(form)
    schedules.change(session(), schedule, plan, now=this_mailer().clock())
    flash("Saved. Drafts that are made already stay as they are.", "success")
    _warn(schedule, form)
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


def _page(schedule: Schedule | None, form: Form, *, problems: forms.Problems | None = None) -> str:
    errors = dict(problems or [])
    shows = not errors or set(errors) <= {"newsletter", "segment", "subject", "template"}
    comes = schedule_form.plan(form).comes
    return render_template(
        "admin/newsletters/schedule_form.html",
        schedule=schedule,
        form=form,
        problems=problems or [],
        errors=errors,
        failed=bool(errors),
        coming=schedule_dates.coming(schedule, schedule_form.plan(form)) if shows else None,
        words=recurrence_of(schedule).rule.in_words() if schedule else "",
        newsletters=session().scalars(select(Newsletter).order_by(Newsletter.id)).all(),
        segments=session().scalars(select(Segment).order_by(Segment.name)).all(),
        templates=schedule_form.offered_templates(schedule),
        owners=[(each.id, each.name) for each in schedule_form.owners()],
        approvers=[(each.id, each.name) for each in schedule_form.approvers()],
        nation=days_off.nation(session()),
        nths=NTHS,
        weekdays=list(enumerate(WEEKDAYS)),
        days_of_month=schedule_form.DAYS,
        months=_with(schedule_form.MONTHS, comes.rule.every, "months"),
        weeks=_with(schedule_form.WEEKS, comes.rule.every, "weeks"),
        pulls_in=schedule_form.PULLS_IN,
    )


def _warn(schedule: Schedule, form: Form) -> None:
    """Say what is worth a second look, now that it is saved."""
    for words in schedule_dates.coming(schedule, schedule_form.plan(form)).warnings:
        flash(words, "warning")


def _with(offered: dict[int, str], every: int, unit: str) -> list[tuple[int, str]]:
    """What is offered, and what a rule has that was made elsewhere."""
    return sorted({every: f"every {every} {unit}", **offered}.items())


_PARTS: Final = (
    joinedload(Schedule.newsletter),
    joinedload(Schedule.segment),
    joinedload(Schedule.owner),
    joinedload(Schedule.backup),
)


def _schedule(schedule_id: int) -> Schedule:
    found = session().scalar(select(Schedule).where(Schedule.id == schedule_id).options(*_PARTS))
    if found is None:
        raise NotFound("There is no such schedule.")
    return found
