"""People, the organisations they speak for, the roles they hold and the tags officers give."""

from datetime import date

from sqlalchemy import Column, ForeignKey, Index, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contacts.database import Base, Line, Moment, RowId, RowKey, Slug
from contacts.models.membership import Category

contact_roles = Table(
    "contact_roles",
    Base.metadata,
    Column("contact_id", RowId, ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", RowId, ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_contact_roles_role_id", "role_id"),
)
contact_tags = Table(
    "contact_tags",
    Base.metadata,
    Column("contact_id", RowId, ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", RowId, ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_contact_tags_tag_id", "tag_id"),
)


class Organisation(Base):
    """A council, company or society. ``name_key`` is the name as compared: folded, one space."""

    __tablename__ = "organisations"

    id: Mapped[RowKey]
    slug: Mapped[Slug] = mapped_column(unique=True)
    name: Mapped[Line]
    name_key: Mapped[Line] = mapped_column(unique=True)
    category_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("categories.id"))
    member_since: Mapped[date | None]
    created_at: Mapped[Moment]

    category: Mapped[Category | None] = relationship(lazy="raise")


class Contact(Base):
    """A person we may write to, or may not.

    ``email`` is as given, ``address_key`` as compared and as written on the wire; it is not
    unique, since two people may share one mailbox. ``own_category_id`` counts only where there is
    no organisation: everyone else's category is their organisation's.
    """

    __tablename__ = "contacts"

    id: Mapped[RowKey]
    email: Mapped[Line | None]
    address_key: Mapped[Line | None] = mapped_column(index=True)
    name: Mapped[Line]
    first_name: Mapped[Line]
    last_name: Mapped[Line]
    organisation_id: Mapped[int | None] = mapped_column(
        RowId, ForeignKey("organisations.id"), index=True
    )
    own_category_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("categories.id"))
    counted: Mapped[bool]  # agreed to opens and clicks being counted; the proof is a Consent
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]

    organisation: Mapped[Organisation | None] = relationship(lazy="raise")
    own_category: Mapped[Category | None] = relationship(lazy="raise")
    roles: Mapped[list["Role"]] = relationship(secondary=contact_roles, lazy="raise")
    tags: Mapped[list["Tag"]] = relationship(secondary=contact_tags, lazy="raise")


class Role(Base):
    """What a person does where they are: councillor, lead officer, press contact."""

    __tablename__ = "roles"

    id: Mapped[RowKey]
    slug: Mapped[Slug] = mapped_column(unique=True)
    name: Mapped[Line]


class Tag(Base):
    """A word officers put on people for their own use."""

    __tablename__ = "tags"

    id: Mapped[RowKey]
    slug: Mapped[Slug] = mapped_column(unique=True)
    name: Mapped[Line]
