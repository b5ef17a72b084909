"""Tests of issues: which version went to whom, and as whose copy."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from contacts.actors import ActorLine
from contacts.database import Base, Moment, RowId, RowKey, Slug


class IssueTest(Base):
    """One test mail of one version. How the mail travels is in its row of ``SystemMail``.

    It is the copy of the person ``contact_id``, or of anybody of ``category`` ("" for none).
    """

    __tablename__ = "issue_tests"
    __table_args__ = (
        Index("ix_issue_tests_campaign_id", "campaign_id"),
        Index("ix_issue_tests_asked_by_at", "asked_by", "at"),
    )

    id: Mapped[RowKey]
    campaign_id: Mapped[int] = mapped_column(RowId, ForeignKey("campaigns.id"))
    version: Mapped[int]
    notice_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("notices.id", ondelete="CASCADE"), unique=True
    )
    category: Mapped[Slug]
    contact_id: Mapped[int | None] = mapped_column(RowId)
    asked_by: Mapped[ActorLine]
    at: Mapped[Moment]
