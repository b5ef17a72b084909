"""What people of the office were told, in the app and by mail, and what they want no mail about."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contacts.database import Base, Line, Moment, RowId, RowKey, words


class NewsKind(StrEnum):
    """What somebody is told about."""

    APPROVE = "approve"  # an issue waits for approval
    HELD = "held"  # an issue was not sent, or has paused
    SENT_BACK = "sent back"  # changes are asked for
    DRAFT = "draft"  # the next issue's draft is made, or nobody writes in it
    STORIES = "stories"  # the day by which they were asked for
    SUBMIT = "submit"  # the day to ask for approval
    CHANGED = "changed"  # something about an approved issue
    SOON = "soon"  # it goes out in 15 minutes
    SENT = "sent"  # the numbers: at once, after a day, after a week


class Notification(Base):
    """One thing that one person was told, once. ``path`` is the page that it leads to."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("operator_id", "kind", "campaign_id", "occurrence"),
        Index("ix_notifications_operator_id_read_at", "operator_id", "read_at"),
    )

    id: Mapped[RowKey]
    operator_id: Mapped[int] = mapped_column(RowId, ForeignKey("operators.id", ondelete="CASCADE"))
    kind: Mapped[NewsKind] = mapped_column(words(NewsKind))
    campaign_id: Mapped[int] = mapped_column(RowId, ForeignKey("campaigns.id"))
    occurrence: Mapped[str] = mapped_column(String(40))
    words: Mapped[Line]
    path: Mapped[Line]
    at: Mapped[Moment]
    read_at: Mapped[Moment | None]


class QuietKind(Base):
    """A kind that one person wants no mail about: it is in their list alone."""

    __tablename__ = "quiet_kinds"

    operator_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("operators.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[NewsKind] = mapped_column(words(NewsKind), primary_key=True)
