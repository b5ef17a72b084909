"""Counts that are kept, and the marks by which it is known whether they still hold."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from contacts.database import Base, Moment, RowId, RowKey, RowNumber


class ChangeMark(Base):
    """How often the people (0), or what belongs to an issue, were changed; the sum is the mark.

    Only triggers of the database add to it. On PostgreSQL each transaction has a row.
    """

    __tablename__ = "change_marks"

    campaign_id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    at: Mapped[Moment] = mapped_column(primary_key=True)
    transaction: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[RowNumber]


class KeptCount(Base):
    """One answer of a count, and what it was counted from.

    It holds while ``mark`` is what the database says; ``wanted_at`` asks a worker to count again.
    """

    __tablename__ = "kept_counts"
    __table_args__ = (
        Index(
            "ix_kept_counts_wanted_at",
            "wanted_at",
            postgresql_where=text("wanted_at IS NOT NULL"),
            sqlite_where=text("wanted_at IS NOT NULL"),
        ),
    )

    id: Mapped[RowKey]
    key: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of kind and subject, hex
    kind: Mapped[str] = mapped_column(String(24))
    subject: Mapped[Any] = mapped_column(JSON)
    mark: Mapped[str] = mapped_column(String(64))  # SHA-256, hex
    answer: Mapped[Any] = mapped_column(JSON)
    counted_at: Mapped[Moment]
    took: Mapped[int]  # milliseconds
    wanted_at: Mapped[Moment | None]
