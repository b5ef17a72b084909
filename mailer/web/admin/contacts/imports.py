"""Importing a file of people: upload, match its columns, check, import, see what came of it.

The views that read a file hold no writing transaction while they do: it may be a long one.
"""

import csv
import io
import re
import tempfile
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from contacts import importing
from contacts.errors import BadFile, ContactsError, UnknownRecord
from contacts.importing import DOUBTS, NOTES, REASONS, WORDS, ColumnField, Doubt, Question
from contacts.importing.leftovers import UPLOAD
from contacts.models import Import, ImportStatus, Newsletter
from mailer.models import Power
from mailer.operations import readiness
from mailer.web import forms
from mailer.web.admin.contacts.answers import (
    MEANINGS,
    answer_name,
    answers_posted,
    doubt_name,
    doubts_accepted,
    unanswered_words,
)
from mailer.web.front import bounds
from mailer.web.policy import may, policy
from mailer.web.transactions import reading, session, this_mailer, write_from_now_on

blueprint = Blueprint("imports", __name__, url_prefix="/contacts/import")
_COLUMN = re.compile(r"column-[0-9]{1,4}")
_SHOWN = 100
_LINE = 120  # characters
_LOOK = 1.0  # seconds; a worker reads the whole file
_CHECKED = 10_000  # rows looked at before the import; the rest are checked as they are taken in


@dataclass(frozen=True, slots=True)
class _Settled:
    newsletter: int | None = None
    basis: str = forms.text(longest=2_000)
    kind: str = forms.choice("people", "do-not-email")
    newer: bool = False


@dataclass(frozen=True, slots=True)
class _Encoding:
    encoding: str = forms.choice(*importing.ENCODINGS)


@blueprint.get("/")
@policy(Power.VIEWER)
def show_all() -> ResponseReturnValue:
    """The form for a file, and the files there have been."""
    return _start()


@blueprint.post("/")
@policy(Power.EDITOR)
@bounds.largest(bounds.LARGEST)
@reading
def upload() -> ResponseReturnValue:
    """Keep the file as it is and look at it; a file that cannot be read changes nothing."""
    here = this_mailer()
    sent, filename = forms.upload("file")
    if sent is None:
        return _start([("file", "Choose a file first.")]), 422
    with tempfile.NamedTemporaryFile(dir=here.settings.data_dir, prefix=UPLOAD) as received:
        sent.save(received)
        received.flush()
        try:
            found = importing.preview(Path(received.name), within=_LOOK)
            kept = importing.keep(Path(received.name), here.settings.uploads_dir)
        except BadFile as error:
            return _start([("file", str(error))]), 422
    with here.database.writing() as writing:
        record = importing.prepare(
            writing,
            replace(found.sheet, path=kept),
            filename=filename,
            columns=found.columns,
            now=here.clock(),
        )
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
@reading
def settle(import_id: int) -> ResponseReturnValue:
    """Keep what goes where and what is meant, then check the file."""
    record = _record(import_id)
    if record.status is not ImportStatus.CHECKING:
        return redirect(url_for("imports.show", import_id=import_id))
    chosen = {
        int(name.removeprefix("column-")): ColumnField(value)
        for name, value in forms.posted().items()
        if _COLUMN.fullmatch(name) and value in set(ColumnField)
    }
    form, problems = forms.read(_Settled)
    if problems:
        return _columns(record, problems), 422
    if form.newsletter is not None and session().get(Newsletter, form.newsletter) is None:
        return _columns(record, [("newsletter", "Choose a newsletter of the list.")]), 422
    choices = importing.FileChoices(as_do_not_email=form.kind == "do-not-email", newer=form.newer)
    asked = _questions(record, chosen, choices)
    answers, accepted = answers_posted(asked), doubts_accepted()
    unanswered = [each for each in asked if not answers.get(each.place, {}).get(each.value)]
    said = [(answer_name(each), unanswered_words(each)) for each in unanswered]
    choices = replace(choices, answers=answers, accepted=accepted)
    doubted = _doubts(record, chosen, choices, subscribes=form.newsletter is not None)
    said += [(doubt_name(each), DOUBTS[each]) for each in doubted]
    if said:
        return _columns(record, said, asked=asked), 422
    write_from_now_on()
    record = _record(import_id)
    said = _keep(record, form, chosen, choices)
    if said:
        return _columns(record, said, asked=asked), 422
    return redirect(url_for("imports.check", import_id=import_id))


def _keep(
    record: Import,
    form: _Settled,
    columns: dict[int, ColumnField],
    choices: importing.FileChoices,
) -> list[tuple[str, str]]:
    """Settle the import; what is wrong instead, beside the field where it can be mended."""
    try:
        importing.settle(
            session(),
            record,
            columns=columns,
            newsletter_id=form.newsletter,
            basis=form.basis,
            choices=choices,
        )
    except BadFile as error:
        return [("column-0", str(error))]
    except ContactsError as error:
        return [("basis", str(error))]
    return []


@blueprint.post("/<int:import_id>/encoding")
@policy(Power.EDITOR)
@reading
def encoding(import_id: int) -> ResponseReturnValue:
    """Read the file in another encoding than the one that was guessed."""
    record = _record(import_id)
    if record.status is not ImportStatus.CHECKING:
        return redirect(url_for("imports.show", import_id=import_id))
    form, _ = forms.read(_Encoding)
    try:
        found = importing.preview(Path(record.path), within=_LOOK, encoding=form.encoding)
    except BadFile as error:
        return _columns(record, [("encoding", str(error))]), 422
    write_from_now_on()
    importing.read_again(_record(import_id), found)
    return redirect(url_for("imports.match", import_id=import_id))


@blueprint.get("/<int:import_id>/check")
@policy(Power.EDITOR)
def check(import_id: int) -> ResponseReturnValue:
    """What the import would come to, found by doing it and taking it back."""
    record = _record(import_id)
    if record.status is not ImportStatus.CHECKING:
        return redirect(url_for("imports.show", import_id=import_id))
    found = importing.look_again(record)
    result = importing.rehearse(
        this_mailer().database,
        found.sheet,
        columns=found.columns,
        newsletter_id=record.newsletter_id,
        basis=record.basis,
        choices=importing.choices_of(record),
        problems=_SHOWN,
        most=_CHECKED,
        within=_LOOK,
        clock=this_mailer().clock,
    )
    return render_template(
        "admin/contacts/import_check.html",
        record=record,
        result=result,
        reasons=REASONS,
        notes=NOTES,
        choices=importing.choices_of(record),
        rows=found.sheet.rows,
        counted=found.sheet.counted,
        newsletter=session().get(Newsletter, record.newsletter_id or 0),
    )


@blueprint.post("/<int:import_id>/check")
@policy(Power.EDITOR)
def begin(import_id: int) -> ResponseReturnValue:
    """Let a worker take it in."""
    if not importing.start(session(), import_id):
        flash("This import has been started already.", "warning")
    return redirect(url_for("imports.show", import_id=import_id))


@blueprint.get("/<int:import_id>")
@policy(Power.VIEWER)
def show(import_id: int) -> ResponseReturnValue:
    """How far it is, then what came of every row."""
    record = _record(import_id)
    if record.status is ImportStatus.CHECKING:
        return redirect(url_for("imports.match", import_id=import_id))
    here, live = this_mailer(), record.status is ImportStatus.RUNNING
    return render_template(
        "admin/contacts/import.html",
        record=record,
        result=importing.result_of(session(), import_id, problems=_SHOWN),
        reasons=REASONS,
        notes=NOTES,
        live=live,
        edits=may(Power.EDITOR),
        waits_for_room=live and readiness.host_state(here.settings, now=here.clock()).is_full,
    )


@blueprint.get("/<int:import_id>/to-fix.csv")
@policy(Power.EDITOR)
def to_fix(import_id: int) -> ResponseReturnValue:
    """The rows that were left out and why, to be mended in a spreadsheet and uploaded again."""
    found = importing.rows_to_fix(session(), import_id)
    return Response(
        _as_csv(found),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="import-{import_id}-to-fix.csv"'},
    )


def _as_csv(rows: Iterator[list[str]]) -> Iterator[str]:
    yield "\ufeff"  # Excel takes a file without a mark for Windows-1252
    for row in rows:
        line = io.StringIO()
        csv.writer(line, quoting=csv.QUOTE_ALL).writerow(row)
        yield line.getvalue()


def _start(problems: list[tuple[str, str]] | None = None) -> str:
    past = session().scalars(select(Import).order_by(Import.id.desc()).limit(30)).all()
    return render_template(
        "admin/contacts/imports.html",
        past=past,
        edits=may(Power.EDITOR),
        problems=problems or [],
        failed=bool(problems),
    )


def _questions(
    record: Import, columns: dict[int, ColumnField], choices: importing.FileChoices
) -> list[Question]:
    found = importing.look_again(record)
    width = len(found.sheet.header)
    inside = {place: field for place, field in columns.items() if place < width}
    return importing.questions(found, columns=inside, choices=choices, within=_LOOK)


def _doubts(
    record: Import,
    columns: dict[int, ColumnField],
    choices: importing.FileChoices,
    *,
    subscribes: bool,
) -> list[Doubt]:
    return importing.doubts(
        importing.look_again(record),
        columns=columns,
        choices=choices,
        filename=record.filename,
        subscribes=subscribes,
        within=_LOOK,
    )


def _columns(
    record: Import,
    problems: list[tuple[str, str]] | None = None,
    *,
    asked: list[Question] | None = None,
) -> str:
    found = importing.look_again(record)
    sheet, kept = found.sheet, importing.choices_of(record)
    if asked is None:
        asked = importing.questions(
            found, columns=found.columns, choices=importing.FileChoices(), within=_LOOK
        )
    errors = dict(problems or [])
    accepted = doubts_accepted() if request.method == "POST" else kept.accepted
    fresh = importing.FileChoices()
    doubted = (
        _doubts(record, found.columns, fresh, subscribes=True) if request.method == "GET" else []
    )
    typed = forms.read(_Settled)[0] if request.method == "POST" else None
    rows = [
        (
            place,
            name or f"Column {place + 1}",
            _first_values(row[place] for row in sheet.first if place < len(row)),
            forms.posted().get(f"column-{place}", found.columns.get(place, "")),
        )
        for place, name in enumerate(sheet.header)
    ]
    return render_template(
        "admin/contacts/import_columns.html",
        record=record,
        sheet=sheet,
        rows=rows,
        before=_before(record),
        accents=sheet.accents,
        encodings=importing.ENCODINGS.items(),
        fields=[("", "Don’t import"), *((field.value, words) for field, words in WORDS.items())],
        newsletters=session().scalars(select(Newsletter).order_by(Newsletter.position)).all(),
        newsletter=str((typed.newsletter if typed else record.newsletter_id) or ""),
        basis=typed.basis if typed else record.basis or "",
        kind=typed.kind if typed else "do-not-email" if kept.as_do_not_email else "people",
        newer=typed.newer if typed else kept.newer,
        questions=[
            (
                answer_name(each),
                each,
                forms.posted().get(answer_name(each))
                or kept.answers.get(each.place, {}).get(each.value, ""),
                errors.get(answer_name(each), ""),
            )
            for each in asked
        ],
        meanings=MEANINGS.items(),
        doubts=[
            (doubt_name(each), DOUBTS[each], each in accepted, errors.get(doubt_name(each), ""))
            for each in Doubt
            if each in doubted or each in accepted or doubt_name(each) in errors
        ],
        problems=problems or [],
        failed=bool(problems),
    )


def _first_values(values: Iterable[str]) -> str:
    """As many values as a line holds, none of them cut within a word."""
    return textwrap.shorten("; ".join(filter(None, values)), _LINE, placeholder=" …")


def _before(record: Import) -> Import | None:
    """The same file, taken in within the last thirty days."""
    return session().scalar(
        select(Import)
        .where(
            Import.digest == record.digest,
            Import.id != record.id,
            Import.status.in_([ImportStatus.RUNNING, ImportStatus.DONE]),
            Import.created_at > record.created_at - timedelta(days=30),
        )
        .order_by(Import.id.desc())
        .limit(1)
    )


def _record(import_id: int) -> Import:
    found = session().get(Import, import_id)
    if found is None:
        raise UnknownRecord("There is no such import.")
    return found
