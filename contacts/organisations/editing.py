"""Changing organisations: what an operator writes in a form, checked and then kept."""

from datetime import date, datetime
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts import audit
from contacts.actors import Actor
from contacts.errors import BadDetails, BadName
from contacts.membership.holders import misfit
from contacts.models import Category, Organisation
from contacts.names import fold
from contacts.organisations.adding import add_organisation

LONGEST_NAME: Final = 200
LONGEST_WEBSITE: Final = 500
_KIND: Final = "organisation"


def add(
    session: Session,
    name: str,
    *,
    category: Category | None,
    website: str = "",
    actor: Actor,
    now: datetime,
) -> Organisation:
    """A new organisation; BadName when there is one of that name, or the name cannot be kept.

    BadDetails when organisations can't hold the category, or no browser could open the website.
    """
    _refuse_misfit(category)
    known = organisation_called(session, name)
    if known is not None:
        raise BadName(f"There is an organisation called {known.name}.")
    if not name.strip() or len(name) > LONGEST_NAME:
        raise BadName(f"Write a name of at most {LONGEST_NAME} characters.")
    website = _checked_website(website)
    made = add_organisation(session, name, category=category, now=now)
    made.website = website
    audit.write(session, "added", _KIND, made.id, actor=actor, now=now)
    return made


def change_organisation(
    session: Session,
    organisation: Organisation,
    *,
    name: str,
    category: Category | None,
    website: str | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Its name and its category, which everybody there has through it; and its website, unless that
    is None. Its URL stays. BadDetails for a website that no browser could open."""
    if website is not None:
        organisation.website = _checked_website(website)
    if category is None or category.id != organisation.category_id:
        _refuse_misfit(category)
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise BadName(f"Write a name of at most {LONGEST_NAME} characters.")
    namesake = organisation_called(session, name)
    if namesake is not None and namesake.id != organisation.id:
        raise BadName(f"There is another organisation called {namesake.name}.")
    organisation.name, organisation.name_key = name, fold(name)
    organisation.category_id = category.id if category else None
    audit.write(
        session,
        "changed",
        _KIND,
        organisation.id,
        actor=actor,
        now=now,
        name=name,
        category=category.slug if category else None,
    )
    session.flush()


def date_membership(
    session: Session,
    organisation: Organisation,
    since: date | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Note since when it is a member, by which issues know who is new; None for nobody knows."""
    if organisation.member_since == since:
        return
    organisation.member_since = since
    day = since.isoformat() if since else None
    audit.write(session, "changed", _KIND, organisation.id, actor=actor, now=now, since=day)
    session.flush()


def _checked_website(text: str) -> str:
    text = text.strip()
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if text and (
        len(text) > LONGEST_WEBSITE
        or not host
        or parts.scheme not in {"http", "https"}
        or any(sign.isspace() or not sign.isprintable() for sign in text)
    ):
        raise BadDetails([("website", "Write a whole web address, like https://example.org/.")])
    return text


def _refuse_misfit(category: Category | None) -> None:
    if why := misfit(category, of_organisation=True):
        raise BadDetails([("category", why)])


def organisation_called(session: Session, name: str) -> Organisation | None:
    return session.scalar(select(Organisation).where(Organisation.name_key == fold(name)))
