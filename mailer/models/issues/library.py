"""What the network has to tell, where each of it was told, and why."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contacts.database import Base, Json, Line, Moment, Prose, RowId, RowKey, words
from contacts.models import Organisation


class ItemState(StrEnum):
    """How far an item is. Whether it is in an issue, or was in one, is told by its uses."""

    ASKED = "asked"  # somebody was asked for it, and it is not here yet
    DRAFT = "draft"
    READY = "ready"


class ItemOrigin(StrEnum):
    """Which way an item came."""

    PERSON = "person"  # an operator wrote it, or a command brought it
    FORM = "form"  # somebody sent it by a public form
    FEED = "feed"


class LibraryItem(Base):
    """One thing to tell. ``kind`` is one of ``mailer.authoring.library.kinds``, ``fields`` what it
    says; ``title``, ``on_day`` and ``words_key`` are taken from them. ``revision`` grows when they
    change. Of a feed, ``feed`` says which and ``feed_key`` is the feed's own name of it; it was
    as the feed has it at ``feed_revision``. ``feed_fields`` is what the feed says now and
    ``feed_taken`` what of that was taken: they differ where somebody here had changed it before.
    ``is_public`` lets it stand on the public pages."""

    __tablename__ = "library_items"
    __table_args__ = (
        UniqueConstraint("feed", "feed_key"),
        Index("ix_library_items_kind", "kind", "binned_at"),
        Index("ix_library_items_organisation_id", "organisation_id"),
    )

    id: Mapped[RowKey]
    kind: Mapped[str] = mapped_column(String(24))
    title: Mapped[Line]
    state: Mapped[ItemState] = mapped_column(words(ItemState))
    organisation_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("organisations.id"))
    fields: Mapped[Json]
    revision: Mapped[int]
    on_day: Mapped[date | None]  # it starts, closes, or was published
    words_key: Mapped[Prose]  # its words as they are searched: folded
    origin: Mapped[ItemOrigin] = mapped_column(words(ItemOrigin))
    feed: Mapped[str | None] = mapped_column(String(64))
    feed_key: Mapped[str | None] = mapped_column(String(200))
    feed_revision: Mapped[int | None]
    feed_fields: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    feed_taken: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    is_public: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    binned_at: Mapped[Moment | None]

    organisation: Mapped[Organisation | None] = relationship(lazy="raise")


class LibraryUse(Base):
    """An item in a block of an issue, at the revision that the block has. It follows the issue's
    document: a block that is removed takes its uses with it, and undo brings them back."""

    __tablename__ = "library_uses"
    __table_args__ = (Index("ix_library_uses_item_id", "item_id"),)

    campaign_id: Mapped[int] = mapped_column(RowId, ForeignKey("campaigns.id"), primary_key=True)
    block_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    item_id: Mapped[int] = mapped_column(RowId, ForeignKey("library_items.id"), primary_key=True)
    revision: Mapped[int]
    at: Mapped[Moment]  # when it came into the block


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
