"""Adding organisations; each has one name and one slug."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.models import Category, Organisation
from contacts.names import fold, slugify


def add_organisation(
    session: Session, name: str, *, category: Category | None, now: datetime
) -> Organisation:
    """An organisation, or the one that is called the same."""
    key = fold(name)
    found = session.scalar(select(Organisation).where(Organisation.name_key == key))
    if found is not None:
        return found
    made = Organisation(
        slug=free_slug(session, slugify(name) or "organisation"),
        name=" ".join(name.split()),
        name_key=key,
        category_id=category.id if category else None,
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made


def free_slug(session: Session, wanted: str) -> str:
    """A slug for an organisation that no other has."""
    taken = set(
        session.scalars(
            select(Organisation.slug).where(Organisation.slug.startswith(wanted, autoescape=True))
        )
    )
    slug, number = wanted, 2
    while slug in taken:
        slug, number = f"{wanted}-{number}", number + 1
    return slug
