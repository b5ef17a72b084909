"""What approvers and editors do about an issue beside approving it: ask for changes, pass it on,
comment, hold, and skip after a question."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from mailer.campaigns import approval, timing
from mailer.campaigns.drafts import comments
from mailer.campaigns.timeline import owning
from mailer.campaigns.verbs import Verb
from mailer.models import Power
from mailer.notices import approvals
from mailer.web import forms
from mailer.web.admin.newsletters.finding import issue_of, link
from mailer.web.policy import acting, policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("deciding", __name__, url_prefix="/issues/<newsletter>/<slug>")


@dataclass(frozen=True, slots=True)
class _Said:
    text: str = forms.text(lines=True, longest=comments.LONGEST)
    block: str = ""


@dataclass(frozen=True, slots=True)
class _To:
    operator: int | None = None


@dataclass(frozen=True, slots=True)
class _Why:
    why: str = forms.text(longest=300)


@blueprint.post("/ask-for-changes")
@policy(Power.APPROVER)
def ask_for_changes(newsletter: str, slug: str) -> ResponseReturnValue:
    """Send it back, with what should change; its owner is told by mail."""
    issue, (form, problems) = issue_of(newsletter, slug), forms.read(_Said)
    forms.refuse(problems)
    now = this_mailer().clock()
    approval.ask_for_changes(
        session(), issue.id, form.text, block_id=form.block, actor=acting(), now=now
    )
    flash("It is a draft again. Whoever writes it is told what you asked for.", "success")
    return redirect(link("issues.show", issue))


@blueprint.post("/pass-on")
@policy(Power.APPROVER)
def pass_on(newsletter: str, slug: str) -> ResponseReturnValue:
    """Leave it to another approver, who is told by mail."""
    issue, form = issue_of(newsletter, slug), forms.read(_To)[0]
    here = this_mailer()
    other = approvals.pass_on(
        session(),
        issue.id,
        form.operator or 0,
        site=here.settings.site,
        actor=acting(),
        now=here.clock(),
    )
    flash(f"{other.name} is asked to approve it, by mail.", "success")
    return redirect(link("issues.show", issue))


@blueprint.post("/owner")
@policy(Power.EDITOR)
def hand_over(newsletter: str, slug: str) -> ResponseReturnValue:
    """Make somebody the owner of this issue alone."""
    issue, form = issue_of(newsletter, slug), forms.read(_To)[0]
    now = this_mailer().clock()
    other = owning.hand_over(session(), issue.id, form.operator or 0, actor=acting(), now=now)
    flash(f"{other.name} owns this issue now.", "success")
    return redirect(link("issues.show", issue))


@blueprint.post("/comments")
@policy(Power.CONTRIBUTOR)
def comment(newsletter: str, slug: str) -> ResponseReturnValue:
    """Say something about the issue, or one of its blocks."""
    issue, (form, problems) = issue_of(newsletter, slug), forms.read(_Said)
    forms.refuse(problems)
    now = this_mailer().clock()
    comments.add(session(), issue.id, form.text, block_id=form.block, actor=acting(), now=now)
    flash("Your comment is kept.", "success")
    return redirect(link("sending.approval", issue) + (f"#r-{form.block}" if form.block else ""))


@blueprint.post("/comments/<int:comment_id>/resolve")
@policy(Power.CONTRIBUTOR)
def resolve(newsletter: str, slug: str, comment_id: int) -> ResponseReturnValue:
    """Say that a comment is dealt with."""
    issue, now = issue_of(newsletter, slug), this_mailer().clock()
    said = comments.resolve(session(), issue.id, comment_id, actor=acting(), now=now)
    flash("The comment is resolved.", "success")
    return redirect(
        link("composing.show", issue) + (f"#b-{said.block_id}" if said.block_id else "")
    )


@blueprint.post("/hold")
@policy(Power.EDITOR)
def hold(newsletter: str, slug: str) -> ResponseReturnValue:
    """Hold it: it does not go out until somebody decides."""
    issue, (form, problems) = issue_of(newsletter, slug), forms.read(_Why)
    forms.refuse(problems)
    why = form.why.strip() or "Somebody held it."
    timing.hold(session(), issue.id, why=why, actor=acting(), now=this_mailer().clock())
    flash("It is held. Nothing goes out until somebody sends it or chooses a time.", "success")
    return redirect(link("issues.show", issue))


@blueprint.get("/skip")
@policy(Power.EDITOR)
def skipping(newsletter: str, slug: str) -> ResponseReturnValue:
    """The question before an issue is skipped: where a link in a mail leads."""
    issue = issue_of(newsletter, slug)
    Verb.SKIP.check(issue.status)
    return render_template(
        "admin/confirm.html",
        title=f"Skip {issue.name}?",
        from_where=issue.name,
        back=link("issues.show", issue),
        sentences=[
            "Nobody gets it. The schedule goes on with the next.",
            "It can be put back as a draft later.",
        ],
        verb="Skip it",
        keep="Leave it as it is",
    )
