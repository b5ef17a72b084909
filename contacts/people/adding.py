"""Adding people, and the roles and tags that are given to them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.addresses import parse
from contacts.models import Category, Contact, Organisation, Role, Tag
from contacts.names import slugify, split_name


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
    slug = slugify(name) or "role"
    found = session.scalar(select(Role).where(Role.slug == slug))
    if found is None:
        found = Role(slug=slug, name=" ".join(name.split()))
        session.add(found)
        session.flush()
    return found


def tag_called(session: Session, name: str) -> Tag:
    """The tag of this name, made when it is new."""
    slug = slugify(name) or "tag"
    found = session.scalar(select(Tag).where(Tag.slug == slug))
    if found is None:
        found = Tag(slug=slug, name=" ".join(name.split()))
        session.add(found)
        session.flush()
    return found
