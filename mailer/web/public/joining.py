"""Signing up: a form, a mail with a link, and a button on the page it leads to.

The answer to the form is the same for everybody, so nobody learns who is on a list.
"""

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from contacts.addresses import parse
from contacts.errors import BadAddress, UnknownRecord
from contacts.models import Newsletter
from contacts.permission.newsletters import newsletter_of
from mailer.notices import double_opt_in, requests
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
    newsletter = _newsletter(slug)
    return _form(newsletter) if newsletter else _unknown()


@blueprint.post("/join/<slug>")
@public
@visits("60/hour")
def join(slug: str) -> ResponseReturnValue:
    """Ask the owner of the address."""
    return _ask(slug)


@blueprint.post("/join/<slug>/again")
@public
@visits("60/hour")
def join_again(slug: str) -> ResponseReturnValue:
    """Ask once more: the mail did not come."""
    return _ask(slug, again=True)


def _ask(slug: str, *, again: bool = False) -> ResponseReturnValue:
    newsletter = _newsletter(slug)
    if newsletter is None:
        return _unknown()
    form, problems = forms.read(_Join)
    if form.website:
        return render_template("public/joined.html", newsletter=newsletter, form=form)
    try:
        address = parse(form.email)
    except BadAddress as error:
        problems = [("email", str(error))]
    if problems:
        return _form(newsletter, form.email, form.name, problems[0][1]), 422
    requests.sign_up(
        session(),
        newsletter,
        address,
        name=" ".join(form.name.split()),
        counted=form.counted,
        again=again,
        visitor=limits.visitor(),
        now=this_mailer().clock(),
    )
    return render_template("public/joined.html", newsletter=newsletter, form=form)


@blueprint.get("/confirm/<token>")
@public
def offer(token: str) -> ResponseReturnValue:
    """A page with one button: a scanner that follows the link confirms nothing."""
    return _offer(token, _about(token))


@blueprint.post("/confirm/<token>")
@public
def confirm(token: str) -> ResponseReturnValue:
    """The owner of the address says yes."""
    found, now = _about(token), this_mailer().clock()
    if found is None or not double_opt_in.is_good(session(), found, now=now):
        return _offer(token, found)
    double_opt_in.confirm(session(), found, now=now)
    return render_template("public/confirmed.html", newsletter=found.newsletter)


@blueprint.post("/confirm/<token>/again")
@public
def confirm_again(token: str) -> ResponseReturnValue:
    """Ask the same person once more: the link has expired."""
    found = _about(token)
    if found is None or not found.contact.email:
        return _offer(token, None)
    requests.sign_up(
        session(),
        found.newsletter,
        parse(found.contact.email),
        name=found.contact.name,
        counted=double_opt_in.agreed_to_counting(found),
        again=True,
        visitor=limits.visitor(),
        now=this_mailer().clock(),
    )
    return render_template("public/joined.html", newsletter=found.newsletter, form=None)


@blueprint.get("/confirm/<token>/not-me")
@public
def offer_not_me(token: str) -> ResponseReturnValue:
    """A page with one button, for whoever did not ask."""
    found = _about(token)
    return render_template("public/not_me.html", found=found), (200 if found else 404)


@blueprint.post("/confirm/<token>/not-me")
@public
def not_me(token: str) -> ResponseReturnValue:
    """The owner of the address did not ask."""
    found = _about(token)
    if found is None:
        return render_template("public/not_me.html", found=None), 404
    double_opt_in.not_me(session(), found, now=this_mailer().clock())
    return render_template("public/not_me_kept.html", newsletter=found.newsletter)


def _about(token: str) -> Pending | None:
    found = double_opt_in.about(session(), token, tokens=this_mailer().tokens)
    if found is None:
        limits.guessed("confirmation")
    elif request.method == "POST":
        limits.used("confirmation", token)
    return found


def _offer(token: str, found: Pending | None) -> ResponseReturnValue:
    good = found is not None and double_opt_in.is_good(session(), found, now=this_mailer().clock())
    page = render_template("public/confirm.html", token=token, found=found, good=good)
    return page, (200 if good else 410)


def _newsletter(slug: str) -> Newsletter | None:
    try:
        return newsletter_of(session(), slug)
    except UnknownRecord:  # its sentence names every newsletter, which is not for strangers
        return None


def _unknown() -> ResponseReturnValue:
    return render_template("public/join_unknown.html"), 404


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
