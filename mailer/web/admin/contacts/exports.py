"""What people take away as a spreadsheet: everybody, and the do-not-email list."""

import io
from collections.abc import Callable, Iterator
from typing import TextIO

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from contacts.database import Database
from contacts.exporting.csv import write_csv, write_do_not_email
from mailer.models import Power
from mailer.web.policy import policy
from mailer.web.transactions import this_mailer

blueprint = Blueprint("exports", __name__, url_prefix="/contacts/export")
Writing = Callable[[Session, TextIO], Iterator[int]]


@blueprint.get("/people.csv")
@policy(Power.EDITOR)
def people() -> Response:
    """Everybody, with where they stand; an import reads it back."""
    return download(write_csv, "people.csv")


@blueprint.get("/do-not-email.csv")
@policy(Power.EDITOR)
def do_not_email() -> Response:
    """Every address that gets nothing, and why."""
    return download(write_do_not_email, "do-not-email.csv")


def download(write: Writing, filename: str) -> Response:
    """What is written, sent as it is being written, as a file to keep."""
    return Response(
        _streamed(this_mailer().database, write),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


def _streamed(database: Database, write: Writing) -> Iterator[str]:
    # A transaction of its own: that of the request ends before the first row is sent.
    with database.reading() as session:
        held = io.StringIO(newline="")
        for _ in write(session, held):
            yield held.getvalue()
            held.seek(0)
            held.truncate()
        yield held.getvalue()
