"""The composer: the page with all blocks and the real mail, its preview, and the issue's head."""

from dataclasses import dataclass

from flask import Blueprint, Response, flash, jsonify, redirect, render_template
from flask.typing import ResponseReturnValue

from mailer.authoring.revisions import revision_of
from mailer.campaigns import previews
from mailer.campaigns.drafts import blocks
from mailer.errors import ChangedMeanwhile
from mailer.models import Power
from mailer.web import forms
from mailer.web.admin.newsletters.composer.answers import conflict, saved, wants_json
from mailer.web.admin.newsletters.composer.checking import findings_of_the_words
from mailer.web.admin.newsletters.composer.page import HEAD, Looking, compose_page, strip_of
from mailer.web.admin.newsletters.finding import issue_of, link
from mailer.web.policy import acting, policy
from mailer.web.security import mail_policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("composing", __name__, url_prefix="/issues/<newsletter>/<slug>/compose")


@dataclass(frozen=True, slots=True)
class _Head:
    subject: str = ""
    preview_text: str = ""
    revision: str = ""
    keep: str = ""


@blueprint.get("")
@policy(Power.VIEWER)
def show(newsletter: str, slug: str) -> ResponseReturnValue:
    """The blocks and the mail."""
    return compose_page(issue_of(newsletter, slug), forms.asked(Looking))


@blueprint.get("/preview")
@policy(Power.VIEWER)
def preview(newsletter: str, slug: str) -> ResponseReturnValue:
    """The real mail as somebody gets it, for a frame that runs nothing."""
    issue, looking = issue_of(newsletter, slug), forms.asked(Looking)
    as_text = looking.width == "text"
    part = previews.preview(
        session(),
        this_mailer(),
        issue,
        category=looking.seen_as,
        person=looking.person,
        as_text=as_text,
        dark=looking.dark,
    )
    policy = mail_policy(
        this_mailer().settings.site, pictures=looking.pictures != "off", read_by_page=True
    )
    headers = {"Content-Security-Policy": policy, "X-Robots-Tag": "noindex"}
    return Response(part, mimetype="text/plain" if as_text else "text/html", headers=headers)


@blueprint.get("/strip")
@policy(Power.VIEWER)
def strip(newsletter: str, slug: str) -> ResponseReturnValue:
    """The strip at the foot by itself, for script to renew after a save."""
    issue = issue_of(newsletter, slug)
    shown = strip_of(issue, findings_of_the_words(issue))
    return render_template("admin/newsletters/strip.html", issue=issue, **shown)


@blueprint.post("/head")
@policy(Power.CONTRIBUTOR)
def save_head(newsletter: str, slug: str) -> ResponseReturnValue:
    """Keep the subject and the preview text."""
    issue, (form, problems) = issue_of(newsletter, slug), forms.read(_Head)
    forms.refuse(problems)
    typed = {"subject": form.subject, "preview_text": form.preview_text}
    now = this_mailer().clock()
    if form.keep == "theirs":
        return redirect(link("composing.show", issue, open=HEAD))
    try:
        head = blocks.edit_head(
            session(), issue.id, typed, expected=form.revision, actor=acting(), now=now
        )
    except ChangedMeanwhile as changed:
        return conflict(issue, changed, typed, link("composing.save_head", issue))
    if wants_json():
        return jsonify(saved(issue, revision_of(head), head["subject"], now))
    flash("Saved.", "success")
    return redirect(link("composing.show", issue))
