"""All choices of one person, behind the link that was mailed to them within the last half hour."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from contacts.actors import Actor, ActorKind
from contacts.models import Contact
from contacts.permission.preferences import Changed
from contacts.permission.subscriptions import unsubscribe_from_everything
from mailer.notices import own_link
from mailer.web import forms, limits
from mailer.web.policy import public
from mailer.web.public.choices import ChoicesForm
from mailer.web.public.choices_page import choices_page
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("own_choices", __name__)
_SOURCE = Actor(ActorKind.PREFERENCE_PAGE)


@blueprint.get("/choices/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """The choices as they stand, name and all."""
    owner = _owner_of(token)
    return _page(token, owner) if owner else _expired()


@blueprint.post("/choices/<token>")
@public
def save(token: str) -> ResponseReturnValue:
    """Keep the choices and say what changed."""
    owner, (form, _) = _owner_of(token), forms.read(ChoicesForm)
    if owner is None:
        return _expired()
    now = this_mailer().clock()
    return _page(
        token, owner, own_link.save(session(), owner, form.wanted, source=_SOURCE, now=now)
    )


@blueprint.post("/choices/<token>/stop")
@public
def stop(token: str) -> ResponseReturnValue:
    """No more mail at all."""
    owner = _owner_of(token)
    if owner is None:
        return _expired()
    unsubscribe_from_everything(session(), owner, source=_SOURCE, now=this_mailer().clock())
    return render_template("public/stopped.html", back=url_for("own_choices.show", token=token))


def _owner_of(token: str) -> Contact | None:
    here = this_mailer()
    if not own_link.is_ours(token, tokens=here.tokens):
        limits.guessed("link to all choices")
        return None
    if request.method == "POST":
        limits.used("link to all choices", token)
    return own_link.owner_of(session(), token, tokens=here.tokens, now=here.clock())


def _page(token: str, owner: Contact, changed: Changed | None = None) -> str:
    return choices_page(owner, changed, stop=url_for("own_choices.stop", token=token))


def _expired() -> ResponseReturnValue:
    return render_template("public/link_expired.html"), 410
