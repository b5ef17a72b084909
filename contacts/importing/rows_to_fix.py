"""The rows that were left out, as they stand in the file, with what is wrong beside each."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.errors import UnknownRecord
from contacts.exporting.csv import guarded
from contacts.importing.chunks import Job
from contacts.importing.files.delimited import rows
from contacts.models import Import, ImportProblem

_ADDED = ("Row", "What to do")


def rows_to_fix(session: Session, import_id: int) -> Iterator[list[str]]:
    """A table to mend and upload again; its two columns more are passed over then.

    Everything is asked of ``session`` at once; the file is read as the rows are taken.
    """
    record = session.get(Import, import_id)
    if record is None:
        raise UnknownRecord("There is no such import.")
    problems: dict[int, list[str]] = defaultdict(list)
    columns = select(ImportProblem.row, ImportProblem.column, ImportProblem.message)
    for row, column, message in session.execute(
        columns.where(
            ImportProblem.import_id == import_id, ImportProblem.row_taken.is_(False)
        ).order_by(ImportProblem.id)
    ):
        problems[row].append(f"{column}: {message}" if column else message)
    return _rows(Job.of(record), problems)


def _rows(job: Job, problems: Mapping[int, list[str]]) -> Iterator[list[str]]:
    yield [*_ADDED, *map(guarded, job.header)]
    last = max(problems, default=0)
    for row in rows(job.path, job.shape):
        if row.number > last:
            return
        if row.number in problems:
            problem_text = " ".join(problems[row.number])
            yield [str(row.number), guarded(problem_text), *map(guarded, row.cells)]
