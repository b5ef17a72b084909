"""People, the organisations they speak for, the roles they hold and the tags officers give."""

from datetime import date

from sqlalchemy import Column, Computed, ForeignKey, Index, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contacts.database import Base, Line, Moment, RowId, RowKey, Slug
from contacts.models.membership import Category
from contacts.names import split_name

# Compared octet by octet, so that an index finds beginnings; SQLite does so anyway.
_KEY = String(998).with_variant(String(998, collation="C"), "postgresql")

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
    website: Mapped[Line] = mapped_column(default="", server_default="")
    created_at: Mapped[Moment]

    category: Mapped[Category | None] = relationship(lazy="raise")


class Contact(Base):
    """A person we may write to, or may not.

    ``email`` is as given, ``address_key`` as compared and as written on the wire; it is not
    unique, since two people may share one mailbox. ``own_category_id`` counts only where there is
    no organisation: everyone else's category is their organisation's. The database itself keeps
    the ``_key`` of each name, by which people are sorted and found.
    """

    __tablename__ = "contacts"
    __table_args__ = (
        Index("ix_contacts_name_keys", "last_name_key", "first_name_key", "id"),
        Index("ix_contacts_first_name_key", "first_name_key"),
        Index("ix_contacts_updated_at", "updated_at", "id"),
        # PostgreSQL finds the beginning of an address by an index only when it compares octets.
        Index(
            "ix_contacts_address_key",
            "address_key",
            postgresql_ops={"address_key": "text_pattern_ops"},
        ),
    )

    id: Mapped[RowKey]
    email: Mapped[Line | None]
    address_key: Mapped[Line | None]
    name: Mapped[Line]
    first_name: Mapped[Line]
    last_name: Mapped[Line]
    first_name_key: Mapped[str | None] = mapped_column(_KEY, Computed("lower(first_name)", True))
    last_name_key: Mapped[str | None] = mapped_column(_KEY, Computed("lower(last_name)", True))
    organisation_id: Mapped[int | None] = mapped_column(
        RowId, ForeignKey("organisations.id"), index=True
    )
    own_category_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("categories.id"))
    # Agreed to opens and clicks being counted; the proof is a Consent.
    tracking_allowed: Mapped[bool] = mapped_column("counted")
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]

    organisation: Mapped[Organisation | None] = relationship(lazy="raise")
    own_category: Mapped[Category | None] = relationship(lazy="raise")
    roles: Mapped[list["Role"]] = relationship(secondary=contact_roles, lazy="raise")
    tags: Mapped[list["Tag"]] = relationship(secondary=contact_tags, lazy="raise")

    def rename(self, name: str) -> None:
        """Call the person ``name``, of which the first and last name are taken."""
        self.name = name
        self.first_name, self.last_name = split_name(name)


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
