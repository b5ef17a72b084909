"""Asking for one's own link by address: where every link that leads nowhere leads instead.

The answer is the same for everybody, so nobody learns who is on a list.
"""

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from contacts.addresses import masked, parse
from contacts.errors import BadAddress
from mailer.notices import requests
from mailer.web import forms, limits
from mailer.web.limits import visits
from mailer.web.policy import public
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("asking", __name__)


@dataclass(frozen=True, slots=True)
class _Asked:
    email: str = ""


@blueprint.get("/choices")
@public
def form() -> ResponseReturnValue:
    """The form."""
    return _form()


@blueprint.post("/choices")
@public
@visits("60/hour")
def ask() -> ResponseReturnValue:
    """Mail the link to whoever is at that address. It says the same in any case."""
    typed, problems = forms.read(_Asked)
    try:
        address = parse(typed.email)
    except BadAddress as error:
        problems = [("email", str(error))]
    if problems:
        return _form(typed.email, problems[0][1]), 422
    requests.own_link_at(session(), address, visitor=limits.visitor(), now=this_mailer().clock())
    return render_template("public/link_sent.html", address=masked(address.key))


def _form(email: str = "", error: str = "") -> str:
    return render_template("public/ask_link.html", email=email, error=error, failed=bool(error))
