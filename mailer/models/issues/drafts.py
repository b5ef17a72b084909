"""What is done to a draft, step by step, and who is writing in it now."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from contacts.actors import ActorLine
from contacts.database import Base, Line, Moment, RowId, RowKey, words


class ChangeKind(StrEnum):
    """What somebody did to an issue."""

    ADDED = "added"
    COPIED = "copied"
    EDITED = "edited"
    TAKEN = "taken"  # words from the library, into a block that was there
    MOVED = "moved"
    REMOVED = "removed"
    RESTORED = "restored"  # an earlier version
    SET_ASIDE = "set aside"  # words that gave way to somebody else's; the issue does not hold them


class ChangeState(StrEnum):
    """Whether a change holds."""

    DONE = "done"
    UNDONE = "undone"  # and can be done again
    LEFT = "left"  # undone, and its person has gone on since


class Change(Base):
    """One step of one person. ``before`` and ``after`` are the block, or the whole text of the
    issue where ``block_id`` is empty; None where there was none. ``stood_after`` and
    ``stands_after`` are ids of the blocks above it, "" for the first place."""

    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_campaign_id_actor", "campaign_id", "actor"),)

    id: Mapped[RowKey]
    campaign_id: Mapped[int] = mapped_column(RowId, ForeignKey("campaigns.id"))
    actor: Mapped[ActorLine]
    at: Mapped[Moment]  # when it began: what is typed in one go is one change
    ended_at: Mapped[Moment]
    kind: Mapped[ChangeKind] = mapped_column(words(ChangeKind))
    state: Mapped[ChangeState] = mapped_column(words(ChangeState))
    block_id: Mapped[str] = mapped_column(String(64))
    what: Mapped[Line]  # Story “Retrofit, street by street”
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    stood_after: Mapped[str] = mapped_column(String(64))
    stands_after: Mapped[str] = mapped_column(String(64))


class Presence(Base):
    """An officer who has an issue open, and the block that they are in ("" for none)."""

    __tablename__ = "presences"

    campaign_id: Mapped[int] = mapped_column(RowId, ForeignKey("campaigns.id"), primary_key=True)
    operator_id: Mapped[int] = mapped_column(RowId, ForeignKey("operators.id"), primary_key=True)
    block_id: Mapped[str] = mapped_column(String(64))
    seen_at: Mapped[Moment]
    taken_by: Mapped[Line | None]  # who took over the block that they were in
    taken_at: Mapped[Moment | None]
    asked_by: Mapped[Line | None]  # who asks to take it over
