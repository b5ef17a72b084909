"""What checks of issues keep: what was said to be fine, addresses asked, dates to mind."""

from datetime import date

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contacts.database import Base, Line, Moment, Prose, RowId, RowKey


class AcceptedFinding(Base):
    """A person's “It’s fine” about one finding, for one version and the words it was about."""

    __tablename__ = "accepted_findings"
    __table_args__ = (UniqueConstraint("campaign_id", "version", "key"),)

    id: Mapped[RowKey]
    campaign_id: Mapped[int] = mapped_column(RowId, ForeignKey("campaigns.id"))
    version: Mapped[int] = mapped_column(Integer)
    # of its code, block and field, and the words it was about
    key: Mapped[str] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(String(8))
    block_id: Mapped[str] = mapped_column(String(64))
    field: Mapped[str] = mapped_column(String(120))
    accepted_by: Mapped[Line]  # the operator's name as it was then
    accepted_at: Mapped[Moment]


class CheckedAddress(Base):
    """What came of asking for a web address: its last answer, whoever links to it.

    ``answered`` is a value of ``mailer.fetching.asking.Answered``.
    """

    __tablename__ = "checked_addresses"
    __table_args__ = (Index("ix_checked_addresses_checked_at", "checked_at"),)

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)  # SHA-256 of the address
    url: Mapped[Prose]
    answered: Mapped[str] = mapped_column(String(16))
    status: Mapped[int | None]
    sentence: Mapped[Line]
    checked_at: Mapped[Moment]


class ElectionPeriod(Base):
    """Days before an election in which councils publish with special care; both days count.

    ``words`` say where: “6 member areas”.
    """

    __tablename__ = "election_periods"

    id: Mapped[RowKey]
    first_day: Mapped[date]
    last_day: Mapped[date]
    words: Mapped[Line]
    created_at: Mapped[Moment]
