"""Who did what: one line for every act of an operator or of the system in their place."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from contacts.database import Base, Json, Line, Moment, RowKey


class AuditEntry(Base):
    """Added, never changed. ``subject`` names a thing by kind and id ("campaign 12")."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_subject", "subject"), Index("ix_audit_at", "at"))

    id: Mapped[RowKey]
    at: Mapped[Moment]
    actor: Mapped[Line]  # "operator 3", "cli", "schedule", "system"
    act: Mapped[Line]
    subject: Mapped[Line]
    detail: Mapped[Json]
