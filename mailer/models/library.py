"""What the network has to tell, where each of it was told, and who was asked for more."""

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contacts.database import Base, Json, Line, Moment, Prose, RowId, RowKey, words
from contacts.models import Contact, Organisation
from mailer.models.deliveries import SystemMail


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
    change. Of a feed, ``feed`` says which and ``feed_key`` is the feed's own name of it."""

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


class StoryRequest(Base):
    """Asking people for stories by a day. ``campaign_id`` is the issue that they are for, if any is
    named; ``newsletter_id`` whose sender asks. On ``remind_on`` whoever has not answered is asked
    once more. ``thanks`` tells them a week after it went out how many read it."""

    __tablename__ = "story_requests"

    id: Mapped[RowKey]
    title: Mapped[Line]  # what is asked for
    words: Mapped[Prose]  # of the mail
    newsletter_id: Mapped[int] = mapped_column(RowId, ForeignKey("newsletters.id"))
    campaign_id: Mapped[int | None] = mapped_column(RowId)
    due_on: Mapped[date]
    remind_on: Mapped[date | None]
    thanks: Mapped[bool]
    asked_by: Mapped[Line]  # an actor's line
    asked_at: Mapped[Moment]


class StoryAsk(Base):
    """One person who was asked, for themselves or for an organisation. ``left_out`` says why no
    mail went to them; ``mail_id`` is the last that did. ``answer`` is what they said beside the
    story, which is ``item_id`` as they left it at ``item_revision``."""

    __tablename__ = "story_asks"
    __table_args__ = (
        UniqueConstraint("request_id", "contact_id"),
        Index("ix_story_asks_contact_id", "contact_id"),
        Index("ix_story_asks_item_id", "item_id"),
    )

    id: Mapped[RowKey]
    request_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("story_requests.id", ondelete="CASCADE")
    )
    contact_id: Mapped[int] = mapped_column(RowId, ForeignKey("contacts.id", ondelete="CASCADE"))
    organisation_id: Mapped[int | None] = mapped_column(
        RowId, ForeignKey("organisations.id", ondelete="SET NULL")
    )
    left_out: Mapped[str | None] = mapped_column(String(24))
    mail_id: Mapped[int | None] = mapped_column(
        RowId, ForeignKey("notices.id", ondelete="SET NULL")
    )
    chased_at: Mapped[Moment | None]  # by a person
    reminded_at: Mapped[Moment | None]
    answered_at: Mapped[Moment | None]
    declined_at: Mapped[Moment | None]
    item_id: Mapped[int | None] = mapped_column(
        RowId, ForeignKey("library_items.id", ondelete="SET NULL")
    )
    item_revision: Mapped[int | None]
    answer: Mapped[Json]
    thanked_at: Mapped[Moment | None]

    request: Mapped[StoryRequest] = relationship(lazy="raise")
    contact: Mapped[Contact] = relationship(lazy="raise")
    organisation: Mapped[Organisation | None] = relationship(lazy="raise")
    mail: Mapped[SystemMail | None] = relationship(lazy="raise")
    item: Mapped[LibraryItem | None] = relationship(lazy="raise")
