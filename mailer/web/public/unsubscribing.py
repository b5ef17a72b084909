"""Unsubscribing: one press in the mail program (RFC 8058), or one button on a page.

Mail scanners fetch every link, so looking changes nothing. The POST of a mail program carries no
cookie, no token of a form and no referrer, so none is asked for; its URL alone says who leaves
what. It is answered the same whether or not there was anything to do, and never with a redirect.
"""

from typing import Final

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from contacts.actors import Actor, ActorKind
from contacts.addresses import masked
from contacts.database import AWAY
from contacts.models import SubscriptionStatus
from contacts.permission.subscriptions import standing_with
from mailer.errors import NotFound
from mailer.receipts.leaving import come_back, may_come_back
from mailer.web import forms
from mailer.web.auth import csrf
from mailer.web.policy import public
from mailer.web.public import reader, withdrawing
from mailer.web.transactions import reading, session, this_mailer

blueprint = Blueprint("unsubscribing", __name__)
_PAGE: Final = Actor(ActorKind.UNSUBSCRIBE_PAGE)


@blueprint.get("/u/<token>")
@public
def offer(token: str) -> ResponseReturnValue:
    """A page with one button; with the database away, without what only that knows."""
    try:
        who = reader.reader_of(token)
    except AWAY:
        return render_template("public/unsubscribe.html", token=token, newsletter=None)
    return render_template(
        "public/unsubscribe.html",
        token=token,
        newsletter=who.newsletter,
        address=masked(who.contact.address_key or ""),
        subscribed=_is_on(who),
    )


@blueprint.post("/u/<token>")
@csrf.exempt  # type: ignore[untyped-decorator]  # Flask-WTF leaves it unannotated
@public
@reading
def act(token: str) -> ResponseReturnValue:
    """Leave the newsletter, at once; where it cannot be written, it is kept on the disk."""
    one_click = forms.posted().get("List-Unsubscribe") == "One-Click"
    how = ActorKind.ONE_CLICK if one_click else ActorKind.UNSUBSCRIBE_PAGE
    try:
        newsletter = withdrawing.withdraw(token, how)
    except NotFound:
        if one_click:  # nothing to learn here for whoever guesses
            return Response("Done.\n", mimetype="text/plain")
        reader.refuse()
    if one_click:
        return Response("Done. You are unsubscribed.\n", mimetype="text/plain")
    return render_template(
        "public/unsubscribed.html",
        token=token,
        newsletter=newsletter,
        undoable=newsletter is not None and _is_undoable(token),
    )


@blueprint.post("/u/<token>/undo")
@public
def undo(token: str) -> ResponseReturnValue:
    """Back on, for somebody who pressed by mistake within the last day."""
    who = reader.reader_of(token)
    now = this_mailer().clock()
    come_back(
        session(), who.contact, who.newsletter.id, through=who.delivery, source=_PAGE, now=now
    )
    if not _is_subscribed(who):  # a second press finds that the first has done it
        address = masked(who.contact.address_key or "")
        return render_template("public/undo_late.html", token=token, address=address), 410
    return render_template("public/resubscribed.html", token=token, newsletter=who.newsletter)


def _is_undoable(token: str) -> bool:
    try:
        who = reader.find_again(token)
    except AWAY:
        return False
    return who is not None and may_come_back(
        session(),
        who.contact,
        who.newsletter.id,
        through=who.delivery,
        now=this_mailer().clock(),
    )


def _is_on(who: reader.Reader) -> bool:
    return _status(who) in {SubscriptionStatus.PENDING, SubscriptionStatus.SUBSCRIBED}


def _is_subscribed(who: reader.Reader) -> bool:
    return _status(who) is SubscriptionStatus.SUBSCRIBED


def _status(who: reader.Reader) -> SubscriptionStatus | None:
    standing = standing_with(session(), who.contact.id).get(who.newsletter.id)
    return standing.status if standing else None
