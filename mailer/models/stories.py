"""Who was asked for stories, and what became of it."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contacts.database import Base, Json, Line, Moment, Prose, RowId, RowKey
from contacts.models import Contact, Organisation
from mailer.models.deliveries import SystemMail
from mailer.models.issues.library import LibraryItem


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
