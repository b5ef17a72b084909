"""Who did what: one line for every act of an operator or of the system in their place."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from contacts.actors import ActorLine, SubjectLine
from contacts.database import Base, Json, Line, Moment, RowKey


class AuditEntry(Base):
    """Added by ``contacts.audit`` alone, and never changed."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_subject", "subject"), Index("ix_audit_at", "at"))

    id: Mapped[RowKey]
    at: Mapped[Moment]
    actor: Mapped[ActorLine]
    act: Mapped[Line]
    subject: Mapped[SubjectLine]
    detail: Mapped[Json]
