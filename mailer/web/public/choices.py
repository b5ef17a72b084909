"""The preference page: what a person gets, whether they are counted, and stopping everything."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from contacts.actors import Actor, ActorKind
from contacts.addresses import masked
from contacts.models import Contact, Newsletter, Subscription, SubscriptionStatus
from contacts.names import split_name
from contacts.permission.subscriptions import (
    count,
    standing_with,
    subscribe,
    unsubscribe,
    unsubscribe_from_everything,
)
from contacts.permission.suppressions import find as suppression_of
from mailer.notices.double_opt_in import COUNTING
from mailer.web.policy import public
from mailer.web.public import reader
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("choices", __name__)
_SOURCE = Actor(ActorKind.PREFERENCE_PAGE)


@blueprint.get("/p/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """The choices as they stand."""
    return _page(token, reader.reader_of(token))


@blueprint.post("/p/<token>")
@public
def save(token: str) -> ResponseReturnValue:
    """Keep the choices and say what changed."""
    who = reader.reader_of(token)
    changed = [
        *_change_newsletters(who.contact, set(request.form.getlist("newsletter"))),
        *_change_counting(who.contact, request.form.get("counted", "")),
        *_change_name(who.contact, request.form.get("name", "")),
    ]
    return _page(token, who, changed or ["Nothing was different from before."])


@blueprint.post("/p/<token>/stop")
@public
def stop(token: str) -> ResponseReturnValue:
    """No more mail at all."""
    who = reader.reader_of(token)
    now = this_mailer().clock()
    if unsubscribe_from_everything(session(), who.contact, source=_SOURCE, now=now):
        reader.note_unsubscribed(who, "from everything")
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
            for each in _newsletters()
        ],
        stopped=held is not None and held.reason == "unsubscribed",
        counting=COUNTING,
        changed=changed,
    )


def _newsletters() -> list[Newsletter]:
    return list(session().scalars(select(Newsletter).order_by(Newsletter.position, Newsletter.id)))


def _is_on(standing: Subscription | None) -> bool:
    return standing is not None and standing.status is SubscriptionStatus.SUBSCRIBED


def _change_newsletters(contact: Contact, wanted: set[str]) -> list[str]:
    now = this_mailer().clock()
    standing = standing_with(session(), contact.id)
    said = []
    for each in _newsletters():
        is_on = _is_on(standing.get(each.id))
        if each.slug in wanted and not is_on:
            words = f"{each.name}: {each.description}"
            subscribe(session(), contact, each.id, source=_SOURCE, words=words, now=now)
            said.append(f"You’ll get {each.name}.")
        elif each.slug not in wanted and is_on:
            unsubscribe(session(), contact.id, each.id, source=_SOURCE, now=now)
            said.append(f"You won’t get {each.name} any more.")
    return said


def _change_counting(contact: Contact, answer: str) -> list[str]:
    if answer not in {"yes", "no"}:
        return []
    agreed = answer == "yes"
    now = this_mailer().clock()
    if not count(session(), contact, agreed=agreed, source=_SOURCE, words=COUNTING, now=now):
        return []
    return [f"We’ve turned {'on' if agreed else 'off'} counting."]


def _change_name(contact: Contact, name: str) -> list[str]:
    name = " ".join("".join(char if char.isprintable() else " " for char in name).split())[:200]
    if not name or name == contact.name:
        return []
    contact.name = name
    contact.first_name, contact.last_name = split_name(name)
    contact.updated_at = this_mailer().clock()
    return [f"Your name is now {name}."]
