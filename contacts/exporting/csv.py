"""Everybody as CSV, for spreadsheets and for other programs; an import reads it back unchanged.

A row says where a person stands with each newsletter, and whether, why and since when their address
is on do-not-email. A spreadsheet takes a cell that begins with = + - @ for a formula (OWASP, CSV
Injection): such cells get an apostrophe, and every cell stands in quotation marks, so that no other
separator can split it. Importing takes the apostrophe off again. The file begins with a mark, as
Excel takes one without for Windows-1252.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final, TextIO

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased

from contacts.bulk import among
from contacts.models import (
    Category,
    Contact,
    Newsletter,
    Organisation,
    Role,
    Subscription,
    Suppression,
    Tag,
    contact_roles,
    contact_tags,
)
from contacts.names import label_key

COLUMNS: Final = (
    *("name", "first_name", "last_name", "email", "organisation", "category", "roles", "tags"),
)
STOPPED: Final = ("do_not_email", "do_not_email_at", "do_not_email_detail")
MARK: Final = "\ufeff"
_PAGE: Final = 5_000
# Full-width signs too, since spreadsheets fold them; apostrophes in front, so that one is added
# where one was: what comes back is what went out.
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def guarded(cell: str) -> str:
    """A cell that no spreadsheet runs."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def write_csv(
    session: Session, file: TextIO, *, only: Collection[int] | None = None
) -> Iterator[int]:
    """Write everybody to ``file``, a page at a time, saying how many rows stand in it.

    ``only`` are the ids of those who are wanted, where not everybody is.
    """
    newsletters = session.execute(
        select(Newsletter.id, Newsletter.slug).order_by(Newsletter.position, Newsletter.id)
    ).all()
    about = [f"newsletter: {slug}" for _, slug in newsletters]
    file.write(MARK)
    csv.writer(file).writerow([*COLUMNS, *about, *STOPPED])
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    done = 0
    for page in _pages(session, [number for number, _ in newsletters], only):
        writer.writerows([guarded(cell) for cell in row] for row in page)
        done += len(page)
        yield done


def write_do_not_email(session: Session, file: TextIO) -> Iterator[int]:
    """The same of the do-not-email list, whose addresses may belong to nobody here."""
    file.write(MARK)
    csv.writer(file).writerow(["email", *STOPPED])
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    last = done = 0
    columns = select(Suppression).order_by(Suppression.id).limit(_PAGE)
    while page := session.scalars(columns.where(Suppression.id > last)).all():
        writer.writerows(
            [guarded(cell) for cell in (each.address_key, *_stopped(each))] for each in page
        )
        last = page[-1].id
        done += len(page)
        yield done


def _stopped(held: Suppression | None) -> tuple[str, str, str]:
    return (held.reason.value, held.at.isoformat(), held.detail) if held else ("", "", "")


def _pages(
    session: Session, newsletters: Sequence[int], only: Collection[int] | None
) -> Iterator[list[Sequence[str]]]:
    own, theirs = aliased(Category), aliased(Category)
    columns = (
        select(
            Contact.id,
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
            Suppression,
        )
        .outerjoin(Suppression, Suppression.address_key == Contact.address_key)
        .outerjoin(Organisation, Organisation.id == Contact.organisation_id)
        .outerjoin(theirs, theirs.id == Organisation.category_id)
        .outerjoin(own, own.id == Contact.own_category_id)
        .order_by(Contact.id)
        .limit(_PAGE)
    )
    if only is not None:
        columns = columns.where(among(session, Contact.id, only))
    last = 0
    while page := session.execute(columns.where(Contact.id > last)).all():
        within = (page[0][0], page[-1][0])
        roles = _labels(
            session.execute(
                select(contact_roles.c.contact_id, Role.name)
                .join(Role, Role.id == contact_roles.c.role_id)
                .where(contact_roles.c.contact_id.between(*within))
                .order_by(Role.slug)
            )
        )
        tags = _labels(
            session.execute(
                select(contact_tags.c.contact_id, Tag.name)
                .join(Tag, Tag.id == contact_tags.c.tag_id)
                .where(contact_tags.c.contact_id.between(*within))
                .order_by(Tag.slug)
            )
        )
        standing = {
            (number, newsletter_id): status.value
            for number, newsletter_id, status in session.execute(
                select(
                    Subscription.contact_id, Subscription.newsletter_id, Subscription.status
                ).where(Subscription.contact_id.between(*within))
            )
        }
        yield [
            (
                *facts,
                _joined(roles.get(number, ()), ";|\n"),
                _joined(tags.get(number, ()), ";|,\n"),
                *(standing.get((number, each), "") for each in newsletters),
                *_stopped(held),
            )
            for number, *facts, held in page
        ]
        last = page[-1][0]


def _joined(labels: Iterable[str], separators: str) -> str:
    """Labels in one cell; what holds a separator or a quotation mark is quoted, as in CSV."""
    return "; ".join(
        '"' + label.replace('"', '""') + '"'
        if any(sign in label for sign in (*separators, '"', ":::"))
        else label
        for label in sorted(labels, key=label_key)
    )


def _labels(rows: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for number, name in rows:
        found[number].append(name)
    return found
