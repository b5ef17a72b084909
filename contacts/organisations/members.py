"""The organisations that are members, as anybody may know them."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contacts.models import Category, Organisation


def members(
    session: Session, *, page: int, per_page: int
) -> tuple[Sequence[tuple[Organisation, Category]], int]:
    """One page of the organisations that are members, by category and name; how many there are.
    Of people nothing is said."""
    is_member = Organisation.category_id.is_not(None)
    total = session.scalar(select(func.count()).select_from(Organisation).where(is_member)) or 0
    rows = session.execute(
        select(Organisation, Category)
        .join(Category, Category.id == Organisation.category_id)
        .order_by(Category.position, Category.id, Organisation.name_key)
        .offset((page - 1) * per_page)
        .limit(per_page)
    )
    return [(organisation, category) for organisation, category in rows], total
