"""Claims on batches: taking one, beginning attempts under it, and releasing it.

Each function is one step inside the caller's transaction. A claim is the batch's ``courier_id``
with the number of the claim, and only its holder may change the deliveries of the batch. Every step
checks that on the batch's row. So a courier that was taken for dead finds that it holds nothing any
more, and so does one that releases a second time. The batch's row also says which of its deliveries
have an attempt begun, so that one row is written for hundreds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.orm import Session

from contacts.database import Instant
from contacts.models import Category, Contact, Organisation, Subscription, Suppression
from mailer.audience.selecting import first_reason
from mailer.composition.letter import Recipient
from mailer.delivery.claims.recording import DeliveryResult, record
from mailer.models import OPEN, Batch, Campaign, CampaignStatus, Delivery, DeliveryStatus, Exclusion

# Statements are built once: building one takes as long as sending ten messages.

_NOW: Final = bindparam("now", type_=Instant())
_IS_SENDING: Final = exists().where(
    Campaign.id == Batch.campaign_id, Campaign.status == CampaignStatus.SENDING
)
_OURS: Final = and_(
    Batch.id == bindparam("batch"),
    Batch.courier_id == bindparam("courier"),
    Batch.claims == bindparam("number"),
)
_CLAIM: Final = (
    update(Batch.__table__)  # type: ignore[arg-type]  # a mapped class has a Table
    .where(
        Batch.campaign_id == bindparam("campaign"),
        Batch.first_id == bindparam("from_id"),
        Batch.last_id == bindparam("upto_id"),
        Batch.open,
        Batch.courier_id.is_(None),
        Batch.due_at <= _NOW,
        _IS_SENDING,
    )
    .values(
        courier_id=bindparam("courier"),
        claims=Batch.claims + 1,
        sending_from=None,
        sending_upto=None,
    )
    .returning(Batch.id, Batch.due_at, Batch.claims)
)
_CUT: Final = (
    update(Batch.__table__)  # type: ignore[arg-type]
    .where(Batch.id == bindparam("batch"))
    .values(last_id=bindparam("rest", type_=Batch.last_id.type) - 1)
)
_REST: Final = insert(Batch.__table__).values(  # type: ignore[arg-type]
    campaign_id=bindparam("campaign"),
    first_id=bindparam("first"),
    last_id=bindparam("last"),
    open=True,
    due_at=bindparam("due_at", type_=Instant()),
)
_HOLD: Final = select(Batch.id).where(_OURS).with_for_update()
_BEGIN: Final = (
    update(Batch.__table__)  # type: ignore[arg-type]
    .where(_OURS, _IS_SENDING)
    .values(sending_from=bindparam("from_id"), sending_upto=bindparam("upto_id"))
    .returning(Batch.id)
)


def _within(campaign: ColumnElement[int] | Any, first: Any, last: Any) -> ColumnElement[bool]:
    # The rows of a batch are found by their range of ids. Without the ``+ 0``, SQLite (and
    # PostgreSQL without statistics) would use the index on the campaign and read all of its rows:
    # a million for every group.
    return and_(Delivery.campaign_id + 0 == campaign, Delivery.id >= first, Delivery.id <= last)


_IN_BATCH: Final = _within(bindparam("campaign"), bindparam("from_id"), bindparam("upto_id"))
_WAKE: Final = (
    update(Delivery.__table__)  # type: ignore[arg-type]
    .where(_IN_BATCH, Delivery.status == DeliveryStatus.DEFERRED, Delivery.due_at <= _NOW)
    .values(status=DeliveryStatus.PENDING, due_at=None)
)
_STARTED: Final = select(Campaign.started_at).where(Campaign.id == bindparam("campaign"))
_WAITING: Final = (
    select(Delivery.id)
    .where(_IN_BATCH, Delivery.status == DeliveryStatus.PENDING)
    .order_by(Delivery.id)
)
_MARK_UNCERTAIN: Final = (
    update(Delivery.__table__)  # type: ignore[arg-type]
    .where(_IN_BATCH, Delivery.status == DeliveryStatus.PENDING)
    .values(
        status=DeliveryStatus.UNCERTAIN,
        # The reply to an earlier attempt says nothing about this one.
        reason=null(),
        code=null(),
        text=null(),
        attempts=Delivery.attempts + 1,
        changed_at=_NOW,
    )
)
_LEFT: Final = select(
    func.count(),
    func.min(Delivery.due_at),
    func.count(case((Delivery.status == DeliveryStatus.PENDING, literal(1)))),
).where(_IN_BATCH, Delivery.status.in_(OPEN))
_RECIPIENTS: Final = (
    select(
        # In the order of Recipient's fields, so that a row becomes a Recipient by position.
        Delivery.id,
        Delivery.address,
        Contact.first_name,
        Contact.last_name,
        Contact.name,
        func.coalesce(Organisation.name, ""),
        func.coalesce(Category.slug, ""),
        func.coalesce(Category.name, ""),
        Contact.tracking_allowed,
        Delivery.attempts,
        case(
            # The contact was removed after the freeze.
            (Contact.id.is_(None), literal(Exclusion.DO_NOT_EMAIL.value)),
            else_=first_reason(bindparam("today", type_=Date())),
        ),
    )
    .select_from(Delivery)
    .join(Campaign, Campaign.id == bindparam("campaign"))
    .outerjoin(Contact, Contact.id == Delivery.contact_id)
    .outerjoin(
        Subscription,
        and_(
            Subscription.contact_id == Delivery.contact_id,
            Subscription.newsletter_id == Campaign.newsletter_id,
        ),
    )
    .outerjoin(Suppression, Suppression.address_key == func.lower(Delivery.address))
    .outerjoin(Organisation, Organisation.id == Contact.organisation_id)
    .outerjoin(
        Category,
        Category.id
        == case(
            (Contact.organisation_id.is_not(None), Organisation.category_id),
            else_=Contact.own_category_id,
        ),
    )
    .where(_IN_BATCH, Delivery.status == DeliveryStatus.PENDING)
    .order_by(Delivery.id)
)
_OWN: Final = len(Recipient._fields)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim on a batch; ``ids`` are its deliveries that are to be carried now."""

    batch_id: int
    campaign_id: int
    first_id: int
    last_id: int
    courier_id: str
    number: int  # counts the claims on this batch
    started_at: datetime
    ids: tuple[int, ...]

    @property
    def row(self) -> dict[str, Any]:
        """The values that the batch's row has while this claim holds it."""
        return {"batch": self.batch_id, "courier": self.courier_id, "number": self.number}


class StartedAttempt(NamedTuple):
    """An attempt that has begun; ``number`` counts the attempts at this delivery, from 1."""

    recipient: Recipient
    number: int


def claim(
    session: Session,
    campaign_id: int,
    first_id: int,
    last_id: int,
    *,
    courier_id: str,
    now: datetime,
    most: int | None = None,
    pieces: int = 1,
) -> Claim | None:
    """Claim a batch; None when it is claimed, done or not due, or its campaign is not sending.

    Of a batch with more than ``most`` deliveries, the rest becomes ``pieces`` new batches, which
    any courier may claim.
    """
    connection = session.connection()
    span = {"campaign": campaign_id, "from_id": first_id, "upto_id": last_id, "now": now}
    held = connection.execute(_CLAIM, {**span, "courier": courier_id}).one_or_none()
    if held is None:
        return None
    batch_id, due_at, number = held
    connection.execute(_WAKE, span)
    ids = tuple(connection.scalars(_WAITING, span))
    if most is not None and len(ids) > most:
        ids, rest = ids[:most], ids[most:]
        firsts = rest[:: -(-len(rest) // pieces)]
        lasts = [*(each - 1 for each in firsts[1:]), last_id]
        common = {"campaign": campaign_id, "due_at": due_at}
        connection.execute(_CUT, {"batch": batch_id, "rest": firsts[0]})
        connection.execute(
            _REST,
            [
                {**common, "first": first, "last": last}
                for first, last in zip(firsts, lasts, strict=True)
            ],
        )
        last_id = firsts[0] - 1
    started_at = connection.scalar(_STARTED, span) or now
    return Claim(batch_id, campaign_id, first_id, last_id, courier_id, number, started_at, ids)


def begin(
    session: Session,
    claim: Claim,
    ids: Sequence[int],
    *,
    unanswered: Iterable[int] = (),
    now: datetime,
) -> list[StartedAttempt] | None:
    """Begin an attempt for each of ``ids``; to be committed before any of their content leaves.

    ``ids`` are consecutive ids of the claim, behind those that were begun before; ``unanswered``
    are ids that were begun and have no result yet. People who have unsubscribed or been suppressed
    meanwhile are excluded here and not returned. None when this courier must stop: it no longer
    holds the batch, or the campaign is not sending any more.
    """
    connection = session.connection()
    # The lock on the batch's row keeps a recovery from releasing it before the commit.
    window = {"from_id": min(unanswered, default=ids[0]), "upto_id": ids[-1]}
    if connection.scalar(_BEGIN, {**claim.row, **window}) is None:
        return None
    span = {"campaign": claim.campaign_id, "from_id": ids[0], "upto_id": ids[-1]}
    # Read by position, in the order of the statement above: looking names up takes time.
    found: Sequence[Any] = connection.execute(_RECIPIENTS, {**span, "today": now.date()}).all()
    rows = [(Recipient._make(row[:_OWN]), row[_OWN] + 1, row[-1]) for row in found]
    left_out = [
        DeliveryResult(recipient.delivery_id, DeliveryStatus.EXCLUDED, reason=reason, began=0)
        for recipient, _, reason in rows
        if reason
    ]
    if left_out:
        record(session, left_out, now=now)
    return [StartedAttempt(recipient, attempt) for recipient, attempt, reason in rows if not reason]


def holds(session: Session, claim: Claim) -> bool:
    """Whether this claim still holds the batch; that is then locked until the transaction ends."""
    return session.connection().scalar(_HOLD, claim.row) is not None


def leave_rest(session: Session, claim: Claim, from_id: int, *, due_at: datetime) -> None:
    """Make a new batch, for any courier, of the ids from ``from_id`` on: nothing of it is sent."""
    batch = session.get_one(Batch, claim.batch_id, populate_existing=True)
    if batch.last_id < from_id:  # an earlier commit was not answered, but done
        return
    session.add(
        Batch(
            campaign_id=batch.campaign_id,
            first_id=from_id,
            last_id=batch.last_id,
            open=True,
            due_at=due_at,
        )
    )
    batch.last_id = from_id - 1
    if batch.sending_upto is not None:
        batch.sending_upto = min(batch.sending_upto, from_id - 1)


def release_claim(
    session: Session,
    claim: Claim,
    *,
    now: datetime,
    all_known: bool = False,
    not_before: datetime | None = None,
) -> None:
    """Release a batch that this claim holds; its deliveries that were not begun wait again.

    ``all_known`` says that the result of every attempt is written, so that none is uncertain.
    """
    batch = session.get_one(Batch, claim.batch_id)
    if all_known:
        batch.sending_from = batch.sending_upto = None
    release(session, batch, now=now, not_before=not_before)


def release(
    session: Session, batch: Batch, *, now: datetime, not_before: datetime | None = None
) -> None:
    """Release a batch; attempts without a result become uncertain."""
    connection = session.connection()
    campaign = {"campaign": batch.campaign_id, "now": now}
    if batch.sending_from is not None:
        window = {"from_id": batch.sending_from, "upto_id": batch.sending_upto}
        connection.execute(_MARK_UNCERTAIN, {**campaign, **window})
    whole = {"from_id": batch.first_id, "upto_id": batch.last_id}
    waiting, due_at, pending = connection.execute(_LEFT, {**campaign, **whole}).one()
    batch.courier_id = batch.sending_from = batch.sending_upto = batch.nudged_at = None
    batch.open = waiting > 0
    batch.due_at = max(now if pending or due_at is None else due_at, not_before or now)
