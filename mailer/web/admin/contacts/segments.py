"""Segments: the list, a page for each, and a builder that needs no script."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from contacts.errors import BadName, BadRules
from contacts.models import Contact, Newsletter, Segment
from contacts.people import finding
from contacts.people.finding import Wanted
from contacts.segments import FIELDS, Group, in_words, library, parse
from contacts.segments.library import SegmentVerdict, segment_of
from contacts.segments.rules import OPS
from mailer.audience import kept
from mailer.audience.kept import KeptAudience
from mailer.audience.selecting import Audience
from mailer.models import EDITABLE, Campaign, LeftOut, Power, Schedule
from mailer.web import forms
from mailer.web.admin.contacts import rule_form
from mailer.web.admin.contacts.rule_form import Rows
from mailer.web.admin.words import REASONS
from mailer.web.policy import may, policy
from mailer.web.transactions import reading, session, this_mailer

blueprint = Blueprint("segments", __name__, url_prefix="/segments")


@dataclass(frozen=True, slots=True)
class Look:
    """What is seen of rules: the numbers, the sentence, some people, and those asked about."""

    number: int
    counted_at: datetime | None  # None while the number is exact
    words: str
    newsletter: Newsletter | None
    reach: KeptAudience | None
    sample: list[Contact]
    empty: tuple[int, ...]
    asked: str
    verdicts: list[tuple[Contact, SegmentVerdict]]


@dataclass(frozen=True, slots=True)
class _Looking:
    newsletter: str = ""
    person: str = forms.text(longest=200, cut=True)


@dataclass(frozen=True, slots=True)
class _Pressed:
    do: str = ""


@blueprint.get("/")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """Every segment with its sentence and how many people are in it now."""
    now, rows = this_mailer().clock(), []
    for segment in session().scalars(select(Segment).order_by(Segment.name)).all():
        group = _group(segment)
        number = kept.segment(session(), group, now=now) if group else None
        rows.append((segment, _sentence(group), number, _used_by(segment)))
    return render_template("admin/contacts/segments.html", rows=rows, edits=may(Power.EDITOR))


@blueprint.get("/<slug>")
@policy(Power.VIEWER)
def show(slug: str) -> ResponseReturnValue:
    """One segment: who it is, how many, some of them, and whether somebody is in it."""
    segment = segment_of(session(), slug)
    return render_template(
        "admin/contacts/segment.html",
        segment=segment,
        used_by=_used_by(segment),
        look=_look(parse(segment.rules), forms.asked(_Looking)),
        newsletters=_newsletters(),
        reasons=REASONS,
        edits=may(Power.EDITOR),
    )


@blueprint.get("/new")
@policy(Power.EDITOR)
def new() -> ResponseReturnValue:
    """A builder with one rule."""
    return _builder(None, rule_form.FRESH, looks=False)


@blueprint.get("/<slug>/edit")
@policy(Power.EDITOR)
def edit(slug: str) -> ResponseReturnValue:
    """The builder with a segment's rules."""
    segment = segment_of(session(), slug)
    rows = rule_form.from_group(session(), segment.name, parse(segment.rules))
    if rows is None:
        flash("This segment has groups or more rules than this page can change.", "warning")
        return redirect(url_for("segments.show", slug=slug))
    return _builder(segment, rows)


@blueprint.post("/build")
@blueprint.post("/<slug>/build")
@policy(Power.EDITOR)
@reading
def build(slug: str = "") -> ResponseReturnValue:
    """Add or remove a rule, count, ask about a person: nothing is kept."""
    segment = segment_of(session(), slug) if slug else None
    return _builder(segment, rule_form.read(forms.posted()), looks=True)


@blueprint.post("/new")
@blueprint.post("/<slug>/edit")
@policy(Power.EDITOR)
def save(slug: str = "") -> ResponseReturnValue:
    """Keep the rules, or say which cannot be understood."""
    segment = segment_of(session(), slug) if slug else None
    rows = rule_form.read(forms.posted())
    group, problems = rule_form.understand(session(), rows)
    if problems:
        return _builder(segment, rows, problems=problems), 422
    now = this_mailer().clock()
    try:
        saved = library.save(session(), name=rows.name, group=group, segment=segment, now=now)
    except BadName as error:
        return _builder(segment, rows, problems=[("name", str(error))]), 422
    flash(f"{saved.name} is saved.", "success")
    return redirect(url_for("segments.show", slug=saved.slug))


def _builder(
    segment: Segment | None,
    rows: Rows,
    *,
    looks: bool = True,
    problems: list[tuple[str, str]] | None = None,
) -> str:
    group, found = rule_form.understand(session(), rows)
    adding = forms.read(_Pressed)[0].do in {"", "add"}  # a new rule is empty, and that is no fault
    problems = problems or ([] if adding else found)
    return render_template(
        "admin/contacts/segment_form.html",
        segment=segment,
        rows=rows,
        fields=FIELDS,
        ops=OPS,
        choices=library.choices(session()),
        look=_look(group, forms.read(_Looking)[0]) if looks and not found else None,
        newsletters=_newsletters(),
        reasons=REASONS,
        problems=problems,
        errors=dict(problems),
        failed=bool(problems),
    )


def _look(group: Group, asked: _Looking) -> Look:
    now = this_mailer().clock()
    number = kept.segment(session(), group, now=now)
    newsletter = session().scalar(
        select(Newsletter).where(Newsletter.slug == asked.newsletter).limit(1)
    ) or session().scalar(select(Newsletter).order_by(Newsletter.id).limit(1))
    who = asked.person
    people = finding.find(session(), Wanted(who), page=1, per_page=5).people if who else []
    return Look(
        number=number.value,
        counted_at=number.counted_at,
        words=_sentence(group),
        newsletter=newsletter,
        reach=kept.audience(session(), Audience(newsletter.id, group), now=now)
        if newsletter
        else None,
        sample=list(library.sample(session(), group)) if number.value else [],
        empty=() if number.value else library.empty_rules(session(), group),
        asked=who,
        verdicts=[(each, library.check_person(session(), group, each.id)) for each in people],
    )


def _group(segment: Segment) -> Group | None:
    try:
        return parse(segment.rules)
    except BadRules:
        return None


def _sentence(group: Group | None) -> str:
    if group is None:
        return "Its rules can’t be understood any more: edit it."
    return in_words(group, library.names(session(), group))


def _used_by(segment: Segment) -> str:
    issues = session().scalar(
        select(func.count()).where(
            (Campaign.segment_id == segment.id)
            | Campaign.id.in_(select(LeftOut.campaign_id).where(LeftOut.segment_id == segment.id)),
            Campaign.status.in_(EDITABLE),
        )
    )
    schedules = session().scalar(select(func.count()).where(Schedule.segment_id == segment.id))
    parts = [
        f"{number} {name}{'' if number == 1 else 's'}"
        for number, name in ((issues, "issue"), (schedules, "schedule"))
        if number
    ]
    return " and ".join(parts)


def _newsletters() -> list[Newsletter]:
    return list(session().scalars(select(Newsletter).order_by(Newsletter.id)))
