"""The preference page: what a person gets, whether they are counted, and stopping everything."""

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from contacts.actors import Actor, ActorKind
from contacts.addresses import masked
from contacts.models import SubscriptionStatus
from contacts.permission.preferences import Changed, Choices, choose, newsletters
from contacts.permission.subscriptions import (
    standing_with,
)
from contacts.permission.suppressions import find as suppression_of
from mailer.errors import NotFound
from mailer.notices.double_opt_in import COUNTING
from mailer.web import forms
from mailer.web.policy import public
from mailer.web.public import reader, withdrawing
from mailer.web.transactions import reading, session, this_mailer

blueprint = Blueprint("choices", __name__)
_SOURCE = Actor(ActorKind.PREFERENCE_PAGE)


@dataclass(frozen=True, slots=True)
class _Choices:
    newsletter: tuple[str, ...] = ()
    counted: str = ""
    name: str = forms.text(longest=200, cut=True)


@blueprint.get("/p/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """The choices as they stand."""
    return _page(token, reader.reader_of(token))


@blueprint.post("/p/<token>")
@public
def save(token: str) -> ResponseReturnValue:
    """Keep the choices and say what changed."""
    who, (form, _) = reader.reader_of(token), forms.read(_Choices)
    counted = {"yes": True, "no": False}.get(form.counted)
    wanted = Choices(set(form.newsletter), counted, COUNTING, form.name)
    now = this_mailer().clock()
    changed = choose(session(), who.contact, wanted, source=_SOURCE, now=now)
    return _page(token, who, _sentences(changed))


@blueprint.post("/p/<token>/stop")
@public
@reading
def stop(token: str) -> ResponseReturnValue:
    """No more mail at all; where it cannot be written, it is kept on the disk."""
    try:
        withdrawing.withdraw(token, ActorKind.PREFERENCE_PAGE, everything=True)
    except NotFound:
        reader.refuse()
    return render_template("public/stopped.html", token=token)


def _page(token: str, who: reader.Reader, changed: list[str] | None = None) -> str:
    standing = standing_with(session(), who.contact.id)
    held = suppression_of(session(), who.contact.address_key or "")
    return render_template(
        "public/choices.html",
        token=token,
        contact=who.contact,
        address=masked(who.contact.address_key or ""),
        rows=[
            (
                each,
                each.id in standing and standing[each.id].status == SubscriptionStatus.SUBSCRIBED,
            )
            for each in newsletters(session())
        ],
        stopped=held is not None and held.reason == "unsubscribed",
        counting=COUNTING,
        changed=changed,
    )


def _sentences(changed: Changed) -> list[str]:
    """What is different now, for the person who changed it."""
    sentences = [f"You’ll get {each.name}." for each in changed.joined]
    sentences += [f"You won’t get {each.name} any more." for each in changed.left]
    if changed.counted is not None:
        sentences.append(f"We’ve turned {'on' if changed.counted else 'off'} counting.")
    if changed.name is not None:
        sentences.append(f"Your name is now {changed.name}.")
    return sentences or ["Nothing was different from before."]
