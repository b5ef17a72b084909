"""Feeds that are followed: of posts or of events, and how the last look at each went."""

from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from contacts.database import Base, Line, Moment, Prose, RowKey, words


class FeedKind(StrEnum):
    """What is in a feed, found out when it is added."""

    POSTS = "posts"  # RSS or Atom
    EVENTS = "events"  # iCalendar


class Feed(Base):
    """A feed. ``fresh_at`` is when it was read last; ``trouble`` why the last look at ``asked_at``
    brought nothing, in a sentence. What it brought before stays."""

    __tablename__ = "feeds"

    id: Mapped[RowKey]
    kind: Mapped[FeedKind] = mapped_column(words(FeedKind))
    title: Mapped[Line]
    url: Mapped[Prose]
    url_digest: Mapped[str] = mapped_column(String(64), unique=True)
    paused: Mapped[bool]
    is_public: Mapped[bool]  # its items may stand on public pages
    etag: Mapped[Line]
    last_modified: Mapped[Line]
    added_by: Mapped[Line]  # an actor's line
    added_at: Mapped[Moment]
    asked_at: Mapped[Moment | None]
    fresh_at: Mapped[Moment | None]
    due_at: Mapped[Moment]  # the next look
    trouble: Mapped[Prose]
    left: Mapped[Prose]  # what of it was not taken and why, a line each
