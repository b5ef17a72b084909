"""Receipts: what was heard back, each with its own time, none overwriting how the carrying went."""

from enum import StrEnum

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from contacts.database import Base, Moment, Prose, RowKey, RowNumber, words


class ReceiptKind(StrEnum):
    """What was heard."""

    OPENED = "opened"
    CLICKED = "clicked"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


class Verdict(StrEnum):
    """Whether a person did it, or a machine on the way."""

    PERSON = "person"
    AUTOMATIC = "automatic"


class Receipt(Base):
    """One thing heard about one delivery. Rows are added and never changed."""

    __tablename__ = "receipts"
    __table_args__ = (
        Index("ix_receipts_campaign_id_kind", "campaign_id", "kind"),
        Index("ix_receipts_delivery_id", "delivery_id"),
    )

    id: Mapped[RowKey]
    campaign_id: Mapped[RowNumber]
    delivery_id: Mapped[RowNumber]
    kind: Mapped[ReceiptKind] = mapped_column(words(ReceiptKind))
    verdict: Mapped[Verdict] = mapped_column(words(Verdict))
    link: Mapped[int | None]  # its number in the campaign's table of links
    at: Mapped[Moment]
    detail: Mapped[Prose | None]


class Spool(Base):
    """How far a spool file has been taken into the database."""

    __tablename__ = "spools"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    taken: Mapped[int] = mapped_column(BigInteger)  # octets
    changed_at: Mapped[Moment]
