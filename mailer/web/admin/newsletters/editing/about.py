"""About one issue: what it is called, what an inbox shows of it, and who gets it."""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from contacts.models import Segment
from mailer.audience import leaving_out
from mailer.audience.leaving_out import WhomToLeaveOut, chosen
from mailer.campaigns import editing
from mailer.campaigns.naming import months
from mailer.campaigns.naming.called import Called
from mailer.campaigns.naming.called import problems as problems_of_naming
from mailer.campaigns.verbs import Verb
from mailer.errors import NotAllowed
from mailer.models import Campaign, Power
from mailer.web import forms
from mailer.web.admin.newsletters.composer.checking import findings_of_the_words
from mailer.web.admin.newsletters.finding import issue_of, link
from mailer.web.network import local
from mailer.web.policy import acting, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("about", __name__, url_prefix="/issues/<newsletter>/<slug>/edit")

_FEW: Final = 12  # issues to leave out the people of: the newest, and those that are chosen
_MOST: Final = 100
_LONGEST: Final = 19  # digits of what can be a row


@dataclass(frozen=True, slots=True)
class _About:
    name: str = ""
    month: str = ""
    address: str = ""
    subject: str = ""
    preview_text: str = ""
    segment: int | None = None
    not_in: tuple[str, ...] = ()  # ids of segments
    not_got: tuple[str, ...] = ()  # ids of issues
    revision: int | None = None


@blueprint.get("")
@policy(Power.EDITOR)
def show(newsletter: str, slug: str) -> ResponseReturnValue:
    """The form, as the issue is."""
    issue = issue_of(newsletter, slug)
    Verb.EDIT.check(issue.status)
    called, whom = Called.of(issue), chosen(session(), issue.id)
    form = _About(
        called.name,
        called.month or months.month_at(local(issue.created_at)),
        called.address,
        issue.subject,
        issue.preview_text,
        issue.segment_id,
        tuple(map(str, whom.segments)),
        tuple(map(str, whom.issues)),
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
    whom = WhomToLeaveOut(_ids(form.not_in), _ids(form.not_got))
    wrong = leaving_out.problems(session(), issue.id, whom)
    problems += [("left-out", each) for each in wrong]
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
            left_out=whom,
            expected_revision=form.revision,
        )
        editing.rename(session(), issue.id, called, actor=acting(), now=now)
    except NotAllowed as error:
        return _page(issue, form, [("", str(error))]), 409
    flash("Saved.", "success")
    return redirect(link("issues.show", issue))


def _ids(typed: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(
        int(each) for each in typed if each.isascii() and each.isdecimal() and len(each) < _LONGEST
    )[:_MOST]


def _page(issue: Campaign, form: _About, problems: forms.Problems | None = None) -> str:
    segments = session().scalars(select(Segment).order_by(Segment.name)).all()
    gone = select(Campaign).where(Campaign.started_at.is_not(None), Campaign.id != issue.id)
    newest = session().scalars(gone.order_by(Campaign.started_at.desc()).limit(_FEW)).all()
    others = session().scalars(
        gone.where(
            Campaign.id.in_(_ids(form.not_got)), Campaign.id.not_in([each.id for each in newest])
        )
    )
    return render_template(
        "admin/newsletters/issue_about.html",
        issue=issue,
        form=form,
        segments=segments,
        gone=[*newest, *others],
        problems=problems or [],
        errors=dict(problems or []),
        found=[
            (each.field, each.message)
            for each in findings_of_the_words(issue)
            if each.holds_back and each.field in {"subject", "preview_text"}
        ],
        failed=bool(problems),
    )
