"""What the courier writes down: claims, attempts before they begin, outcomes once they are known.

Each function is one step inside the caller's transaction. Whoever holds a batch (its
``courier_id``) may touch the deliveries of its range, and nobody else; every step checks that under
the batch's row lock, so a courier that was thought dead and comes back finds that it holds nothing
any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Date,
    Dialect,
    Integer,
    String,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from contacts.database import Instant, payload_of, rows_table
from contacts.models import Category, Contact, Organisation, Subscription, Suppression
from mailer.audience import first_reason
from mailer.composition.letter import Recipient
from mailer.models import (
    OPEN,
    Batch,
    Campaign,
    CampaignStatus,
    Delivery,
    DeliveryStatus,
    Exclusion,
)

_COLUMNS: Final[dict[str, TypeEngine[Any]]] = {
    "id": Integer(),
    "status": String(12),
    "reason": String(24),
    "code": Integer(),
    "text": String(),
    "due_at": Instant(),
    "taken_back": Integer(),
}


# The courier's statements are made once: building one costs as much as sending ten messages.


def _is_of(campaign: Any) -> ColumnElement[bool]:
    # A range of ids is the way to a batch's rows. Said plainly, this condition tempts SQLite, and
    # PostgreSQL without statistics, to read all rows of the campaign by its index instead: a
    # million for every group.
    condition: ColumnElement[bool] = Delivery.campaign_id + 0 == campaign
    return condition


_IN_GROUP: Final = and_(
    _is_of(bindparam("of_campaign")),
    Delivery.id >= bindparam("from_id"),
    Delivery.id <= bindparam("upto_id"),
    # After a commit that was cut off, this courier's own rows may already say sending.
    or_(Delivery.status == DeliveryStatus.CLAIMED, Delivery.status == DeliveryStatus.SENDING),
)
_STILL_OURS: Final = (
    select(Campaign.status)
    .join(Batch, Batch.campaign_id == Campaign.id)
    .where(Batch.id == bindparam("batch_id"), Batch.courier_id == bindparam("courier_id"))
    .with_for_update(of=Batch)
)
_BEGIN: Final = (
    update(Delivery.__table__)  # type: ignore[arg-type]  # a mapped class has a Table
    .where(_IN_GROUP)
    .values(
        status=DeliveryStatus.SENDING,
        attempts=Delivery.attempts + 1,
        changed_at=bindparam("now", type_=Instant()),
    )
)
_RECIPIENTS: Final = (
    select(
        Delivery.id,
        Delivery.address,
        Delivery.attempts,
        Contact.id.label("contact_id"),
        Contact.first_name,
        Contact.last_name,
        Contact.name,
        Contact.counted,
        Organisation.name.label("organisation"),
        Category.slug.label("category"),
        Category.name.label("category_name"),
        first_reason(bindparam("today", type_=Date())).label("reason"),
    )
    .select_from(Delivery)
    .join(Campaign, Campaign.id == bindparam("of_campaign"))
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
    .where(_IN_GROUP)
    .order_by(Delivery.id)
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A range in hand: the batch, and the ids of its deliveries that are to be carried now."""

    batch_id: int
    campaign_id: int
    started_at: datetime
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one delivery. ``taken_back`` is 1 when the attempt never began."""

    id: int
    status: DeliveryStatus
    reason: str | None = None
    code: int | None = None
    text: str | None = None
    due_at: datetime | None = None
    taken_back: int = 0
    no_such_user: str | None = None  # the address, when the reply says that nobody has it


def claim(
    session: Session,
    campaign_id: int,
    first_id: int,
    last_id: int,
    *,
    courier_id: str,
    now: datetime,
) -> Claim | None:
    """Take a range in hand; None when it is somebody else's, done, not due or not to be sent."""
    sending = select(Campaign.id).where(
        Campaign.id == campaign_id, Campaign.status == CampaignStatus.SENDING
    )
    batch_id = session.scalar(
        update(Batch)
        .where(
            Batch.campaign_id == campaign_id,
            Batch.first_id == first_id,
            Batch.last_id == last_id,
            Batch.open,
            Batch.courier_id.is_(None),
            Batch.due_at <= now,
            Batch.campaign_id.in_(sending),
        )
        .values(courier_id=courier_id)
        .returning(Batch.id)
        .execution_options(synchronize_session=False)
    )
    if batch_id is None:
        return None
    due = or_(
        Delivery.status == DeliveryStatus.PENDING,
        and_(Delivery.status == DeliveryStatus.DEFERRED, Delivery.due_at <= now),
    )
    ids = session.scalars(
        update(Delivery)
        .where(_within(campaign_id, first_id, last_id), due)
        .values(status=DeliveryStatus.CLAIMED, due_at=None)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    ).all()
    started_at = session.scalar(select(Campaign.started_at).where(Campaign.id == campaign_id))
    return Claim(batch_id, campaign_id, started_at or now, tuple(sorted(ids)))


def begin(
    session: Session, claim: Claim, ids: Sequence[int], *, courier_id: str, now: datetime
) -> list[tuple[Recipient, int]] | None:
    """Commit to an attempt for each of ``ids``, before any of their content leaves.

    ``ids`` are neighbours among the claim's ids. Gives back the recipients with the number of this
    attempt, without those who have meanwhile unsubscribed or been suppressed: they are excluded
    here. None when this courier must stop: the batch is no longer its own, or the campaign is not
    sending any more.
    """
    connection = session.connection()
    # The lock keeps a recovery from taking the batch over between this check and the commit.
    held = {"batch_id": claim.batch_id, "courier_id": courier_id}
    if connection.scalar(_STILL_OURS, held) is not CampaignStatus.SENDING:
        return None
    group = {"of_campaign": claim.campaign_id, "from_id": ids[0], "upto_id": ids[-1]}
    rows = connection.execute(_RECIPIENTS, {**group, "today": now.date()}).all()
    left_out = [
        Result(row.id, DeliveryStatus.EXCLUDED, row.reason or Exclusion.DO_NOT_EMAIL.value)
        for row in rows
        if row.reason or row.contact_id is None
    ]
    if left_out:
        record(session, left_out, now=now)
    connection.execute(_BEGIN, {**group, "now": now})
    excluded = {result.id for result in left_out}
    return [(_recipient(row), row.attempts + 1) for row in rows if row.id not in excluded]


def record(session: Session, results: Sequence[Result], *, now: datetime) -> None:
    """Write outcomes down. An uncertain row takes a late outcome: that is evidence."""
    if not results:
        return
    connection = session.connection()
    rows = [{name: getattr(result, name) for name in _COLUMNS} for result in results]
    payload = payload_of(connection.dialect, rows)
    connection.execute(_record_statement(connection.dialect), {"payload": payload, "now": now})


def release(
    session: Session,
    claim: Claim,
    *,
    courier_id: str,
    now: datetime,
    not_before: datetime | None = None,
) -> None:
    """Let go of a range: what was not begun waits again, and the batch knows when it is due."""
    batch = session.scalar(
        select(Batch)
        .where(Batch.id == claim.batch_id, Batch.courier_id == courier_id)
        .with_for_update()
    )
    if batch is not None:
        let_go(session, batch, now=now, not_before=not_before)


def let_go(
    session: Session, batch: Batch, *, now: datetime, not_before: datetime | None = None
) -> None:
    """Put a batch back: claimed rows are pending again, attempts without an outcome uncertain."""
    within = _within(batch.campaign_id, batch.first_id, batch.last_id)
    session.execute(
        update(Delivery)
        .where(within, Delivery.status.in_((DeliveryStatus.CLAIMED, DeliveryStatus.SENDING)))
        .values(
            status=case(
                (Delivery.status == DeliveryStatus.CLAIMED, literal(DeliveryStatus.PENDING.value)),
                else_=literal(DeliveryStatus.UNCERTAIN.value),
            ),
            changed_at=now,
        )
        .execution_options(synchronize_session=False)
    )
    waiting, due_at = session.execute(
        select(func.count(), func.min(Delivery.due_at)).where(within, Delivery.status.in_(OPEN))
    ).one()
    pending = session.scalar(
        select(func.count()).where(within, Delivery.status == DeliveryStatus.PENDING)
    )
    batch.courier_id = None
    batch.nudged_at = None
    batch.open = waiting > 0
    batch.due_at = max(now if pending or due_at is None else due_at, not_before or now)


@lru_cache(maxsize=8)
def _record_statement(dialect: Dialect) -> Any:
    given = rows_table(dialect, _COLUMNS)
    return (
        update(Delivery.__table__)  # type: ignore[arg-type]  # a mapped class has a Table
        .where(
            Delivery.id == given.c.id,
            Delivery.status.in_(
                (DeliveryStatus.CLAIMED, DeliveryStatus.SENDING, DeliveryStatus.UNCERTAIN)
            ),
        )
        .values(
            status=given.c.status,
            reason=given.c.reason,
            code=given.c.code,
            text=given.c.text,
            due_at=given.c.due_at,
            attempts=Delivery.attempts - given.c.taken_back,
            changed_at=bindparam("now", type_=Instant()),
        )
    )


def _recipient(row: Any) -> Recipient:
    return Recipient(
        delivery_id=row.id,
        address=row.address,
        first_name=row.first_name,
        last_name=row.last_name,
        name=row.name,
        organisation=row.organisation or "",
        category=row.category or "",
        category_name=row.category_name or "",
        counted=row.counted,
    )


def _within(campaign_id: int, first_id: int, last_id: int) -> Any:
    return and_(_is_of(campaign_id), Delivery.id >= first_id, Delivery.id <= last_id)
