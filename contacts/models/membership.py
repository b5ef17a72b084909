"""Membership categories: held by an organisation, or by a person who has none."""

from sqlalchemy.orm import Mapped, mapped_column

from contacts.database import Base, Line, Prose, RowKey, Slug


class Category(Base):
    """A category of membership, such as Full or Associate. Which ones exist is configuration."""

    __tablename__ = "categories"

    id: Mapped[RowKey]
    slug: Mapped[Slug] = mapped_column(unique=True)
    name: Mapped[Line]
    description: Mapped[Prose]
    position: Mapped[int]
