"""Everybody as CSV, for spreadsheets and for other programs; an import reads it back unchanged.

A row says where a person stands with each newsletter, and whether, why and since when their address
is on do-not-email. A spreadsheet takes a cell that begins with = + - @ for a formula (OWASP, CSV
Injection): such cells get an apostrophe, and every cell stands in quotation marks, so that no other
separator can split it. Importing takes the apostrophe off again. The file begins with a mark, as
Excel takes one without for Windows-1252.
"""

import csv
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, TextIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.exporting.people import BETWEEN, STANDS, Row, pages
from contacts.models import Newsletter, Role, Suppression, Tag
from contacts.names import label_key

COLUMNS: Final = (
    *("name", "first_name", "last_name", "email", "organisation", "category", "roles", "tags"),
)
STOPPED: Final = ("do_not_email", "do_not_email_at", "do_not_email_detail")
MARK: Final = "\ufeff"
_PAGE: Final = 10_000
# Full-width signs too, since spreadsheets fold them; apostrophes in front, so that one is added
# where one was: what comes back is what went out.
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
# The same at the beginning of any cell of a line, each of which opens with a quotation mark.
_FORMULAS: Final = re.compile(f'"{_FORMULA.pattern}')
_BLANK: Final = '"","",""'


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
    numbers = [str(number) for number, _ in newsletters]
    done = 0
    for page in pages(session, size=_PAGE, only=only):
        file.write("".join(_lines(session, page, numbers)))
        done += len(page)
        yield done


def write_do_not_email(session: Session, file: TextIO) -> Iterator[int]:
    """The same of the do-not-email list, whose addresses may belong to nobody here."""
    file.write(MARK)
    csv.writer(file).writerow(["email", *STOPPED])
    last = done = 0
    columns = (
        select(
            Suppression.id,
            Suppression.address_key,
            Suppression.reason,
            Suppression.at,
            Suppression.detail,
        )
        .order_by(Suppression.id)
        .limit(_PAGE)
    )
    while page := session.execute(columns.where(Suppression.id > last)).all():
        file.write(
            "".join(
                f"{_quoted([key])},{_quoted(_stopped(reason, at, detail))}\r\n"
                for _, key, reason, at, detail in page
            )
        )
        last = page[-1][0]
        done += len(page)
        yield done


def _lines(session: Session, page: Sequence[Row], newsletters: Sequence[str]) -> Iterator[str]:
    """The lines of a page. What many people share, such as roles, becomes text once a page."""
    role_names = _names(session, Role, (row[6] for row in page))
    tag_names = _names(session, Tag, (row[7] for row in page))
    roles = _cells((row[6] for row in page), lambda held: [_joined(_of(held, role_names), ";|\n")])
    tags = _cells((row[7] for row in page), lambda held: [_joined(_of(held, tag_names), ";|,\n")])
    stands = _cells((row[8] for row in page), lambda held: _standing(held, newsletters))
    between = "," if newsletters else ""
    for name, first, last, email, place, category, role, tag, standing, reason, at, detail in page:
        person = f'"{name}","{first}","{last}","{email}","{place}","{category}"'
        # One look at the row: most have nothing in them that has to be written in another way.
        if person.count('"') != 12 or _FORMULAS.search(person):
            person = _quoted((name, first, last, email, place, category))
        stopped = _quoted(_stopped(reason, at, detail)) if reason else _BLANK
        yield f"{person},{roles[role]},{tags[tag]},{stands[standing]}{between}{stopped}\r\n"


def _quoted(cells: Iterable[str]) -> str:
    return ",".join('"' + guarded(cell).replace('"', '""') + '"' for cell in cells)


def _stopped(reason: str, at: datetime | str, detail: str) -> tuple[str, str, str]:
    if isinstance(at, str):  # SQLite keeps a moment without its zone
        at = datetime.fromisoformat(at).replace(tzinfo=UTC)
    return str(reason), at.isoformat(), detail


def _cells(
    held: Iterable[str | None], written: Callable[[str], Sequence[str]]
) -> dict[str | None, str]:
    """The cells of each value that there is."""
    return {each: _quoted(written(each or "")) for each in set(held)}


def _standing(held: str, newsletters: Sequence[str]) -> list[str]:
    standing = dict(each.split(STANDS) for each in held.split(BETWEEN)) if held else {}
    return [standing.get(number, "") for number in newsletters]


def _names(
    session: Session, kind: type[Role] | type[Tag], held: Iterable[str | None]
) -> dict[str, str]:
    """The labels that anybody holds, in their order; asked after the people who hold them."""
    if not any(held):
        return {}
    named = session.execute(select(kind.id, kind.name).order_by(kind.slug)).all()
    return {str(number): name for number, name in named}


def _of(held: str, names: dict[str, str]) -> list[str]:
    mine = set(held.split(BETWEEN)) if held else set()
    return [name for number, name in names.items() if number in mine]


def _joined(labels: Iterable[str], separators: str) -> str:
    """Labels in one cell; what holds a separator or a quotation mark is quoted, as in CSV."""
    return "; ".join(
        '"' + label.replace('"', '""') + '"'
        if any(sign in label for sign in (*separators, '"', ":::"))
        else label
        for label in sorted(labels, key=label_key)
    )
