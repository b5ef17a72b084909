"""Newsletters: the publications that people subscribe to."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.addresses import parse
from contacts.errors import BadName, UnknownRecord
from contacts.models import Newsletter
from contacts.names import slugify


def add_newsletter(
    session: Session,
    *,
    slug: str,
    name: str,
    from_name: str,
    from_address: str,
    now: datetime,
    description: str = "",
    frequency: str = "",
    postal_address: str = "",
    reply_to: str | None = None,
) -> Newsletter:
    """A new publication; BadName when its slug cannot be used."""
    if slug != slugify(slug) or not slug:
        raise BadName("A slug is lower-case letters, digits and hyphens, like members-update.")
    if session.scalar(select(Newsletter.id).where(Newsletter.slug == slug)):
        raise BadName(f"There is a newsletter called {slug} already.")
    made = Newsletter(
        slug=slug,
        name=" ".join(name.split()) or slug,
        description=description,
        frequency=frequency,
        from_name=" ".join(from_name.split()),
        from_address=parse(from_address).wire,
        reply_to=parse(reply_to).wire if reply_to else None,
        postal_address=postal_address,
        position=0,
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made


def newsletter_of(session: Session, slug: str) -> Newsletter:
    """The newsletter with this slug; UnknownRecord names those there are."""
    found = session.scalar(select(Newsletter).where(Newsletter.slug == slug))
    if found is None:
        known = ", ".join(session.scalars(select(Newsletter.slug).order_by(Newsletter.slug)))
        raise UnknownRecord(f"There is no newsletter called {slug!r}. There is: {known or 'none'}.")
    return found
