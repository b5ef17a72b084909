"""Answers: what people said to the polls of an issue."""

from sqlalchemy import ForeignKey, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contacts.database import Base, Moment, RowId, RowKey


class GivenAnswer(Base):
    """The answer of one person to one poll, as it stands now.

    Once the person is erased it still counts, and nothing says any more whose it was.
    """

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("campaign_id", "block_id", "contact_id"),)

    id: Mapped[RowKey]
    campaign_id: Mapped[int] = mapped_column(RowId, ForeignKey("campaigns.id"))
    block_id: Mapped[str] = mapped_column(String(64))
    contact_id: Mapped[int | None] = mapped_column(
        RowId, ForeignKey("contacts.id", ondelete="SET NULL"), index=True
    )
    number: Mapped[int] = mapped_column(SmallInteger)  # of the answer in the block, from 1
    at: Mapped[Moment]
