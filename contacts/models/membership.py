"""Membership categories: held by an organisation, or by a person who has none."""

from enum import StrEnum

from sqlalchemy.orm import Mapped, mapped_column

from contacts.database import Base, Line, Prose, RowKey, Slug, words


class Holders(StrEnum):
    """Who may hold a category; a person at an organisation has the organisation's."""

    BOTH = "both"
    ORGANISATIONS = "organisations"
    PEOPLE = "people"


class Category(Base):
    """A category of membership, such as Full or Associate. Which ones exist is configuration."""

    __tablename__ = "categories"

    id: Mapped[RowKey]
    slug: Mapped[Slug] = mapped_column(unique=True)
    name: Mapped[Line]
    description: Mapped[Prose]
    position: Mapped[int]
    held_by: Mapped[Holders] = mapped_column(
        words(Holders), default=Holders.BOTH, server_default="both"
    )
