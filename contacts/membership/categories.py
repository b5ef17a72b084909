"""The categories of membership: those that ship, and whatever others there are."""

from typing import Any

from sqlalchemy import ColumnElement, case, select
from sqlalchemy.orm import Session

from contacts.models import Category, Contact, Organisation

CATEGORIES = (
    ("full", "Full", "Councils: a vote, Policy Lab funding and the consultancy framework."),
    ("associate", "Associate", "Smaller councils, opposition groups and governments elsewhere."),
    ("affiliate", "Affiliate", "Non-governmental organisations and companies."),
    ("supporter", "Supporter", "People and organisations who wish to show support."),
)


def ensure_categories(session: Session) -> dict[str, Category]:
    """The four categories that ship, by slug, and whatever others there are."""
    known = {category.slug: category for category in session.scalars(select(Category))}
    for position, (slug, name, description) in enumerate(CATEGORIES):
        if slug not in known:
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
