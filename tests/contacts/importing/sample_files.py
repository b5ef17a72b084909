"""Files for tests of importing, and an import from file to result in one call."""

from pathlib import Path
from typing import Any

from sqlalchemy import select

from contacts.database import Database
from contacts.importing import ImportResult, prepare, preview, result_of, run, start
from contacts.models import Contact
from tests.factories import NOW

CASES = Path(__file__).parent / "cases"  # files as other programs write them
GOOD = "name,email\nAlice Adeyemi,alice@aldmor.example\nBob Bell,bob@bexmoor.example\n"


def a_file(folder: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / f"people-{len(list(folder.glob('people-*')))}.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def recorded(database: Database, path: Path, **more: Any) -> int:
    """The id of an import that is ready to run."""
    found = preview(path)
    with database.writing() as session:
        record = prepare(
            session,
            found.sheet,
            filename=path.name,
            columns=more.pop("columns", found.columns),
            now=NOW,
            **more,
        )
        start(session, record.id)
        return record.id


def imported(database: Database, path: Path, **more: Any) -> ImportResult:
    """What came of it."""
    import_id = recorded(database, path, **more)
    run(database, import_id, clock=lambda: NOW)
    with database.reading() as session:
        return result_of(session, import_id, problems=1000)


def people(database: Database) -> list[tuple[str, str | None]]:
    with database.reading() as session:
        found = session.execute(select(Contact.name, Contact.email).order_by(Contact.id))
        return [(name, email) for name, email in found]


def summary(result: ImportResult) -> tuple[int, int, int, int, int]:
    """Added, updated, unchanged, skipped, failed."""
    counts = result.counts
    return (
        counts.added,
        counts.updated,
        counts.unchanged,
        counts.skipped.total(),
        counts.failed,
    )
