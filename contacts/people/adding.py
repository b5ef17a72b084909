"""Adding people, and the roles and tags that are given to them."""

from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.addresses import parse
from contacts.models import Category, Contact, Organisation, Role, Tag
from contacts.names import label_key, label_slugs, split_name

Label = TypeVar("Label", Role, Tag)


def add_contact(
    session: Session,
    *,
    name: str,
    email: str | None,
    now: datetime,
    organisation: Organisation | None = None,
    category: Category | None = None,
    roles: list[Role] | None = None,
    tags: list[Tag] | None = None,
) -> Contact:
    """A person. ``category`` is their own and counts only without an organisation."""
    address = parse(email) if email else None
    first, last = split_name(name)
    made = Contact(
        email=address.wire if address else None,
        address_key=address.key if address else None,
        name=" ".join(name.split()),
        first_name=first,
        last_name=last,
        organisation_id=organisation.id if organisation else None,
        own_category_id=category.id if category and not organisation else None,
        tracking_allowed=False,
        created_at=now,
        updated_at=now,
        roles=roles or [],
        tags=tags or [],
    )
    session.add(made)
    session.flush()
    return made


def role_called(session: Session, name: str) -> Role:
    """The role of this name, made when it is new."""
    return _called(session, Role, name)


def tag_called(session: Session, name: str) -> Tag:
    """The tag of this name, made when it is new."""
    return _called(session, Tag, name)


def _called(session: Session, kind: type[Label], name: str) -> Label:
    slugs, key = label_slugs(name), label_key(name)
    held = session.scalars(select(kind).where(kind.slug.in_(slugs))).all()
    found = next((each for each in held if label_key(each.name) == key), None)
    if found is None:
        free = next(slug for slug in slugs if slug not in {each.slug for each in held})
        found = kind(slug=free, name=" ".join(name.split()))
        session.add(found)
        session.flush()
    return found
