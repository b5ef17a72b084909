"""About one issue: what it is called, what an inbox shows of it, and who gets it."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from contacts.models import Segment
from mailer.campaigns import editing
from mailer.campaigns.naming import months
from mailer.campaigns.naming.called import Called
from mailer.campaigns.naming.called import problems as problems_of_naming
from mailer.campaigns.verbs import Verb
from mailer.errors import NotAllowed
from mailer.models import Campaign, Power
from mailer.web import forms
from mailer.web.admin.newsletters.checking import findings_of_the_words
from mailer.web.admin.newsletters.finding import issue_of, link
from mailer.web.network import local
from mailer.web.policy import acting, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("about", __name__, url_prefix="/issues/<newsletter>/<slug>/edit")


@dataclass(frozen=True, slots=True)
class _About:
    name: str = ""
    month: str = ""
    address: str = ""
    subject: str = ""
    preview_text: str = ""
    segment: int | None = None
    revision: int | None = None


@blueprint.get("")
@policy(Power.EDITOR)
def show(newsletter: str, slug: str) -> ResponseReturnValue:
    """The form, as the issue is."""
    issue = issue_of(newsletter, slug)
    Verb.EDIT.check(issue.status)
    called = Called.of(issue)
    form = _About(
        called.name,
        called.month or months.month_at(local(issue.created_at)),
        called.address,
        issue.subject,
        issue.preview_text,
        issue.segment_id,
    )
    return _page(issue, form)


@blueprint.post("")
@policy(Power.EDITOR)
def save(newsletter: str, slug: str) -> ResponseReturnValue:
    """Keep what was typed, or show it again with what is in the way."""
    issue = issue_of(newsletter, slug)
    form, problems = forms.read(_About)
    called = Called(form.name, form.month, form.address)
    problems += problems_of_naming(
        session(), issue.newsletter_id, called, kind=issue.kind, of=issue
    )
    if form.segment and session().get(Segment, form.segment) is None:
        sentence = "That segment is no longer there. Choose another audience."
        problems.append(("segment", sentence))
    if problems:
        return _page(issue, form, problems), 422
    now = this_mailer().clock()
    try:
        editing.edit(
            session(),
            issue.id,
            actor=acting(),
            now=now,
            subject=form.subject,
            preview_text=form.preview_text,
            segment_id=form.segment or None,
            expected_revision=form.revision,
        )
        editing.rename(session(), issue.id, called, actor=acting(), now=now)
    except NotAllowed as error:
        return _page(issue, form, [("", str(error))]), 409
    flash("Saved.", "success")
    return redirect(link("issues.show", issue))


def _page(issue: Campaign, form: _About, problems: forms.Problems | None = None) -> str:
    segments = session().scalars(select(Segment).order_by(Segment.name)).all()
    return render_template(
        "admin/newsletters/issue_about.html",
        issue=issue,
        form=form,
        segments=segments,
        problems=problems or [],
        errors=dict(problems or []),
        found=[
            (each.field, each.message)
            for each in findings_of_the_words(issue)
            if each.holds_back and each.field in {"subject", "preview_text"}
        ],
        failed=bool(problems),
    )
