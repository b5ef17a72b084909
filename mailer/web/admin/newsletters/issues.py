"""Issues: the list, the hub of one, and what stands around its content."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from contacts.models import Category, Newsletter, Segment
from contacts.permission.newsletters import newsletter_of
from mailer.accounts import operators
from mailer.campaigns import editing, schedules
from mailer.campaigns.checks.finding import sendable
from mailer.campaigns.checks.running import summary
from mailer.errors import NotAllowed
from mailer.models import Campaign, Power
from mailer.web import forms
from mailer.web.admin.newsletters import testing
from mailer.web.admin.newsletters.composer.checking import findings_of, findings_of_the_words
from mailer.web.admin.newsletters.finding import audience_of, issue_of, link, reached
from mailer.web.admin.newsletters.history import history
from mailer.web.admin.newsletters.month import month_of
from mailer.web.admin.newsletters.standing import standing_of
from mailer.web.admin.newsletters.tasks import tasks_of
from mailer.web.admin.words import REASONS
from mailer.web.policy import acting, may, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("issues", __name__, url_prefix="/issues")
_PAGE = 50
_HAPPENED = 6
_TESTS = 4


@dataclass(frozen=True, slots=True)
class _New:
    newsletter: str = ""


@dataclass(frozen=True, slots=True)
class _Who:
    who: str = forms.text(longest=200, cut=True)


@dataclass(frozen=True, slots=True)
class _About:
    subject: str = ""
    preview_text: str = ""
    segment: int | None = None
    revision: int | None = None


@blueprint.get("/")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """Every issue, the newest first."""
    page = forms.page()
    found = (
        session()
        .scalars(
            select(Campaign)
            .options(joinedload(Campaign.newsletter))
            .order_by(Campaign.id.desc())
            .offset((page - 1) * _PAGE)
            .limit(_PAGE + 1)
        )
        .all()
    )
    now = this_mailer().clock()
    return render_template(
        "admin/newsletters/issues.html",
        issues=[(issue, standing_of(issue, now=now)) for issue in found[:_PAGE]],
        more=len(found) > _PAGE,
        page=page,
        newsletters=session().scalars(select(Newsletter).order_by(Newsletter.name)).all(),
    )


@blueprint.post("/new")
@policy(Power.EDITOR)
def make() -> ResponseReturnValue:
    """A new draft with the frame every issue has."""
    newsletter = newsletter_of(session(), forms.read(_New)[0].newsletter)
    now = this_mailer().clock()
    issue = editing.create(
        session(),
        newsletter,
        name=f"{newsletter.name}, {now:%B %Y}",
        subject="",
        document=schedules.dated(schedules.starter(newsletter), f"{now:%B %Y}"),
        actor=acting(),
        now=now,
    )
    return redirect(url_for("composing.show", newsletter=newsletter.slug, slug=issue.slug))


@blueprint.get("/<newsletter>/<slug>")
@policy(Power.VIEWER)
def show(newsletter: str, slug: str) -> ResponseReturnValue:
    """The hub: every part of the issue and its state."""
    issue = issue_of(newsletter, slug)
    if issue.started_at is not None:
        return redirect(link("reports.show" if issue.finished_at else "sending.progress", issue))
    now, edits, who = this_mailer().clock(), may(Power.EDITOR), forms.asked(_Who).who
    audience = audience_of(issue)
    findings = findings_of(issue, audience)
    tasks = tasks_of(issue, audience, findings, edits=edits)
    tests = testing.rows_of(issue, most=_TESTS)
    return render_template(
        "admin/newsletters/issue.html",
        issue=issue,
        standing=standing_of(issue, now=now, tasks=tasks, edits=edits),
        month=month_of(issue, now=now),
        tasks=tasks,
        held_back=not sendable(findings),
        checked=summary(findings),
        audience=audience,
        reasons=REASONS,
        categories=session().scalars(select(Category).order_by(Category.position)).all(),
        history=history(session(), issue, most=_HAPPENED),
        tests=tests,
        tests_live=testing.are_live(tests),
        who=who,
        reached=reached(issue, who),
        who_can=[] if edits else operators.who_may(session(), Power.EDITOR),
    )


@blueprint.get("/<newsletter>/<slug>/edit")
@policy(Power.EDITOR)
def edit(newsletter: str, slug: str) -> ResponseReturnValue:
    """Subject, preview text and audience."""
    issue = issue_of(newsletter, slug)
    return _form(issue, issue.subject, issue.preview_text, issue.segment_id)


@blueprint.post("/<newsletter>/<slug>/edit")
@policy(Power.EDITOR)
def save(newsletter: str, slug: str) -> ResponseReturnValue:
    """Keep them, or show them again with what is in the way."""
    issue = issue_of(newsletter, slug)
    form, problems = forms.read(_About)
    subject, preview_text, segment_id = form.subject, form.preview_text, form.segment
    if segment_id and session().get(Segment, segment_id) is None:
        sentence = "That segment is no longer there. Choose another audience."
        problems.append(("segment", sentence))
    if problems:
        return _form(issue, subject, preview_text, segment_id, problems), 422
    try:
        editing.edit(
            session(),
            issue.id,
            actor=acting(),
            now=this_mailer().clock(),
            subject=subject,
            preview_text=preview_text,
            segment_id=segment_id or None,
            expected_revision=form.revision,
        )
    except NotAllowed as error:
        return _form(issue, subject, preview_text, segment_id, [("", str(error))]), 409
    flash("Saved.", "success")
    return redirect(link("issues.show", issue))


def _form(
    issue: Campaign,
    subject: str,
    preview_text: str,
    segment_id: int | None,
    problems: list[tuple[str, str]] | None = None,
) -> str:
    segments = session().scalars(select(Segment).order_by(Segment.name)).all()
    return render_template(
        "admin/newsletters/issue_edit.html",
        issue=issue,
        subject=subject,
        preview_text=preview_text,
        segment_id=segment_id,
        segments=segments,
        problems=problems or [],
        found=[
            (each.field, each.message)
            for each in findings_of_the_words(issue)
            if each.holds_back and each.field in {"subject", "preview_text"}
        ],
        failed=bool(problems),
    )
