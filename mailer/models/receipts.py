"""Receipts: what was heard back, each with its own time, none overwriting how the carrying went."""

from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from contacts.database import Base, Moment, Prose, RowId, RowKey, RowNumber, words


class ReceiptKind(StrEnum):
    """What was heard."""

    OPENED = "opened"
    CLICKED = "clicked"
    UNSUBSCRIBED = "unsubscribed"
    HARD_BOUNCED = "hard_bounced"  # for good: nobody is there
    SOFT_BOUNCED = "soft_bounced"  # came back this time
    DELAYED = "delayed"  # is still being tried, somewhere behind the relay
    COMPLAINED = "complained"


class Verdict(StrEnum):
    """Whether a person did it, or a machine on the way."""

    PERSON = "person"
    AUTOMATIC = "automatic"


class Receipt(Base):
    """One thing heard about one delivery. Rows are added, and what was heard is never changed.

    Whether a person opened or clicked is worked out again when more is known; the source of such a
    request is kept for a while to do so.
    """

    __tablename__ = "receipts"
    __table_args__ = (
        Index("ix_receipts_campaign_id_kind", "campaign_id", "kind"),
        Index("ix_receipts_delivery_id_id", "delivery_id", "id"),
        Index(
            "ix_receipts_source_id",
            "source",
            "id",
            sqlite_where=text("source IS NOT NULL"),
            postgresql_where=text("source IS NOT NULL"),
        ),
        # What came by mail or from a provider may be told twice. Hits have no key and no entry.
        Index(
            "ix_receipts_key",
            "key",
            unique=True,
            sqlite_where=text("key IS NOT NULL"),
            postgresql_where=text("key IS NOT NULL"),
        ),
    )

    id: Mapped[RowKey]
    campaign_id: Mapped[RowNumber]
    delivery_id: Mapped[RowNumber]
    kind: Mapped[ReceiptKind] = mapped_column(words(ReceiptKind))
    verdict: Mapped[Verdict] = mapped_column(words(Verdict))
    link: Mapped[int | None]  # its number in the campaign's table of links
    at: Mapped[Moment]
    detail: Mapped[Prose | None]
    reason: Mapped[str | None] = mapped_column(String(24))  # of a bounce, in the field's vocabulary
    code: Mapped[str | None] = mapped_column(String(12))  # its enhanced status code (RFC 3463)
    key: Mapped[str | None] = mapped_column(String(64))
    # Of an open or a click: why it counts as a machine's, and which requests came from one place.
    grounds: Mapped[str | None] = mapped_column(String(160))
    source: Mapped[str | None] = mapped_column(String(16))


class SystemMailReceipt(Base):
    """One thing heard about one system mail. Rows are added and never changed."""

    __tablename__ = "notice_receipts"
    __table_args__ = (Index("ix_notice_receipts_kind_at", "kind", "at"),)

    id: Mapped[RowKey]
    notice_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("notices.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[ReceiptKind] = mapped_column(words(ReceiptKind))
    at: Mapped[Moment]
    detail: Mapped[Prose | None]
    reason: Mapped[str | None] = mapped_column(String(24))
    code: Mapped[str | None] = mapped_column(String(12))
    key: Mapped[str] = mapped_column(String(64), unique=True)


class Mailbox(Base):
    """How far a mailbox has been read that lets nothing be moved away: its messages stay.

    ``validity`` is the UIDVALIDITY under which ``read_through`` means something (RFC 3501 2.3.1.1).
    """

    __tablename__ = "mailboxes"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    validity: Mapped[int] = mapped_column(BigInteger)
    read_through: Mapped[int] = mapped_column(BigInteger)  # the highest UID that is kept here
    changed_at: Mapped[Moment]


class Spool(Base):
    """How far a spool file has been taken into the database."""

    __tablename__ = "spools"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    taken: Mapped[int] = mapped_column(BigInteger)  # octets
    changed_at: Mapped[Moment]
