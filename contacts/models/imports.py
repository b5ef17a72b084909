"""Imports: the record of a file, how far it has come, and the rows that need a person."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from contacts.database import Base, Json, Line, Moment, Prose, RowId, RowKey, words


class ImportStatus(StrEnum):
    """Where an import stands."""

    CHECKING = "checking"  # uploaded; nobody has said go
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # the file could not be read to its end; ``trouble`` says why


class Import(Base):
    """One file on its way in. ``rows_done`` lets a killed import go on where it was."""

    __tablename__ = "imports"

    id: Mapped[RowKey]
    filename: Mapped[Line]  # as the person called it
    path: Mapped[Prose]  # where the file as uploaded is kept
    digest: Mapped[Line]  # SHA-256 of the file, hex
    status: Mapped[ImportStatus] = mapped_column(words(ImportStatus))
    columns: Mapped[Json]  # header position (as text) -> field
    newsletter_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("newsletters.id"))
    basis: Mapped[Prose | None]
    rows_done: Mapped[int]
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)
    trouble: Mapped[Prose | None]
    created_at: Mapped[Moment]
    finished_at: Mapped[Moment | None]


class ImportProblem(Base):
    """What a person should see of a row, numbered as the spreadsheet numbers it.

    The row was left out, and why; or it was taken, but for what differs from what is here.
    """

    __tablename__ = "import_problems"
    __table_args__ = (Index("ix_import_problems_import_id_row", "import_id", "row"),)

    id: Mapped[RowKey]
    import_id: Mapped[int] = mapped_column(RowId, ForeignKey("imports.id", ondelete="CASCADE"))
    row: Mapped[int]
    column: Mapped[Line]
    value: Mapped[Prose]
    message: Mapped[Prose]
    row_taken: Mapped[bool] = mapped_column(server_default=false())
