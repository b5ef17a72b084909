"""Corrections of what the public archive shows: the mail that has gone stays what it was."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from contacts.actors import ActorLine
from contacts.database import Base, Json, Moment, Prose, RowId, RowKey


class Correction(Base):
    """What the public page of an issue says since a correction, whole; the newest one counts.
    ``note`` is what readers are told."""

    __tablename__ = "corrections"

    id: Mapped[RowKey]
    campaign_id: Mapped[int] = mapped_column(RowId, ForeignKey("campaigns.id"), index=True)
    document: Mapped[Json]
    note: Mapped[Prose]
    made_by: Mapped[ActorLine]
    at: Mapped[Moment]
