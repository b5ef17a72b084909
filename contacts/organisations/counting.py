"""How many organisations there are of each category."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contacts.models import Category, Organisation


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """A category by its slug and name, and how many organisations are of it."""

    slug: str
    name: str
    number: int


def members_by_category(session: Session) -> list[CategoryCount]:
    """Every category, in their order."""
    number = func.count(Organisation.id)
    query = (
        select(Category.slug, Category.name, number)
        .outerjoin(Organisation, Organisation.category_id == Category.id)
        .group_by(Category.id, Category.slug, Category.name, Category.position)
        .order_by(Category.position)
    )
    return [CategoryCount(*row) for row in session.execute(query)]
