"""Signing up: a form, a mail with a link, and a button on the page it leads to.

The answer to the form is the same for everybody, so nobody learns who is on a list. The mail holds
nothing that the person who filled in the form wrote, since they may not own the address.
"""

from datetime import timedelta
from typing import Final

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind
from contacts.addresses import Address, parse
from contacts.errors import BadAddress
from contacts.models import (
    Consent,
    ConsentAct,
    Contact,
    Newsletter,
    Subscription,
    SubscriptionStatus,
)
from contacts.people.adding import add_contact
from contacts.permission.newsletters import newsletter_of
from contacts.permission.subscriptions import ask, count, subscribe
from contacts.permission.suppressions import find as suppression_of
from mailer.notices import posting
from mailer.security.tokens import Purpose
from mailer.web.auth import limiter
from mailer.web.policy import public
from mailer.web.public.choices import COUNTING
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("joining", __name__)
_AGAIN_AFTER: Final = timedelta(hours=24)  # one confirmation mail a day and address, no more
_GOOD_FOR: Final = timedelta(days=7)
_CONFIRMATION: Final = Actor(ActorKind.CONFIRMATION)


@blueprint.get("/join/<slug>")
@public
def form(slug: str) -> ResponseReturnValue:
    """The form."""
    return _form(newsletter_of(session(), slug))


@blueprint.post("/join/<slug>")
@public
@limiter.limit("20/hour")
def join(slug: str) -> ResponseReturnValue:
    """Ask the owner of the address."""
    newsletter = newsletter_of(session(), slug)
    if request.form.get("website"):  # a field that people do not see
        return render_template("public/joined.html", newsletter=newsletter)
    email = request.form.get("email", "").strip()
    name = " ".join(request.form.get("name", "").split())[:200]
    try:
        address = parse(email)
    except BadAddress as error:
        return _form(newsletter, email, name, str(error)), 422
    counted = request.form.get("counted") == "yes"
    _ask(session(), newsletter, address, name=name, counted=counted)
    return render_template("public/joined.html", newsletter=newsletter)


@blueprint.get("/confirm/<token>")
@public
def offer(token: str) -> ResponseReturnValue:
    """A page with one button: a scanner that follows the link confirms nothing."""
    found = _pending(token)
    newsletter = found[1] if found else None
    return render_template("public/confirm.html", token=token, newsletter=newsletter), (
        200 if found else 410
    )


@blueprint.post("/confirm/<token>")
@public
def confirm(token: str) -> ResponseReturnValue:
    """The owner of the address says yes."""
    found = _pending(token)
    if found is None:
        return render_template("public/confirm.html", token=token, newsletter=None), 410
    contact, newsletter, asked = found
    now = this_mailer().clock()
    subscribe(
        session(),
        contact,
        newsletter.id,
        source=_CONFIRMATION,
        words=words_of(newsletter),
        now=now,
    )
    if asked.source.kind is ActorKind.SIGN_UP_FORM_WITH_COUNTING:
        count(session(), contact, agreed=True, source=_CONFIRMATION, words=COUNTING, now=now)
    return render_template("public/confirmed.html", newsletter=newsletter)


def words_of(newsletter: Newsletter) -> str:
    """The words that are agreed to; kept with every consent."""
    often = f" It comes {newsletter.frequency}." if newsletter.frequency else ""
    return (
        f"Send me {newsletter.name} by e-mail.{often} I can stop at any time with one press, in "
        "every mail."
    )


def _form(newsletter: Newsletter, email: str = "", name: str = "", error: str = "") -> str:
    return render_template(
        "public/join.html",
        newsletter=newsletter,
        words=words_of(newsletter),
        counting=COUNTING,
        email=email,
        name=name,
        error=error,
        failed=bool(error),
    )


def _ask(
    session: Session,
    newsletter: Newsletter,
    address: Address,
    *,
    name: str,
    counted: bool,
) -> None:
    now = this_mailer().clock()
    held = suppression_of(session, address.key)
    if held is not None and held.reason != "unsubscribed":
        return  # a bounce, a complaint or an operator's word: no form lifts those
    contact = session.scalar(
        select(Contact).where(Contact.address_key == address.key).order_by(Contact.id).limit(1)
    )
    if contact is None:
        contact = add_contact(session, name=name, email=address.wire, now=now)
    standing = session.get(Subscription, (contact.id, newsletter.id))
    if standing is not None and standing.status is SubscriptionStatus.SUBSCRIBED:
        return
    if _asked_since(session, contact.id, newsletter.id, now - _AGAIN_AFTER):
        return
    form = ActorKind.SIGN_UP_FORM_WITH_COUNTING if counted else ActorKind.SIGN_UP_FORM
    ask(session, contact, newsletter, source=Actor(form), words=words_of(newsletter), now=now)
    token = this_mailer().tokens.seal(Purpose.CONFIRM, contact.id, newsletter.id)
    posting.post(
        session,
        to_address=address.wire,
        to_name="",
        from_name=newsletter.from_name,
        from_address=newsletter.from_address,
        subject=f"Please confirm: {newsletter.name}",
        paragraphs=(
            f"Somebody, we hope you, asked for {newsletter.name} to be sent to this address.\n\n"
            "Press the button to say that it was you. Until you do, nothing is sent."
        ),
        button_words="Confirm",
        button_url=f"{this_mailer().settings.site}/confirm/{token}",
        closing="If it was not you, do nothing: you will not hear from us about it again.",
        now=now,
    )


def _asked_since(session: Session, contact_id: int, newsletter_id: int, moment: object) -> bool:
    asked = (
        select(Consent.id)
        .where(
            Consent.contact_id == contact_id,
            Consent.newsletter_id == newsletter_id,
            Consent.act == ConsentAct.ASKED,
            Consent.at > moment,
        )
        .limit(1)
    )
    return session.scalar(asked) is not None


def _pending(token: str) -> tuple[Contact, Newsletter, Consent] | None:
    """Whom and what a confirmation is about, while the request for it is fresh."""
    ids = this_mailer().tokens.open(Purpose.CONFIRM, token)
    if ids is None:
        return None
    contact, newsletter = session().get(Contact, ids[0]), session().get(Newsletter, ids[1])
    if contact is None or newsletter is None:
        return None
    asked = session().scalar(
        select(Consent)
        .where(
            Consent.contact_id == contact.id,
            Consent.newsletter_id == newsletter.id,
            Consent.act == ConsentAct.ASKED,
            Consent.at > this_mailer().clock() - _GOOD_FOR,
        )
        .order_by(Consent.id.desc())
        .limit(1)
    )
    return (contact, newsletter, asked) if asked else None
