"""The person behind a link in a mail: found through the delivery that the token names."""

from dataclasses import dataclass
from typing import Final, NoReturn

from flask import abort, make_response, render_template, request

from contacts.models import Contact, Newsletter
from mailer.models import Campaign, Delivery
from mailer.security.tokens import Purpose
from mailer.web import limits
from mailer.web.transactions import session, this_mailer

NOBODY: Final = 0  # whose the links of tests, previews and pages on the web are


@dataclass(frozen=True, slots=True)
class Reader:
    """Who received the mail, and of which newsletter it was."""

    contact: Contact
    newsletter: Newsletter
    delivery: Delivery


def delivery_of(token: str, purpose: Purpose = Purpose.CHOICES) -> int | None:
    """The number of the delivery that a token names, without the database; None for no such token.

    A request that shows too many, or one too often, ends here.
    """
    ids = this_mailer().tokens.open(purpose, token)
    if ids is None:
        limits.guessed("link of a mail")
        return None
    if ids[0] == NOBODY and purpose is Purpose.CHOICES:
        # A status that is no error: a mail program that presses it has nothing to try again.
        abort(make_response(render_template("public/nobodys.html"), 200))
    if request.method == "POST":
        limits.used("link of a mail", token)
    return ids[0]


def find(token: str) -> Reader | None:
    """The reader a token stands for; None for a token that is not one of ours."""
    delivery_id = delivery_of(token)
    return None if delivery_id is None else who_got(delivery_id)


def find_again(token: str) -> Reader | None:
    """The same for a token that this request has used: it is not counted twice."""
    ids = this_mailer().tokens.open(Purpose.CHOICES, token)
    return None if ids is None else who_got(ids[0])


def who_got(delivery_id: int) -> Reader | None:
    """The reader of a delivery; None for one that is there no more, or whose reader is not."""
    delivery = session().get(Delivery, delivery_id)
    if delivery is None:
        return None
    contact = session().get(Contact, delivery.contact_id)
    campaign = session().get(Campaign, delivery.campaign_id)
    if contact is None or campaign is None:
        return None
    return Reader(contact, session().get_one(Newsletter, campaign.newsletter_id), delivery)


def reader_of(token: str) -> Reader:
    """The same, or the page that offers a new link."""
    found = find(token)
    if found is None:
        refuse()
    return found


def refuse() -> NoReturn:
    """The page for a link that is none of ours."""
    abort(make_response(render_template("public/link_unknown.html"), 404))
