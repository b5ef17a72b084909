"""Segments: saved rules that say who, always current."""

from sqlalchemy.orm import Mapped, mapped_column

from contacts.database import Base, Json, Line, Moment, RowKey, Slug


class Segment(Base):
    """Rules kept as a document; contacts.segments compiles them to one SELECT."""

    __tablename__ = "segments"

    id: Mapped[RowKey]
    slug: Mapped[Slug] = mapped_column(unique=True)
    name: Mapped[Line]
    rules: Mapped[Json]
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
