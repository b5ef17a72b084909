"""Mail that strangers ask for: what waits to be decided, how much has gone, who wants none."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from contacts.database import Base, Line, Moment, RowId, RowKey, words


class RequestKind(StrEnum):
    """Which system mail a page without a sign-in can cause."""

    CONFIRMATION = "confirmation"  # of a sign-up
    OWN_LINK = "own link"  # to all the choices of the person it goes to


class MailRequest(Base):
    """A mail that somebody asked for on a page. A worker decides, and the row goes.

    ``contact_id`` is the person of an own link; of a sign-up there is what was typed, and of an own
    link that was asked for by address ``email``.
    """

    __tablename__ = "mail_requests"

    id: Mapped[RowKey]
    kind: Mapped[RequestKind] = mapped_column(words(RequestKind))
    newsletter_id: Mapped[int] = mapped_column(RowId, ForeignKey("newsletters.id"))
    contact_id: Mapped[int | None] = mapped_column(RowId)
    email: Mapped[Line]
    name: Mapped[Line]
    counted: Mapped[bool]  # opens and clicks may be
    again: Mapped[bool]  # the first mail did not come
    network: Mapped[str] = mapped_column(String(64))  # a digest of where the visitor is
    at: Mapped[Moment]


class RequestedMail(Base):
    """A mail that went because somebody asked for it on a page: digests alone, kept for a day."""

    __tablename__ = "requested_mail"
    __table_args__ = (
        Index("ix_requested_mail_at", "at"),
        Index("ix_requested_mail_mailbox", "mailbox"),
        Index("ix_requested_mail_domain_at", "domain", "at"),
        Index("ix_requested_mail_network_at", "network", "at"),
    )

    id: Mapped[RowKey]
    kind: Mapped[RequestKind] = mapped_column(words(RequestKind))
    newsletter_id: Mapped[int] = mapped_column(RowId)
    mailbox: Mapped[str] = mapped_column(String(64))
    domain: Mapped[str] = mapped_column(String(64))
    network: Mapped[str] = mapped_column(String(64))
    at: Mapped[Moment]


class DecliningMailbox(Base):
    """A mailbox whose owner said that they had not asked: sign-up forms cause no mail to it."""

    __tablename__ = "declining_mailboxes"

    id: Mapped[RowKey]
    mailbox: Mapped[str] = mapped_column(String(64), unique=True)  # a digest
    at: Mapped[Moment]
