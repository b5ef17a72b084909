"""Everybody with what is known of them, a page at a time, as plain values and no objects.

A row has labels as the numbers of a person's roles and tags, and of newsletters with where the
person stands, each gathered by the database.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, String, Subquery, case, cast, func, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased
from sqlalchemy.types import NullType

from contacts.bulk import among
from contacts.models import (
    Category,
    Contact,
    Organisation,
    Subscription,
    Suppression,
    contact_roles,
    contact_tags,
)

# Name, first and last name, address, organisation, category; the numbers of roles, of tags, of
# newsletters with the standing; why, when and with which detail the address gets nothing.
Row: TypeAlias = Sequence[Any]
BETWEEN: Final = ","
STANDS: Final = ":"
_LAST: Final = 2**63 - 1


def pages(
    session: Session, *, size: int, only: Collection[int] | None = None
) -> Iterator[Sequence[Row]]:
    """Everybody in the order of their numbers, or those of ``only``; ``size`` at once."""
    numbers = select(Contact.id).order_by(Contact.id).offset(size - 1).limit(1)
    if only is not None:
        numbers = numbers.where(among(session, Contact.id, only))
    last = 0
    while True:
        end = session.scalar(numbers.where(Contact.id > last)) or _LAST
        if page := _page(session, last + 1, end, only):
            yield page
        if end == _LAST:
            return
        last = end


def _page(session: Session, first: int, last: int, only: Collection[int] | None) -> Sequence[Row]:
    own, theirs = aliased(Category), aliased(Category)
    roles = _gathered(contact_roles.c.contact_id, _text(contact_roles.c.role_id), first, last)
    tags = _gathered(contact_tags.c.contact_id, _text(contact_tags.c.tag_id), first, last)
    status = type_coerce(Subscription.status, String())
    stands = _text(Subscription.newsletter_id) + STANDS + status
    standing = _gathered(Subscription.contact_id, stands, first, last)
    columns = (
        select(
            Contact.name,
            Contact.first_name,
            Contact.last_name,
            func.coalesce(Contact.email, ""),
            func.coalesce(Organisation.name, ""),
            # A person's own category counts only where there is no organisation.
            case(
                (Contact.organisation_id.is_(None), func.coalesce(own.name, "")),
                else_=func.coalesce(theirs.name, ""),
            ),
            roles.c.held,
            tags.c.held,
            standing.c.held,
            type_coerce(Suppression.reason, String()),
            # As the driver gives it: reading a moment for each row that has none takes a second.
            type_coerce(Suppression.at, NullType()),
            Suppression.detail,
        )
        .outerjoin(Suppression, Suppression.address_key == Contact.address_key)
        .outerjoin(Organisation, Organisation.id == Contact.organisation_id)
        .outerjoin(theirs, theirs.id == Organisation.category_id)
        .outerjoin(own, own.id == Contact.own_category_id)
        .outerjoin(roles, roles.c.contact_id == Contact.id)
        .outerjoin(tags, tags.c.contact_id == Contact.id)
        .outerjoin(standing, standing.c.contact_id == Contact.id)
        .where(Contact.id.between(first, last))
        .order_by(Contact.id)
    )
    if only is not None:
        columns = columns.where(among(session, Contact.id, only))
    # By the connection: the session would make every row a second time.
    return session.connection().execute(columns).all()


def _text(number: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[str]:
    return cast(number, String())


def _gathered(
    contact_id: ColumnElement[int] | InstrumentedAttribute[int],
    each: ColumnElement[str],
    first: int,
    last: int,
) -> Subquery:
    """What each person of a page has, in one value; in no order."""
    return (
        select(contact_id.label("contact_id"), func.aggregate_strings(each, BETWEEN).label("held"))
        .where(contact_id.between(first, last))
        .group_by(contact_id)
        .subquery()
    )
