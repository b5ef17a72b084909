"""The commands about people: taken in and given out as CSV, and asked again."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import click
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from contacts import importing
from contacts.actors import COMMAND
from contacts.addresses import parse
from contacts.errors import BadFile, BasisMissing
from contacts.exporting.csv import write_csv, write_do_not_email
from contacts.importing import ENCODINGS, ImportResult, Preview, result_of
from contacts.models import ImportStatus
from contacts.permission.newsletters import newsletter_of
from mailer.bootstrap import Mailer
from mailer.cli.import_choices import choices_for, without
from mailer.cli.output import as_json, ready, say, sentences
from mailer.errors import NotAllowed
from mailer.notices import declining

contacts = AppGroup("contacts", help="People: taken in from a file, given out as one.")

_SHOWN = 100  # problems in the answer; the pages show them all


class ShowProgress(Protocol):
    """Shows how far a long command is."""

    def __call__(self, done: int) -> None: ...


@contacts.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--newsletter", help="The slug of a newsletter to subscribe them to.")
@click.option("--basis", help="Why we may write to them, in a sentence. Kept as the proof.")
@click.option(
    "--as",
    "kind",
    type=click.Choice(["people", "do-not-email"]),
    default="people",
    help="What the file is: people, or addresses that are never to be e-mailed.",
)
@click.option(
    "--treat",
    multiple=True,
    metavar="VALUE=MEANING",
    help=f"What a value about permission means: {', '.join(importing.Says)}. “=no” is for blanks.",
)
@click.option(
    "--accept",
    multiple=True,
    type=click.Choice([each.value for each in importing.Doubt]),
    help="Take a file that nobody has a name in, or that is named after people who left.",
)
@click.option("--leave-out", multiple=True, metavar="COLUMN", help="A column to pass over.")
@click.option(
    "--newer",
    is_flag=True,
    help="The file is newer: names, organisations and roles that differ are replaced.",
)
@click.option(
    "--encoding",
    type=click.Choice([*ENCODINGS]),
    help="How its letters are written, where that is a guess.",
)
@click.option("--dry-run", is_flag=True, help="Say what it would come to and change nothing.")
@as_json
@sentences
def take_in(
    file: Path,
    newsletter: str | None,
    basis: str | None,
    kind: str,
    treat: tuple[str, ...],
    accept: tuple[str, ...],
    leave_out: tuple[str, ...],
    newer: bool,
    encoding: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take people in from a CSV file. Rows with a mistake are left out and listed."""
    here = ready()
    if not file.is_file():
        raise BadFile(f"There is no file called {file}.")
    newsletter_id = None
    if newsletter is not None:
        if not (basis or "").strip():
            raise BasisMissing(
                'Say why we may write to these people: --basis "members who agreed on joining".'
            )
        with here.database.reading() as session:
            newsletter_id = newsletter_of(session, newsletter).id
    kept = file if dry_run else importing.keep(file, here.settings.uploads_dir)
    found = without(importing.preview(kept, encoding=encoding), leave_out)
    _say_how_read(found)
    choices = choices_for(
        found,
        filename=file.name,
        kind=kind,
        treat=treat,
        newer=newer,
        accept=accept,
        subscribes=newsletter_id is not None,
    )
    if dry_run:
        result = importing.rehearse(
            here.database,
            found.sheet,
            columns=found.columns,
            newsletter_id=newsletter_id,
            basis=basis,
            choices=choices,
            problems=_SHOWN,
            clock=here.clock,
        )
    else:
        result = _run(
            here, found, file.name, newsletter_id=newsletter_id, basis=basis, choices=choices
        )
    say(as_json, _document(result, dry_run=dry_run), _words(result, dry_run=dry_run))
    if result.status is ImportStatus.FAILED:
        raise BadFile(result.trouble or "The file could not be read to its end.")


@contacts.command("export")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Where to.")
@click.option(
    "--as",
    "kind",
    type=click.Choice(["people", "do-not-email"]),
    default="people",
    help="What to write: everybody, or the do-not-email list.",
)
@as_json
@sentences
def give_out(output: Path | None, kind: str, as_json: bool) -> None:
    """Write everybody as CSV, or the do-not-email list, to standard output or to a file."""
    write = write_csv if kind == "people" else write_do_not_email
    what = "people" if kind == "people" else "addresses"
    if output is None and as_json:
        raise NotAllowed("With --json, say where the CSV goes: --output people.csv.")
    done = 0
    with ready().database.reading() as session:
        if output is None:
            for _ in write(session, sys.stdout):
                pass
            return
        try:
            with output.open("w", encoding="utf-8", newline="") as file:
                output.chmod(0o600)
                for done in write(session, file):  # noqa: B007  # the last one is the answer
                    pass
        except OSError as error:
            if output.is_file():  # half of it is worse than nothing
                output.unlink()
            raise NotAllowed(f"{output} cannot be written: {error.strerror}.") from None
    say(as_json, {"rows": done, "path": str(output)}, f"Wrote {done:,} {what} to {output}.")


@contacts.command("allow-sign-ups")
@click.argument("address")
@as_json
@sentences
def allow_sign_ups(address: str, as_json: bool) -> None:
    """Let sign-up forms ask a mailbox again whose owner said "I did not ask for this"."""
    here, wanted = ready(), parse(address).wire
    with here.database.writing() as session:
        lifted = declining.allow(session, wanted, actor=COMMAND, now=here.clock())
    text = (
        f"Sign-up forms may ask {wanted} again."
        if lifted
        else f"Nobody has said that {wanted} did not ask: sign-up forms may ask it already."
    )
    say(as_json, {"address": wanted, "lifted": lifted}, text)


def _run(
    here: Mailer,
    found: Preview,
    filename: str,
    *,
    newsletter_id: int | None,
    basis: str | None,
    choices: importing.FileChoices,
) -> ImportResult:
    with here.database.writing() as session:
        record = importing.prepare(
            session,
            found.sheet,
            filename=filename,
            columns=found.columns,
            newsletter_id=newsletter_id,
            basis=basis,
            choices=choices,
            now=here.clock(),
        )
        importing.start(session, record.id)
    with _progress(found.sheet.rows) as show_progress:
        while True:
            for done in importing.steps(here.database, record.id, clock=here.clock):
                show_progress(done)
            with here.database.reading() as session:
                result = result_of(session, record.id, problems=_SHOWN)
            if result.status is not ImportStatus.RUNNING:
                return result
            # A worker has found the running import too and is ahead: either of us finishes it.
            show_progress(result.done)
            time.sleep(0.5)


@contextmanager
def _progress(rows: int) -> Iterator[ShowProgress]:
    console = Console(file=sys.stderr)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("Importing", total=rows)
        last_shown = 0

        def show_progress(done: int) -> None:
            nonlocal last_shown
            progress.update(task, completed=done)
            if not console.is_terminal and (done == rows or done >= last_shown + rows / 10):
                last_shown = done
                click.echo(f"{done} of {rows} rows ({100 * done // rows} %)", err=True)

        yield show_progress


def _say_how_read(found: Preview) -> None:
    click.echo(f"{found.sheet.rows:,} rows, {found.sheet.shape.words}.", err=True)
    if accents := found.sheet.accents:
        known = f"  a guess, by {', '.join(accents)}: if these are wrong, say --encoding"
        click.echo(known, err=True)
    for words in found.sheet.above:
        click.echo(f"  skipped above the header: {words}", err=True)
    if not found.sheet.shape.header:
        click.echo("The first row is a person already: this file has no header.", err=True)
    for place, field in found.columns.items():
        click.echo(f"  {found.sheet.header[place]} -> {importing.WORDS[field]}", err=True)
    if found.ignored:
        click.echo(f"  left out: {', '.join(found.ignored)}", err=True)


def _document(result: ImportResult, *, dry_run: bool) -> dict[str, Any]:
    counts = result.counts
    return {
        "id": None if dry_run else result.id,
        "status": result.status.value,
        "rows": counts.rows,
        "added": counts.added,
        "updated": counts.updated,
        "unchanged": counts.unchanged,
        "skipped": dict(counts.skipped),
        "failed": counts.failed,
        "problems": [
            {"row": each.row, "column": each.column, "message": each.message}
            for each in result.problems
        ],
        "differences": [
            {"row": each.row, "field": each.column, "value": each.value, "message": each.message}
            for each in result.differences
        ],
        "notes": dict(counts.notes),
        "dry_run": dry_run,
    }


def _words(result: ImportResult, *, dry_run: bool) -> str:
    counts = result.counts
    lines = ["Nothing has been changed. It would come to:"] if dry_run else []
    lines.append(
        f"{counts.rows:,} rows: {counts.added:,} added · {counts.updated:,} updated · "
        f"{counts.unchanged:,} unchanged · {counts.skipped.total():,} skipped · "
        f"{counts.failed:,} to fix"
    )
    lines += [
        f"  skipped, {importing.REASONS[reason]}: {number:,}"
        for reason, number in counts.skipped.items()
    ]
    lines += [
        f"  {importing.NOTES[note]}: {number:,} rows" for note, number in counts.notes.items()
    ]
    lines += [f"  row {each.row}: {_where(each.column)}{each.message}" for each in result.problems]
    if counts.problems > len(result.problems):
        lines.append(f"  and {counts.problems - len(result.problems):,} more")
    if result.differences:
        lines.append("What rows say and was not taken (--newer takes names, places and roles):")
    lines += [
        f"  row {each.row}: {each.column} “{each.value}”. {each.message}"
        for each in result.differences
    ]
    if counts.differences > len(result.differences):
        lines.append(f"  and {counts.differences - len(result.differences):,} more")
    return "\n".join(lines)


def _where(column: str) -> str:
    return f"{json.dumps(column, ensure_ascii=False)}: " if column else ""
