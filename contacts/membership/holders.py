"""Who holds a category of membership, and who may."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from contacts.models import Category, Contact, Holders, Organisation


@dataclass(frozen=True, slots=True)
class Held:
    """How many hold a category: organisations, and people who have none."""

    organisations: int
    people: int


def held(session: Session, category: Category) -> Held:
    """How many hold it."""
    through = _number(session, Organisation, Organisation.category_id == category.id)
    return Held(through, _number(session, Contact, Contact.own_category_id == category.id))


def misfit(category: Category | None, *, of_organisation: bool) -> str:
    """Why an organisation, or a person without one, can't hold it, in a sentence; "" if it can."""
    if category is None or category.held_by is Holders.BOTH:
        return ""
    if (category.held_by is Holders.ORGANISATIONS) is of_organisation:
        return ""
    return f"{category.name} is for {category.held_by} only. Choose another category."


def in_the_way(session: Session, category: Category, wanted: Holders) -> list[tuple[str, str]]:
    """Why ``wanted`` can't be who may hold it from now on: field and sentence."""
    by = held(session, category)
    if wanted is Holders.PEOPLE and by.organisations:
        number, who = by.organisations, "organisations"
    elif wanted is Holders.ORGANISATIONS and by.people:
        number, who = by.people, "people without an organisation"
    else:
        return []
    return [("held_by", f"{number:,} {who} hold it: give them another category first.")]


def _number(
    session: Session, kind: type[Contact] | type[Organisation], holds: ColumnElement[bool]
) -> int:
    return session.scalar(select(func.count()).select_from(kind).where(holds)) or 0
