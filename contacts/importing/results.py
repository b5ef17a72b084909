"""The result of an import: counts that always add up to the rows taken so far."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.errors import UnknownRecord
from contacts.importing.applying.decision import Decision
from contacts.importing.made import Made
from contacts.importing.rows.checking import RowProblem
from contacts.models import Import, ImportProblem, ImportStatus

# Why a row was skipped, and what was kept as it is, as people read it.
REASONS: Final = {
    "unsubscribed": "unsubscribed before",
    "not_confirmed": "has not confirmed yet",
    "bounced": "address bounced before",
    "complained": "marked our mail as spam",
    "do_not_email": "on do-not-email",
}
NOTES: Final = {
    "name_kept": "the name here differs and stays as it is",
    "role_kept": "the role belongs to another organisation than the one here, and is not taken",
    "category_kept": "the category here differs and stays as it is",
    "organisation_kept": "the organisation here differs and stays as it is",
    "second_address": "there are several addresses: the first is taken",
    "said_no": "the file says no: they are not subscribed",
    "said_pending": "the file says that they have not confirmed: nothing is sent to them",
    "said_stop": "the file says not to write to the address: it is on do-not-email",
    "own_consent_kept": "the person has confirmed here since, and what they said stands",
    "standing_kept": "the address is on do-not-email here, and stays so",
    "mailbox_left": "somebody else at the address has left: nobody there is subscribed again",
    "shared_mailbox": "somebody else has the same address: both are kept, one copy goes to it",
}


@dataclass(slots=True)
class ImportCounts:
    """Every row is in exactly one of the first five; notes are beside them."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    problems: int = 0  # a row may have several
    notes: Counter[str] = field(default_factory=Counter)
    differences: int = 0  # of rows that were taken; a row may have several

    @property
    def rows(self) -> int:
        return self.added + self.updated + self.unchanged + self.failed + self.skipped.total()

    def add(self, decision: Decision) -> None:
        """Count a chunk in."""
        self.added += decision.outcomes["added"]
        self.updated += decision.outcomes["updated"]
        self.unchanged += decision.outcomes["unchanged"]
        self.failed += decision.outcomes["failed"]
        self.skipped.update(decision.skipped)
        self.problems += len(decision.problems)
        self.notes.update(decision.notes)
        self.differences += len(decision.differences)

    def to_json(self) -> dict[str, Any]:
        return {
            "added": self.added,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "skipped": dict(self.skipped),
            "failed": self.failed,
            "problems": self.problems,
            "notes": dict(self.notes),
            "differences": self.differences,
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "ImportCounts":
        return cls(
            kept.get("added", 0),
            kept.get("updated", 0),
            kept.get("unchanged", 0),
            Counter(kept.get("skipped", {})),
            kept.get("failed", 0),
            kept.get("problems", 0),
            Counter(kept.get("notes", {})),
            kept.get("differences", 0),
        )


@dataclass(frozen=True, slots=True)
class ImportResult:
    """An import as it stands."""

    id: int
    status: ImportStatus
    rows: int
    done: int
    counts: ImportCounts
    trouble: str | None
    problems: Sequence[RowProblem]
    differences: Sequence[RowProblem]
    # Of a rehearsal, which looks at it before it is taken back.
    made: Made = field(default_factory=Made)


def _rows_of(record: Import) -> int:
    """How many rows there are; while that is an estimate, at least those that are done."""
    if record.status is ImportStatus.DONE:
        return record.rows_done
    kept: dict[str, int] = record.counts.get("file", {})
    return max(record.rows_done, kept.get("rows", 0))


def result_of(session: Session, import_id: int, *, problems: int, after: int = 0) -> ImportResult:
    """The import's counts, and its first ``problems`` and differences below row ``after``."""
    record = session.get(Import, import_id)
    if record is None:
        raise UnknownRecord("There is no such import.")
    return ImportResult(
        import_id,
        record.status,
        _rows_of(record),
        record.rows_done,
        ImportCounts.from_json(record.counts),
        record.trouble,
        _listed(session, import_id, problems, after, row_taken=False),
        _listed(session, import_id, problems, after, row_taken=True),
    )


def _listed(
    session: Session, import_id: int, most: int, after: int, *, row_taken: bool
) -> list[RowProblem]:
    columns = select(
        ImportProblem.row, ImportProblem.column, ImportProblem.value, ImportProblem.message
    )
    found = session.execute(
        columns.where(
            ImportProblem.import_id == import_id,
            ImportProblem.row > after,
            ImportProblem.row_taken.is_(row_taken),
        )
        .order_by(ImportProblem.row, ImportProblem.id)
        .limit(most)
    )
    return [RowProblem(*row) for row in found]
