"""Importing a file of people: upload, match its columns, import, see what came of every row."""

import csv
import io
import tempfile
from pathlib import Path

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from contacts import importing
from contacts.errors import ContactsError, UnknownRecord
from contacts.exporting import guarded
from contacts.importing import NOTES, REASONS, WORDS, Field
from contacts.models import Import, ImportProblem, ImportStatus, Newsletter
from mailer.models import Power
from mailer.web.policy import policy
from mailer.web.transactions import session, this_mailer

blueprint = Blueprint("imports", __name__, url_prefix="/contacts/import")
_SHOWN = 100


@blueprint.get("/")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """The form for a file, and the files there have been."""
    return _start()


@blueprint.post("/")
@policy(Power.EDITOR)
def upload() -> ResponseReturnValue:
    """Keep the file as it is and look at it; a file that cannot be read changes nothing."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _start([("file", "Choose a file first.")]), 422
    with tempfile.NamedTemporaryFile(dir=this_mailer().settings.data_dir) as received:
        sent.save(received)
        received.flush()
        try:
            looked_at = importing.preview(Path(received.name))
            kept = importing.keep(Path(received.name), this_mailer().settings.uploads_dir)
            looked_at = importing.preview(kept)
            record = importing.prepare(
                session(),
                looked_at.sheet,
                filename=sent.filename,
                columns=looked_at.columns,
                now=this_mailer().clock(),
            )
        except ContactsError as error:
            return _start([("file", str(error))]), 422
    return redirect(url_for("imports.match", import_id=record.id))


@blueprint.get("/<int:import_id>/columns")
@policy(Power.EDITOR)
def match(import_id: int) -> ResponseReturnValue:
    """Which column goes where, and why these people may be written to."""
    record = _record(import_id)
    if record.status is not ImportStatus.CHECKING:
        return redirect(url_for("imports.show", import_id=import_id))
    return _columns(record)


@blueprint.post("/<int:import_id>/columns")
@policy(Power.EDITOR)
def begin(import_id: int) -> ResponseReturnValue:
    """Let a worker take it in."""
    record = _record(import_id)
    chosen = {
        int(name.removeprefix("column-")): Field(value)
        for name, value in request.form.items()
        if name.startswith("column-") and value in set(Field)
    }
    newsletter_id = request.form.get("newsletter", type=int)
    try:
        importing.settle(
            record,
            columns=chosen,
            newsletter_id=newsletter_id,
            basis=request.form.get("basis", ""),
        )
    except ContactsError as error:
        return _columns(record, [("basis" if newsletter_id else "", str(error))]), 422
    importing.start(session(), import_id)
    return redirect(url_for("imports.show", import_id=import_id))


@blueprint.get("/<int:import_id>")
@policy(Power.VIEWER)
def show(import_id: int) -> ResponseReturnValue:
    """How far it is, then what came of every row."""
    record = _record(import_id)
    if record.status is ImportStatus.CHECKING:
        return redirect(url_for("imports.match", import_id=import_id))
    return render_template(
        "admin/import.html",
        record=record,
        result=importing.result_of(session(), import_id, problems=_SHOWN),
        reasons=REASONS,
        notes=NOTES,
        live=record.status is ImportStatus.RUNNING,
    )


@blueprint.get("/<int:import_id>/to-fix.csv")
@policy(Power.EDITOR)
def to_fix(import_id: int) -> ResponseReturnValue:
    """The rows that were left out and why, for a spreadsheet."""
    _record(import_id)
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow(["Row", "Column", "What stands there", "What to do"])
    found = select(
        ImportProblem.row, ImportProblem.column, ImportProblem.value, ImportProblem.message
    ).where(ImportProblem.import_id == import_id)
    for row, *cells in session().execute(found.order_by(ImportProblem.row)):
        writer.writerow([row, *(guarded(cell) for cell in cells)])
    return Response(
        written.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="import-{import_id}-to-fix.csv"'},
    )


def _start(problems: list[tuple[str, str]] | None = None) -> str:
    past = session().scalars(select(Import).order_by(Import.id.desc()).limit(30)).all()
    return render_template(
        "admin/imports.html", past=past, problems=problems or [], failed=bool(problems)
    )


def _columns(record: Import, problems: list[tuple[str, str]] | None = None) -> str:
    looked_at = importing.preview(Path(record.path))
    sheet = looked_at.sheet
    rows = [
        (
            place,
            name or f"Column {place + 1}",
            "; ".join(row[place] for row in sheet.first if place < len(row) and row[place])[:120],
            request.form.get(f"column-{place}", looked_at.columns.get(place, "")),
        )
        for place, name in enumerate(sheet.header)
    ]
    return render_template(
        "admin/import_columns.html",
        record=record,
        sheet=sheet,
        rows=rows,
        fields=[("", "Don’t import"), *((field.value, words) for field, words in WORDS.items())],
        newsletters=session().scalars(select(Newsletter).order_by(Newsletter.position)).all(),
        newsletter=request.form.get("newsletter", ""),
        basis=request.form.get("basis", ""),
        problems=problems or [],
        failed=bool(problems),
    )


def _record(import_id: int) -> Import:
    found = session().get(Import, import_id)
    if found is None:
        raise UnknownRecord("There is no such import.")
    return found
