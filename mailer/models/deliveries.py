"""Deliveries: the record of carrying one campaign to one recipient, and who is carrying it."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from contacts.database import Base, Line, Moment, Prose, RowId, RowKey, RowNumber, Slug, words


class DeliveryStatus(StrEnum):
    """How far the carrying has come. What is heard back later is a receipt, not a status."""

    EXCLUDED = "excluded"
    PENDING = "pending"
    CLAIMED = "claimed"  # its batch is claimed; this and the next are derived from the batch
    SENDING = "sending"  # its attempt was committed before the content leaves
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"  # its content may have arrived and no answer is known
    STOPPED = "stopped"


class Exclusion(StrEnum):
    """Why a person of the audience gets no copy; the first that applies, in this order."""

    NO_EMAIL = "no_email"
    DO_NOT_EMAIL = "do_not_email"
    BOUNCED = "bounced"
    UNSUBSCRIBED = "unsubscribed"
    NOT_CONFIRMED = "not_confirmed"
    PAUSED = "paused"
    LEFT_OUT = "left_out"  # by the audience of this issue
    SAME_ADDRESS = "same_address"


OPEN = (
    DeliveryStatus.PENDING,
    DeliveryStatus.CLAIMED,
    DeliveryStatus.SENDING,
    DeliveryStatus.DEFERRED,
)


class Delivery(Base):
    """One person of one campaign's audience. Unique, so nobody can be in it twice.

    A row that a courier holds still says pending: who holds it, and whether its attempt has begun,
    its batch says for hundreds of rows at once. So carrying a copy writes one row once.

    Half of every page is left free on PostgreSQL: with room beside a row that changes, no index has
    to be touched. There are no foreign keys for the same reason:
    rows are written by one statement that reads the very tables they would point to, and checking
    a million of them one by one takes longer than sending the first hundred thousand.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("campaign_id", "contact_id"),
        Index("ix_deliveries_contact_id", "contact_id"),
        {"postgresql_with": {"fillfactor": 50}},
    )

    id: Mapped[RowKey]
    campaign_id: Mapped[RowNumber]
    contact_id: Mapped[RowNumber]
    address: Mapped[Line | None]  # as it was when the audience was frozen
    status: Mapped[DeliveryStatus] = mapped_column(words(DeliveryStatus))
    reason: Mapped[str | None] = mapped_column(String(24))  # of an exclusion or a refusal
    attempts: Mapped[int] = mapped_column(SmallInteger)
    due_at: Mapped[Moment | None]  # when a deferred one is tried again
    code: Mapped[int | None] = mapped_column(SmallInteger)  # of the last reply
    text: Mapped[Prose | None]  # of the last reply, or what happened instead of one
    relay_id: Mapped[int | None] = mapped_column(SmallInteger)  # whoever gave that reply
    changed_at: Mapped[Moment]


class Attempt(Base):
    """An attempt that did not end in acceptance: what was said, and by which relay.

    What was accepted at once has no row here: its delivery says it all.
    """

    __tablename__ = "attempts"

    delivery_id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    at: Mapped[Moment]
    relay_id: Mapped[int | None] = mapped_column(SmallInteger)
    status: Mapped[DeliveryStatus] = mapped_column(words(DeliveryStatus))
    reason: Mapped[str | None] = mapped_column(String(24))
    code: Mapped[int | None] = mapped_column(SmallInteger)
    text: Mapped[Prose | None]


class Batch(Base):
    """Consecutive deliveries of a campaign: what a courier claims, and what a job names.

    Only the process whose compare-and-set on ``courier_id`` succeeds may change the rows of its
    deliveries. ``claims`` counts the claims, because a process may claim a batch again without
    knowing that it lost it in between. The deliveries from ``sending_from`` to ``sending_upto``
    have an attempt begun: the pending ones among them are being sent, and become uncertain if their
    courier dies. A batch is open until every one of its deliveries has an outcome.
    """

    __tablename__ = "batches"
    __table_args__ = (
        Index("ix_batches_campaign_id_open_due_at", "campaign_id", "open", "due_at"),
        # The claimed batches: every worker asks for its own every few seconds.
        Index(
            "ix_batches_courier_id",
            "courier_id",
            postgresql_where=text("courier_id IS NOT NULL"),
            sqlite_where=text("courier_id IS NOT NULL"),
        ),
    )

    id: Mapped[RowKey]
    campaign_id: Mapped[int] = mapped_column(RowId, ForeignKey("campaigns.id"))
    first_id: Mapped[RowNumber]
    last_id: Mapped[RowNumber]
    open: Mapped[bool]
    due_at: Mapped[Moment]
    nudged_at: Mapped[Moment | None]  # when a job was last sent for it
    courier_id: Mapped[str | None] = mapped_column(String(32))
    claims: Mapped[int] = mapped_column(server_default="0")
    sending_from: Mapped[RowNumber | None]
    sending_upto: Mapped[RowNumber | None]


class CourierHeartbeat(Base):
    """The last heartbeat of a worker process; when it is too old, its batches are released."""

    __tablename__ = "couriers"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    seen_at: Mapped[Moment]


class SystemMail(Base):
    """A system mail on its way: a confirmation, a sign-in link. Carried like a delivery."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_status_due_at", "status", "due_at"),)

    id: Mapped[RowKey]
    to_address: Mapped[Line]
    to_name: Mapped[Line]
    from_name: Mapped[Line]
    from_address: Mapped[Line]
    subject: Mapped[Line]
    paragraphs: Mapped[Prose]  # parted by empty lines
    button_words: Mapped[Line]
    button_url: Mapped[Prose]
    closing: Mapped[Prose]
    template: Mapped[Slug] = mapped_column(server_default="")  # what happened, by its folder
    status: Mapped[DeliveryStatus] = mapped_column(words(DeliveryStatus))
    attempts: Mapped[int] = mapped_column(SmallInteger)
    due_at: Mapped[Moment]
    courier_id: Mapped[str | None] = mapped_column(String(32))
    code: Mapped[int | None] = mapped_column(SmallInteger)
    text: Mapped[Prose | None]
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment]
