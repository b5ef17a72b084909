"""Signing up: a form, a mail with a link, and a button on the page it leads to.

The answer to the form is the same for everybody, so nobody learns who is on a list.
"""

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from contacts.addresses import parse
from contacts.errors import BadAddress
from contacts.models import Newsletter
from contacts.permission.newsletters import newsletter_of
from mailer.notices import double_opt_in
from mailer.notices.double_opt_in import COUNTING, Pending, consent_text
from mailer.web import forms, limits
from mailer.web.limits import visits
from mailer.web.policy import public
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("joining", __name__)


@dataclass(frozen=True, slots=True)
class _Join:
    email: str = ""
    name: str = forms.text(longest=200)
    counted: bool = False
    website: str = ""  # a field that people do not see


@blueprint.get("/join/<slug>")
@public
def form(slug: str) -> ResponseReturnValue:
    """The form."""
    return _form(newsletter_of(session(), slug))


@blueprint.post("/join/<slug>")
@public
@visits("60/hour")
def join(slug: str) -> ResponseReturnValue:
    """Ask the owner of the address."""
    newsletter = newsletter_of(session(), slug)
    form, problems = forms.read(_Join)
    if form.website:
        return render_template("public/joined.html", newsletter=newsletter)
    try:
        address = parse(form.email)
    except BadAddress as error:
        problems = [("email", str(error))]
    if problems:
        return _form(newsletter, form.email, form.name, problems[0][1]), 422
    name, here = " ".join(form.name.split()), this_mailer()
    double_opt_in.ask(session(), here, newsletter, address, name=name, counted=form.counted)
    return render_template("public/joined.html", newsletter=newsletter)


@blueprint.get("/confirm/<token>")
@public
def offer(token: str) -> ResponseReturnValue:
    """A page with one button: a scanner that follows the link confirms nothing."""
    found = _pending(token)
    return _offer(token, found.newsletter if found else None)


@blueprint.post("/confirm/<token>")
@public
def confirm(token: str) -> ResponseReturnValue:
    """The owner of the address says yes."""
    found = _pending(token)
    if found is None:
        return _offer(token, None)
    double_opt_in.confirm(session(), found, now=this_mailer().clock())
    return render_template("public/confirmed.html", newsletter=found.newsletter)


def _pending(token: str) -> Pending | None:
    here = this_mailer()
    found = double_opt_in.pending(session(), token, tokens=here.tokens, now=here.clock())
    if found is None:
        limits.guessed("confirmation")
    elif request.method == "POST":
        limits.used("confirmation", token)
    return found


def _offer(token: str, newsletter: Newsletter | None) -> ResponseReturnValue:
    page = render_template("public/confirm.html", token=token, newsletter=newsletter)
    return page, (200 if newsletter else 410)


def _form(newsletter: Newsletter, email: str = "", name: str = "", error: str = "") -> str:
    return render_template(
        "public/join.html",
        newsletter=newsletter,
        words=consent_text(newsletter),
        counting=COUNTING,
        email=email,
        name=name,
        error=error,
        failed=bool(error),
    )
