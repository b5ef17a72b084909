"""What people agreed to receive, the proof of it, and whom to leave alone."""

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from contacts.actors import ActorLine
from contacts.database import Base, Line, Moment, Prose, RowId, RowKey, Slug, words


class SubscriptionStatus(StrEnum):
    """Where one person stands with one newsletter."""

    PENDING = "pending"  # asked for, not yet confirmed
    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"


class ConsentAct(StrEnum):
    """What happened to a permission."""

    ASKED = "asked"  # filled in the form; the confirmation is outstanding
    GIVEN = "given"
    WITHDRAWN = "withdrawn"


class ConsentPurpose(StrEnum):
    """What a permission is for; each is asked and kept separately."""

    MAILING = "mailing"
    COUNTING = "counting"


class SuppressionReason(StrEnum):
    """Why an address is left alone whatever its subscriptions say."""

    DO_NOT_EMAIL = "do_not_email"  # an operator or the person said so
    BOUNCED = "bounced"  # the mailbox does not exist
    COMPLAINED = "complained"  # marked as spam
    UNSUBSCRIBED = "unsubscribed"  # from everything


class Newsletter(Base):
    """A publication people subscribe to, and in whose name it is sent."""

    __tablename__ = "newsletters"

    id: Mapped[RowKey]
    slug: Mapped[Slug] = mapped_column(unique=True)
    name: Mapped[Line]
    description: Mapped[Prose]
    frequency: Mapped[Line]  # in words: "monthly", "about 6 a year"
    from_name: Mapped[Line]
    from_address: Mapped[Line]
    reply_to: Mapped[Line | None]
    postal_address: Mapped[Prose]
    position: Mapped[int]
    # Addresses parted by commas: who gets a test where "the test group" is chosen.
    test_group: Mapped[Prose] = mapped_column(default="", server_default="")
    archive_on: Mapped[bool] = mapped_column(default=False, server_default=false())
    archive_segments: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Whether who changed an issue last may approve it too.
    self_approval: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[Moment]


class Subscription(Base):
    """One person and one newsletter, as it stands now; Consent tells how it came about."""

    __tablename__ = "subscriptions"
    __table_args__ = (Index("ix_subscriptions_newsletter_id_status", "newsletter_id", "status"),)

    contact_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True
    )
    newsletter_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("newsletters.id"), primary_key=True
    )
    status: Mapped[SubscriptionStatus] = mapped_column(words(SubscriptionStatus))
    paused_until: Mapped[date | None]
    changed_at: Mapped[Moment]

    newsletter: Mapped[Newsletter] = relationship(lazy="raise")


class Wording(Base):
    """The exact words a person was shown, kept once each and never changed."""

    __tablename__ = "wordings"

    id: Mapped[RowKey]
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of the text, hex
    text: Mapped[Prose]
    first_used_at: Mapped[Moment]


class Consent(Base):
    """One line of the ledger: who agreed to what or took it back, when, how, on which words.

    Rows are added and never changed. ``basis`` is the operator's declaration for people who were
    imported or added by hand.
    """

    __tablename__ = "consents"

    id: Mapped[RowKey]
    contact_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("contacts.id", ondelete="CASCADE"), index=True
    )
    newsletter_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("newsletters.id"))
    purpose: Mapped[ConsentPurpose] = mapped_column(words(ConsentPurpose))
    act: Mapped[ConsentAct] = mapped_column(words(ConsentAct))
    at: Mapped[Moment]
    source: Mapped[ActorLine]
    wording_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("wordings.id"))
    basis: Mapped[Prose | None]


class Suppression(Base):
    """An address that gets nothing, and why. Lifting one removes the row and is audited."""

    __tablename__ = "suppressions"
    __table_args__ = (UniqueConstraint("address_key"),)

    id: Mapped[RowKey]
    address_key: Mapped[Line]
    reason: Mapped[SuppressionReason] = mapped_column(words(SuppressionReason))
    source: Mapped[ActorLine]
    detail: Mapped[Prose]
    at: Mapped[Moment]
