"""Approvals of issues, what each was for, and what was said about an issue before."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, true
from sqlalchemy.orm import Mapped, mapped_column

from contacts.actors import ActorLine
from contacts.database import Base, Json, Line, Moment, Prose, RowId, RowKey


class Lapse(StrEnum):
    """Why an approval does not hold: what has changed since it was given."""

    NONE = "none"  # nobody has approved it at all
    VERSION = "version"
    SUBJECT = "subject"
    AUDIENCE = "audience"
    SENDER = "sender"
    TIME = "time"


class Approval(Base):
    """What a person approved: the version, and all that says to whom, from whom and when it goes.

    ``audience`` is a digest of the rules, ``good_until`` the end of the time in which it may go
    out. ``will`` and ``excluded`` are how many were to get it then, and how many not, by reason.
    """

    __tablename__ = "approvals"
    __table_args__ = (Index("ix_approvals_campaign_id", "campaign_id"),)

    id: Mapped[RowKey]
    campaign_id: Mapped[int] = mapped_column(RowId, ForeignKey("campaigns.id"))
    version: Mapped[int]
    subject: Mapped[Line]
    audience: Mapped[str] = mapped_column(String(64))
    sender: Mapped[Line]
    good_until: Mapped[Moment]
    will: Mapped[int]
    excluded: Mapped[Json]
    by: Mapped[ActorLine]
    by_author: Mapped[bool]  # whoever approved had changed it last
    note: Mapped[Prose]
    # Whether it is one of those that all have to give; not once it was sent back.
    counts: Mapped[bool] = mapped_column(default=True, server_default=true())
    at: Mapped[Moment]


class ReviewCopy(Base):
    """Which version a system mail to an approver shows."""

    __tablename__ = "review_copies"

    notice_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("notices.id", ondelete="CASCADE"), primary_key=True
    )
    campaign_id: Mapped[int] = mapped_column(RowId, ForeignKey("campaigns.id"))
    version: Mapped[int]


class Comment(Base):
    """What somebody said about a block, or about the whole issue where ``block_id`` is empty."""

    __tablename__ = "comments"
    __table_args__ = (Index("ix_comments_campaign_id", "campaign_id"),)

    id: Mapped[RowKey]
    campaign_id: Mapped[int] = mapped_column(RowId, ForeignKey("campaigns.id"))
    block_id: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]  # that they were looking at
    text: Mapped[Prose]
    by: Mapped[ActorLine]
    by_name: Mapped[Line]  # as it was then
    at: Mapped[Moment]
    resolved_at: Mapped[Moment | None]
    resolved_by: Mapped[Line | None]
