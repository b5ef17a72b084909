"""What an issue was filled with before anybody wrote, what came later, and why each was chosen."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contacts.database import Base, Line, Moment, Prose, RowId, RowKey, words


class PartState(StrEnum):
    """Which way a part came into an issue, or that it did not."""

    ASSEMBLED = "assembled"  # the draft was made with it
    TAKEN = "taken"  # it was offered later, and somebody added it
    DECLINED = "declined"  # it was offered later, and somebody did not want it in this issue


class AssembledPart(Base):
    """One thing that an issue was filled with, or offered. ``key`` says which ("item 12",
    "member 5", "figures"), so that none is there twice; ``what`` is a kind of the library, or
    "member" or "figures"; ``block_id`` is the block it went into, "" for none."""

    __tablename__ = "assembled_parts"
    __table_args__ = (
        UniqueConstraint("campaign_id", "key"),
        Index("ix_assembled_parts_item_id", "item_id"),
    )

    id: Mapped[RowKey]
    campaign_id: Mapped[int] = mapped_column(RowId, ForeignKey("campaigns.id"))
    key: Mapped[str] = mapped_column(String(40))
    what: Mapped[str] = mapped_column(String(24))
    block_id: Mapped[str] = mapped_column(String(64))
    item_id: Mapped[int | None] = mapped_column(
        RowId, ForeignKey("library_items.id", ondelete="CASCADE")
    )
    title: Mapped[Line]
    why: Mapped[Prose]
    state: Mapped[PartState] = mapped_column(words(PartState))
    at: Mapped[Moment]
