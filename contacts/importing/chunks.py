"""Chunks of a file into the database, each in a transaction of its own under the import's record.

The record says how many rows are done. A chunk locks the record, goes on only from where it
stands, and moves it in the same transaction: a killed import continues where it was, and of two
that run at once the second finds the record moved and stops.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind
from contacts.importing.applying.deciding import Decider
from contacts.importing.applying.differences import in_sentences
from contacts.importing.applying.known import know, know_addresses
from contacts.importing.applying.writing import write
from contacts.importing.files.delimited import Shape, rows
from contacts.importing.results import ImportCounts
from contacts.importing.rows.categories import Categories
from contacts.importing.rows.checking import Checker, ImportedPerson, RowProblem
from contacts.importing.rows.permission import FileChoices
from contacts.importing.words.consent import Says
from contacts.importing.words.fields import ColumnField
from contacts.models import Import, ImportProblem, ImportStatus, Newsletter

CHUNK: Final = 10_000  # rows
_LEAST: Final = 2_500
_LONG: Final = timedelta(seconds=0.3)
_SHORT: Final = timedelta(seconds=0.12)
MOST_PROBLEMS: Final = 10_000  # kept with an import; the rest are counted


@dataclass(frozen=True, slots=True)
class Job:
    """An import as its runner needs it, free of any session."""

    id: int
    path: Path
    shape: Shape
    header: tuple[str, ...]
    columns: dict[int, ColumnField]
    newsletter_id: int | None
    basis: str | None
    choices: FileChoices

    @property
    def newsletter_ids(self) -> frozenset[int]:
        """Every newsletter that this file says something of."""
        own = {self.newsletter_id} if self.newsletter_id is not None else set()
        return frozenset({*own, *self.choices.newsletters.values()})

    @classmethod
    def of(cls, record: Import) -> "Job":
        """What the record says."""
        kept: dict[str, Any] = record.counts["file"]
        return cls(
            record.id,
            Path(record.path),
            Shape(kept["encoding"], kept["delimiter"], kept["skip"], kept["header"]),
            tuple(kept["names"]),
            {int(place): ColumnField(field) for place, field in record.columns.items()},
            record.newsletter_id,
            record.basis,
            FileChoices.from_json(record.counts.get("choices", {})),
        )


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows, checked: ``start`` rows of the file come before them."""

    start: int
    size: int
    people: list[ImportedPerson]
    problems: list[RowProblem]


class Pace:
    """How many rows a transaction takes: fewer where they hold SQLite's one writer for long."""

    def __init__(self, *, adapts: bool) -> None:
        # The first chunk shows how fast this database is.
        self.size = min(_LEAST, CHUNK) if adapts else CHUNK
        self._adapts = adapts

    def took(self, duration: timedelta) -> None:
        """A chunk of this size took so long."""
        if self._adapts and duration > _LONG:
            self.size = max(_LEAST, self.size // 2)
        elif duration < _SHORT:
            self.size = min(CHUNK, self.size * 2)


def chunks(
    job: Job, categories: Categories, *, after: int, pace: Pace, most: int | None = None
) -> Iterator[Chunk]:
    """The rows beyond the first ``after``, read and checked; no transaction is needed for that."""
    checker = Checker(job.header, job.columns, categories, job.choices)
    waiting = islice(rows(job.path, job.shape), after, most)
    start = after
    while batch := list(islice(waiting, pace.size)):
        people: list[ImportedPerson] = []
        problems: list[RowProblem] = []
        for row in batch:
            checked = checker.check(row)
            if isinstance(checked, ImportedPerson):
                people.append(checked)
            else:
                problems.extend(checked)
        yield Chunk(start, len(batch), people, problems)
        start += len(batch)


def apply(session: Session, job: Job, chunk: Chunk, *, now: datetime) -> bool:
    """Put a chunk in; False when the import has moved, ended or gone since it was read."""
    record = session.get(Import, job.id, with_for_update=True)
    if (
        record is None
        or record.status is not ImportStatus.RUNNING
        or record.rows_done != chunk.start
    ):
        return False
    if job.choices.as_do_not_email:
        known = know_addresses(session, chunk.people)
        decider = Decider(known, newsletter_id=None, by_name=False)
        take = decider.take_as_do_not_email
    else:
        about = job.newsletter_ids or _all_if_anybody_left(session, chunk.people)
        known = know(session, chunk.people, newsletter_ids=about)
        by_name = any(person.key is None for person in chunk.people)
        decider = Decider(
            known, newsletter_id=job.newsletter_id, by_name=by_name, newer=job.choices.newer
        )
        take = decider.take
    for person in chunk.people:
        take(person)
    decision = decider.decision
    decision.outcomes["failed"] += chunk.size - len(chunk.people)
    decision.problems[:0] = chunk.problems
    write(
        session,
        decision,
        known.places,
        newsletter_id=job.newsletter_id,
        basis=job.basis,
        source=Actor(ActorKind.IMPORT, job.id),
        now=now,
    )
    counts = ImportCounts.from_json(record.counts)
    _keep_problems(session, job.id, decision.problems, MOST_PROBLEMS - counts.problems)
    room = MOST_PROBLEMS - counts.differences
    differing = in_sentences(session, decision.differences[: max(0, room)])
    _keep_problems(session, job.id, differing, room, row_taken=True)
    counts.add(decision)
    record.rows_done = chunk.start + chunk.size
    record.counts = {**record.counts, **counts.to_json()}
    session.flush()
    return True


def _all_if_anybody_left(session: Session, people: list[ImportedPerson]) -> frozenset[int]:
    """Every newsletter, where a no that names none is said: it is from all of them."""
    if not any(each.permission and each.permission.says is Says.NO for each in people):
        return frozenset()
    return frozenset(session.scalars(select(Newsletter.id)))


def _keep_problems(
    session: Session,
    import_id: int,
    problems: list[RowProblem],
    room: int,
    *,
    row_taken: bool = False,
) -> None:
    kept = [
        {
            "import_id": import_id,
            "row": problem.row,
            "column": problem.column,
            "value": problem.value,
            "message": problem.message,
            "row_taken": row_taken,
        }
        for problem in sorted(problems, key=lambda problem: problem.row)[: max(0, room)]
    ]
    if kept:
        session.execute(insert(ImportProblem), kept)
