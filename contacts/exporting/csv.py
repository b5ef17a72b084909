"""Everybody as CSV, for spreadsheets and for other programs; an import reads it back unchanged.

A spreadsheet takes a cell that begins with = + - @ for a formula (OWASP, CSV Injection): such
cells get an apostrophe, and every cell stands in quotation marks, so that no other separator can
split it. Importing takes the apostrophe off again.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TextIO

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased

from contacts.models import Category, Contact, Organisation, Role, Tag, contact_roles, contact_tags

COLUMNS: Final = ("name", "email", "organisation", "category", "roles", "tags")
_PAGE: Final = 5_000
# Full-width signs too, since spreadsheets fold them; apostrophes in front, so that one is added
# where one was: what comes back is what went out.
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def guarded(cell: str) -> str:
    """A cell that no spreadsheet runs."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def write_csv(session: Session, file: TextIO) -> Iterator[int]:
    """Write everybody to ``file``, a page at a time, saying how many rows stand in it."""
    csv.writer(file).writerow(COLUMNS)
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    done = 0
    for page in _pages(session):
        writer.writerows([guarded(cell) for cell in row] for row in page)
        done += len(page)
        yield done


def _pages(session: Session) -> Iterator[list[Sequence[str]]]:
    own, theirs = aliased(Category), aliased(Category)
    columns = (
        select(
            Contact.id,
            Contact.name,
            func.coalesce(Contact.email, ""),
            func.coalesce(Organisation.name, ""),
            # A person's own category counts only where there is no organisation.
            case(
                (Contact.organisation_id.is_(None), func.coalesce(own.name, "")),
                else_=func.coalesce(theirs.name, ""),
            ),
        )
        .outerjoin(Organisation, Organisation.id == Contact.organisation_id)
        .outerjoin(theirs, theirs.id == Organisation.category_id)
        .outerjoin(own, own.id == Contact.own_category_id)
        .order_by(Contact.id)
        .limit(_PAGE)
    )
    last = 0
    while page := session.execute(columns.where(Contact.id > last)).all():
        among = (page[0][0], page[-1][0])
        roles = _labels(
            session.execute(
                select(contact_roles.c.contact_id, Role.name)
                .join(Role, Role.id == contact_roles.c.role_id)
                .where(contact_roles.c.contact_id.between(*among))
                .order_by(Role.slug)
            )
        )
        tags = _labels(
            session.execute(
                select(contact_tags.c.contact_id, Tag.name)
                .join(Tag, Tag.id == contact_tags.c.tag_id)
                .where(contact_tags.c.contact_id.between(*among))
                .order_by(Tag.slug)
            )
        )
        yield [
            (
                name,
                email,
                organisation,
                category,
                "; ".join(roles.get(number, ())),
                "; ".join(tags.get(number, ())),
            )
            for number, name, email, organisation, category in page
        ]
        last = page[-1][0]


def _labels(rows: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for number, name in rows:
        found[number].append(name)
    return found
