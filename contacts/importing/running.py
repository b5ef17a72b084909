"""An import from its file to its end: kept, prepared, rehearsed, run."""

import hashlib
import secrets
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from contacts.database import Database
from contacts.disk import is_full
from contacts.errors import BadFile, BasisMissing, UnknownRecord
from contacts.importing import chunks as committing
from contacts.importing import made
from contacts.importing.chunks import Chunk, Job, Pace, apply, chunks
from contacts.importing.files.delimited import Sheet, examine, top
from contacts.importing.leftovers import REHEARSAL
from contacts.importing.results import ImportCounts, ImportResult, result_of
from contacts.importing.rows import columns as matching
from contacts.importing.rows.categories import Categories
from contacts.importing.rows.cells import clean
from contacts.importing.rows.permission import FileChoices
from contacts.importing.words.fields import ColumnField
from contacts.membership.categories import ensure_categories
from contacts.models import Import, ImportStatus, Newsletter

T = TypeVar("T")
_HELD: Final = 0.3  # seconds of the one writer, while what nobody keeps is written
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Preview:
    """A file as it would be read: its sheet, the columns understood and those that are not."""

    sheet: Sheet
    columns: dict[int, ColumnField]
    ignored: tuple[str, ...]


def preview(path: Path, *, within: float | None = None, encoding: str | None = None) -> Preview:
    """Look at a file; BadFile says why it cannot be imported.

    With ``within``, its rows are counted for so many seconds and then estimated.
    """
    sheet = examine(path, within=within, encoding=encoding)
    columns = matching.guess(sheet)
    ignored = tuple(name for place, name in enumerate(sheet.header) if place not in columns)
    return Preview(sheet, columns, ignored)


def look_again(record: Import) -> Preview:
    """The same for a file that was examined before: only its first rows are read."""
    job = Job.of(record)
    try:
        header, first, above = top(job.path, job.shape)
    except OSError:
        raise BadFile("The uploaded file is not there any more. Upload it again.") from None
    kept = record.counts["file"]
    counted = kept.get("counted", True)
    sheet = Sheet(job.path, record.digest, job.shape, header, first, kept["rows"], counted, above)
    ignored = tuple(name for place, name in enumerate(header) if place not in job.columns)
    return Preview(sheet, job.columns, ignored)


def read_again(record: Import, found: Preview) -> None:
    """Take a file as it reads in another encoding; what goes where is guessed anew."""
    if record.status is ImportStatus.CHECKING:
        record.columns = {str(place): field.value for place, field in found.columns.items()}
        record.counts = {**record.counts, "file": found.sheet.to_json()}


def keep(source: Path, uploads: Path) -> Path:
    """A copy of the file under its digest, readable to us alone; it is proof of who was in it."""
    uploads.mkdir(parents=True, exist_ok=True, mode=0o700)
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    kept = uploads / f"{digest}.csv"
    if not kept.exists():
        mine = uploads / f".{digest}-{secrets.token_hex(4)}"
        try:
            shutil.copyfile(source, mine)
            mine.chmod(0o600)
            mine.replace(kept)  # in one step: nobody ever sees half a file
        except OSError:
            mine.unlink(missing_ok=True)
            raise
    return kept


def prepare(
    session: Session,
    sheet: Sheet,
    *,
    filename: str,
    columns: Mapping[int, ColumnField],
    newsletter_id: int | None = None,
    basis: str | None = None,
    choices: FileChoices | None = None,
    now: datetime,
) -> Import:
    """The record of an import that nobody has started yet."""
    ensure_categories(session)
    record = Import(
        filename=clean(filename)[-200:] or "people.csv",
        path=str(sheet.path.resolve()),
        digest=sheet.digest,
        status=ImportStatus.CHECKING,
        columns={},
        rows_done=0,
        counts={**ImportCounts().to_json(), "file": sheet.to_json()},
        created_at=now,
    )
    session.add(record)
    settle(
        session,
        record,
        columns=columns,
        newsletter_id=newsletter_id,
        basis=basis,
        choices=choices,
    )
    session.flush()
    return record


def settle(
    session: Session,
    record: Import,
    *,
    columns: Mapping[int, ColumnField],
    newsletter_id: int | None,
    basis: str | None,
    choices: FileChoices | None = None,
) -> None:
    """Say what goes where, and on what basis these people may be written to."""
    header, choices = record.counts["file"]["names"], choices or FileChoices()
    matching.check(header, columns)
    basis = " ".join((basis or "").split()) or None
    if choices.as_do_not_email:
        if ColumnField.EMAIL not in columns.values():
            raise BadFile("A do-not-email list needs a column of e-mail addresses.")
        newsletter_id = None
    about = {} if choices.as_do_not_email else newsletters_of(session, header, columns)
    if (newsletter_id is not None or about) and basis is None:
        raise BasisMissing(
            "Say why we may write to these people, for example “signed up at the annual meeting”."
        )
    record.columns = {str(place): field.value for place, field in sorted(columns.items())}
    record.newsletter_id = newsletter_id
    record.basis = basis
    choices = replace(choices, newsletters=about)
    record.counts = {**record.counts, "choices": choices.to_json()}


def choices_of(record: Import) -> FileChoices:
    """What was said of the file beside its columns."""
    return FileChoices.from_json(record.counts.get("choices", {}))


def newsletters_of(
    session: Session, header: Sequence[str], columns: Mapping[int, ColumnField]
) -> dict[int, int]:
    """The columns that are each about one newsletter, with its id; BadFile for an unknown one."""
    wanted = {
        place: header[place].casefold().removeprefix(matching.NEWSLETTER_PREFIX).strip()
        for place, field in columns.items()
        if field is ColumnField.NEWSLETTER
    }
    if not wanted:
        return {}
    columns_of = select(Newsletter.slug, Newsletter.id)
    known = dict(session.execute(columns_of.where(Newsletter.slug.in_(wanted.values()))).all())
    if missing := next((slug for slug in wanted.values() if slug not in known), None):
        raise BadFile(
            f"A column speaks of a newsletter “{missing}”, which is not here. Make that newsletter "
            "first, or leave the column out."
        )
    return {place: known[slug] for place, slug in wanted.items()}


def start(session: Session, import_id: int) -> bool:
    """Start an import, which a worker then runs; False when it was started or ended before."""
    record = session.get(Import, import_id, with_for_update=True)
    if record is None:
        raise UnknownRecord("There is no such import.")
    if record.status is not ImportStatus.CHECKING:
        return False
    record.status = ImportStatus.RUNNING
    return True


def run(database: Database, import_id: int, *, clock: Clock) -> None:
    """Take an import in, from wherever it stands to its end."""
    for _ in steps(database, import_id, clock=clock):
        pass


def steps(database: Database, import_id: int, *, clock: Clock) -> Generator[int]:
    """The same, saying after each chunk how many rows are done.

    Ends early when another run is ahead of this one: that one finishes it.
    """
    with database.reading() as session:
        record = session.get(Import, import_id)
        if record is None or record.status is not ImportStatus.RUNNING:
            return
        job, done = Job.of(record), record.rows_done
        categories = Categories.load(session)
    try:
        pace = Pace(adapts=database.is_sqlite)
        coming = chunks(job, categories, after=done, pace=pace)
        for chunk in coming if database.is_sqlite else _read_ahead(coming):
            began = clock()
            with database.writing() as session:
                if not apply(session, job, chunk, now=began):
                    return
            pace.took(clock() - began)
            done = chunk.start + chunk.size
            yield done
    except (BadFile, OSError) as error:
        if is_full(error):
            raise  # another run goes on from here when there is room
        trouble = (
            str(error)
            if isinstance(error, BadFile)
            else "The uploaded file is not there any more. Upload it again."
        )
        _end(database, import_id, ImportStatus.FAILED, done=done, trouble=trouble, now=clock())
        return
    except DBAPIError:
        raise  # the database is away or somebody was quicker: another run goes on from here
    except Exception:  # said to the person first, then raised
        trouble = (
            f"Something went wrong on our side after row {done}. What was done before it stays."
        )
        _end(database, import_id, ImportStatus.FAILED, done=done, trouble=trouble, now=clock())
        raise
    _end(database, import_id, ImportStatus.DONE, done=done, now=clock())


def rehearse(
    database: Database,
    sheet: Sheet,
    *,
    columns: Mapping[int, ColumnField],
    newsletter_id: int | None = None,
    basis: str | None = None,
    choices: FileChoices | None = None,
    problems: int = 100,
    most: int | None = None,
    within: float | None = None,
    clock: Clock,
) -> ImportResult:
    """What the import would come to; nothing of it is kept.

    At most ``most`` rows are looked at, and for about ``within`` seconds; where there is one
    writer, it is held for a third of a second.
    """

    def prepared(session: Session) -> Import:
        record = prepare(
            session,
            sheet,
            filename=sheet.path.name,
            columns=columns,
            newsletter_id=newsletter_id,
            basis=basis,
            choices=choices,
            now=clock(),
        )
        record.status = ImportStatus.RUNNING
        session.flush()
        return record

    if database.is_sqlite and min(sheet.rows, most or sheet.rows) > committing.CHUNK:
        # A long transaction would keep everybody else from writing, so a copy is written to.
        with _copy_of(database) as copy:
            with copy.writing() as session:
                then = made.before(session, now=clock())
                import_id = prepared(session).id
            for _ in for_seconds(within, steps(copy, import_id, clock=clock)):
                pass
            with copy.reading() as session:
                result = result_of(session, import_id, problems=problems)
                return replace(result, made=made.made_since(session, then, now=clock()))
    pace = Pace(adapts=within is not None)
    waiting: Iterable[Chunk] = ()
    if database.is_sqlite:  # what takes long is done before the one writer is taken
        with _undone(database) as session:
            job, categories = Job.of(prepared(session)), Categories.load(session)
        waiting = list(for_seconds(within, chunks(job, categories, after=0, pace=pace, most=most)))
    with _undone(database) as session:
        then = made.before(session, now=clock())
        job, categories = Job.of(prepared(session)), Categories.load(session)
        held = within if not waiting or within is None else _HELD
        coming = waiting or chunks(job, categories, after=0, pace=pace, most=most)
        for chunk in for_seconds(held, coming):
            apply(session, job, chunk, now=clock())
        result = result_of(session, job.id, problems=problems)
        return replace(result, made=made.made_since(session, then, now=clock()))


def for_seconds(seconds: float | None, coming: Iterable[T]) -> Iterator[T]:
    """What comes, until so many seconds have gone; the first in any case."""
    began = time.monotonic()
    for each in coming:
        yield each
        if seconds is not None and time.monotonic() - began > seconds:
            return


def _read_ahead(coming: Iterator[Chunk]) -> Iterator[Chunk]:
    """Reads the next chunk while the last is on its way into a database elsewhere."""
    with ThreadPoolExecutor(1, thread_name_prefix="reading") as reader:
        waiting = reader.submit(next, coming, None)
        while (chunk := waiting.result()) is not None:
            waiting = reader.submit(next, coming, None)
            yield chunk


def _end(
    database: Database,
    import_id: int,
    status: ImportStatus,
    *,
    done: int,
    now: datetime,
    trouble: str | None = None,
) -> None:
    with database.writing() as session:
        record = session.get(Import, import_id, with_for_update=True)
        if record is None or record.status is not ImportStatus.RUNNING or record.rows_done != done:
            return
        record.status, record.trouble, record.finished_at = status, trouble, now


class _Undo(Exception):
    """Takes a transaction back."""


@contextmanager
def _undone(database: Database) -> Iterator[Session]:
    with suppress(_Undo), database.writing() as session:
        yield session
        raise _Undo


@contextmanager
def _copy_of(database: Database) -> Iterator[Database]:
    beside = Path(database.engine.url.database or ".").resolve().parent
    with tempfile.TemporaryDirectory(prefix=REHEARSAL, dir=beside) as folder:
        path = Path(folder) / "copy.db"
        target = sqlite3.connect(path)
        with database.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.backup(target)
        target.close()
        copy = Database(f"sqlite:///{path}")
        try:
            yield copy
        finally:
            copy.dispose()
