"""The page behind the link in every mail: it takes away, and nothing else.

A mail may be forwarded, and its link lives as long as it does. So the page shows no name and gives
nothing; for that it has a link to all choices mailed to the person's own mailbox.
"""

from dataclasses import dataclass

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from contacts.actors import Actor, ActorKind
from contacts.addresses import masked
from contacts.permission.preferences import Changed, Choices, step_down
from mailer.errors import NotFound
from mailer.notices import requests
from mailer.notices.double_opt_in import COUNTING
from mailer.web import forms, limits
from mailer.web.policy import public
from mailer.web.public import reader, withdrawing
from mailer.web.public.choices_page import choices_page
from mailer.web.transactions import reading, session, this_mailer

blueprint = Blueprint("choices", __name__)
_SOURCE = Actor(ActorKind.PREFERENCE_PAGE)


@dataclass(frozen=True, slots=True)
class ChoicesForm:
    """What is chosen on the page of a mail's link, or on one's own."""

    newsletter: tuple[str, ...] = ()
    counted: str = ""
    name: str = forms.text(longest=200, cut=True)

    @property
    def wanted(self) -> Choices:
        counted = {"yes": True, "no": False}.get(self.counted)
        return Choices(set(self.newsletter), counted, COUNTING, self.name)


@blueprint.get("/p/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """The choices as they stand."""
    return _page(token, reader.reader_of(token))


@blueprint.post("/p/<token>")
@public
def save(token: str) -> ResponseReturnValue:
    """Keep the choices that take something away and say what changed."""
    who, (form, _) = reader.reader_of(token), forms.read(ChoicesForm)
    now = this_mailer().clock()
    changed = step_down(session(), who.contact, form.wanted, source=_SOURCE, now=now)
    return _page(token, who, changed)


@blueprint.post("/p/<token>/stop")
@public
@reading
def stop(token: str) -> ResponseReturnValue:
    """No more mail at all; where it cannot be written, it is kept on the disk."""
    try:
        withdrawing.withdraw(token, ActorKind.PREFERENCE_PAGE, everything=True)
    except NotFound:
        reader.refuse()
    return render_template("public/stopped.html", back=url_for("choices.show", token=token))


@blueprint.post("/p/<token>/link")
@public
def send_link(token: str) -> ResponseReturnValue:
    """Mail the link to all choices to the person's own mailbox. It says the same in any case."""
    who = reader.reader_of(token)
    requests.own_link_for(
        session(),
        who.contact,
        who.newsletter,
        visitor=limits.visitor(),
        now=this_mailer().clock(),
    )
    return render_template("public/link_sent.html", address=masked(who.contact.address_key or ""))


def _page(token: str, who: reader.Reader, changed: Changed | None = None) -> str:
    return choices_page(
        who.contact,
        changed,
        stop=url_for("choices.stop", token=token),
        more=url_for("choices.send_link", token=token),
    )
