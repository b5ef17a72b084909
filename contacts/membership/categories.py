"""The categories of membership: added, changed, put in order, removed, and who may hold them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, case, select
from sqlalchemy.orm import Session

from contacts import audit, ordering
from contacts.actors import Actor
from contacts.errors import BadDetails, InUse, UnknownRecord
from contacts.membership.holders import held, in_the_way
from contacts.models import Category, Contact, Holders, Organisation
from contacts.names import fold, has_controls, slugify

CATEGORIES = (
    ("full", "Full", "Councils: a vote, Policy Lab funding and the consultancy framework."),
    ("associate", "Associate", "Smaller councils, opposition groups and governments elsewhere."),
    ("affiliate", "Affiliate", "Non-governmental organisations and companies."),
    ("supporter", "Supporter", "People and organisations who wish to show support."),
)
LONGEST_NAME: Final = 80
LONGEST_DESCRIPTION: Final = 500
_KIND: Final = "category"


@dataclass(frozen=True, slots=True)
class CategoryDetails:
    """A category as written in a form; ``held_by`` is a value of ``Holders``."""

    name: str = ""
    description: str = ""
    held_by: str = Holders.BOTH.value

    @classmethod
    def of(cls, kept: Category) -> "CategoryDetails":
        """What is kept."""
        return cls(kept.name, kept.description, kept.held_by.value)


def ensure_categories(session: Session) -> dict[str, Category]:
    """The categories there are, by slug; the four that ship where there is none yet."""
    known = {category.slug: category for category in listing(session)}
    for position, (slug, name, description) in enumerate(() if known else CATEGORIES):
        known[slug] = Category(slug=slug, name=name, description=description, position=position)
        session.add(known[slug])
    session.flush()
    return known


def category_id_of() -> ColumnElement[Any]:
    """A person's category, in a query of Contact with its Organisation joined from outside.

    Their own counts only where there is no organisation.
    """
    return case(
        (Contact.organisation_id.is_not(None), Organisation.category_id),
        else_=Contact.own_category_id,
    )


def listing(session: Session) -> Sequence[Category]:
    """Every category in its order."""
    return session.scalars(select(Category).order_by(Category.position, Category.id)).all()


def find(session: Session, slug: str) -> Category:
    """The category with this slug; UnknownRecord when there is none."""
    found = session.scalar(select(Category).where(Category.slug == slug))
    if found is None:
        raise UnknownRecord("There is no such category.")
    return found


def problems(
    session: Session, details: CategoryDetails, category: Category | None = None
) -> list[tuple[str, str]]:
    """What is in the way of keeping ``details``: field and sentence."""
    found = []
    name = " ".join(details.name.split())
    if not slugify(name) or len(name) > LONGEST_NAME:
        found.append(("name", f"Write a name of at most {LONGEST_NAME} characters."))
    namesakes = [each for each in listing(session) if fold(each.name) == fold(name)]
    if [each for each in namesakes if each is not category]:
        found.append(("name", f"There is a category called {namesakes[0].name} already."))
    if len(details.description) > LONGEST_DESCRIPTION:
        sentence = f"Shorten this: {LONGEST_DESCRIPTION} characters are the most."
        found.append(("description", sentence))
    for field, words in (("name", details.name), ("description", details.description)):
        if has_controls(words):
            found.append((field, "Write this again: it has control characters in it."))
    if details.held_by not in {each.value for each in Holders}:
        found.append(("held_by", "Choose who may hold it."))
    elif category is not None:
        found += in_the_way(session, category, Holders(details.held_by))
    return found


def add(session: Session, details: CategoryDetails, *, actor: Actor, now: datetime) -> Category:
    """A category at the end of the order; BadDetails when it can't be kept as written."""
    if found := problems(session, details):
        raise BadDetails(found)
    rows = listing(session)
    made = Category(
        slug=_free_slug(rows, slugify(details.name)), position=len(rows), **_values(details)
    )
    session.add(made)
    session.flush()
    audit.write(session, "category added", _KIND, made.id, actor=actor, now=now, name=made.name)
    return made


def change(
    session: Session, slug: str, details: CategoryDetails, *, actor: Actor, now: datetime
) -> Category:
    """Keep ``details``. Its slug stays: segments and issues know it by that."""
    category = find(session, slug)
    if found := problems(session, details, category):
        raise BadDetails(found)
    values = _values(details)
    changed = [name for name, value in values.items() if getattr(category, name) != value]
    for name in changed:
        setattr(category, name, values[name])
    if changed:
        session.flush()
        audit.write(
            session,
            "category changed",
            _KIND,
            category.id,
            actor=actor,
            now=now,
            changed=sorted(changed),
        )
    return category


def move(session: Session, slug: str, *, up: bool, actor: Actor, now: datetime) -> Category:
    """One place up or down."""
    session.execute(select(Category.id).order_by(Category.id).with_for_update())
    category, rows = find(session, slug), listing(session)
    place = ordering.move(rows, category, up=up)
    if place is not None:
        session.flush()
        audit.write(session, "category moved", _KIND, category.id, actor=actor, now=now, to=place)
    return category


def remove(session: Session, slug: str, *, actor: Actor, now: datetime) -> str:
    """Remove one that nobody holds; its name. InUse says who does."""
    category = session.scalar(select(Category).where(Category.slug == slug).with_for_update())
    if category is None:
        raise UnknownRecord("There is no such category.")
    by = held(session, category)
    if by.organisations or by.people:
        raise InUse(
            f"{category.name} is held by {by.organisations:,} organisations and {by.people:,} "
            "people: give them another category first."
        )
    session.delete(category)
    session.flush()
    audit.write(
        session, "category removed", _KIND, category.id, actor=actor, now=now, name=category.name
    )
    return category.name


def _values(details: CategoryDetails) -> dict[str, str | Holders]:
    return {
        "name": " ".join(details.name.split()),
        "description": details.description.strip(),
        "held_by": Holders(details.held_by),
    }


def _free_slug(rows: Sequence[Category], wanted: str) -> str:
    taken = {each.slug for each in rows} | {"new"}  # which is the page of a new one
    slug, number = wanted, 2
    while slug in taken:
        slug, number = f"{wanted}-{number}", number + 1
    return slug
