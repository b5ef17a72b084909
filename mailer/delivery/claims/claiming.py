"""What the courier writes down: claims, attempts before they begin, outcomes once they are known.

Each function is one step inside the caller's transaction. Whoever holds a batch (its
``courier_id``, by its last claim) may touch the deliveries of its range, and nobody else; every
step checks that on the batch's row, so a courier that was thought dead and comes back finds that it
holds nothing any more, and so does one that lets go a second time. The batch speaks for its rows:
what is held, and which neighbours have an attempt begun, is one row written for hundreds.
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

# The courier's statements are made once: building one costs as much as sending ten messages.

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
    # A range of ids is the way to a batch's rows. Said plainly, the campaign's condition tempts
    # SQLite, and PostgreSQL without statistics, to read all rows of the campaign by its index
    # instead: a million for every group.
    return and_(Delivery.campaign_id + 0 == campaign, Delivery.id >= first, Delivery.id <= last)


_RANGE: Final = _within(bindparam("campaign"), bindparam("from_id"), bindparam("upto_id"))
_WAKE: Final = (
    update(Delivery.__table__)  # type: ignore[arg-type]
    .where(_RANGE, Delivery.status == DeliveryStatus.DEFERRED, Delivery.due_at <= _NOW)
    .values(status=DeliveryStatus.PENDING, due_at=None)
)
_STARTED: Final = select(Campaign.started_at).where(Campaign.id == bindparam("campaign"))
_WAITING: Final = (
    select(Delivery.id)
    .where(_RANGE, Delivery.status == DeliveryStatus.PENDING)
    .order_by(Delivery.id)
)
_DOUBT: Final = (
    update(Delivery.__table__)  # type: ignore[arg-type]
    .where(_RANGE, Delivery.status == DeliveryStatus.PENDING)
    .values(
        status=DeliveryStatus.UNCERTAIN,
        # What an earlier attempt was told says nothing of this one.
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
).where(_RANGE, Delivery.status.in_(OPEN))
_RECIPIENTS: Final = (
    select(
        # In the order of Recipient's fields: a row becomes one without looking at names.
        Delivery.id,
        Delivery.address,
        Contact.first_name,
        Contact.last_name,
        Contact.name,
        func.coalesce(Organisation.name, ""),
        func.coalesce(Category.slug, ""),
        func.coalesce(Category.name, ""),
        Contact.counted,
        Delivery.attempts,
        case(
            # Their row is gone: they were removed after the freeze.
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
    .where(_RANGE, Delivery.status == DeliveryStatus.PENDING)
    .order_by(Delivery.id)
)
_OWN: Final = len(Recipient._fields)


@dataclass(frozen=True, slots=True)
class Claim:
    """A range in hand: the batch, and the ids of its deliveries that are to be carried now."""

    batch_id: int
    campaign_id: int
    first_id: int
    last_id: int
    courier_id: str
    number: int  # of the batch's claims
    started_at: datetime
    ids: tuple[int, ...]

    @property
    def row(self) -> dict[str, Any]:
        """What the batch's row says while it is held by this claim."""
        return {"batch": self.batch_id, "courier": self.courier_id, "number": self.number}


class StartedAttempt(NamedTuple):
    """A recipient whose attempt has begun; ``attempt`` is its number, from 1."""

    recipient: Recipient
    attempt: int


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
    """Take a range in hand; None when it is somebody else's, done, not due or not to be sent.

    With more than ``most`` deliveries in it, its end becomes a range of its own, for anybody, or
    as many as ``pieces`` says.
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
    """Commit to an attempt for each of ``ids``, before any of their content leaves.

    ``ids`` are neighbours among the claim's ids, behind those that were begun before; those
    ``in_the_air`` have no outcome yet. Gives back the recipients, without those who have meanwhile
    unsubscribed or been suppressed: they are excluded here. None when this courier must stop: the
    batch is no longer its own, or the campaign is not sending any more.
    """
    connection = session.connection()
    # The row's lock keeps a recovery from taking the batch over between this and the commit.
    window = {"from_id": min(unanswered, default=ids[0]), "upto_id": ids[-1]}
    if connection.scalar(_BEGIN, {**claim.row, **window}) is None:
        return None
    span = {"campaign": claim.campaign_id, "from_id": ids[0], "upto_id": ids[-1]}
    # As tuples: which column is which is said above, and looking at names takes time.
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
    """Whether the range is still this courier's; it stays so until the transaction ends."""
    return session.connection().scalar(_HOLD, claim.row) is not None


def leave_rest(session: Session, claim: Claim, from_id: int, *, due_at: datetime) -> None:
    """Leave the range from there on to anybody; no content of it has left this courier's hands."""
    batch = session.get_one(Batch, claim.batch_id, populate_existing=True)
    if batch.last_id < from_id:  # that was done before, and not answered
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
    """Let go of a range that this courier holds: what was not begun waits again, and the batch
    knows when it is due.

    ``all_known`` says that every attempt has its outcome written, so that none is in doubt.
    """
    batch = session.get_one(Batch, claim.batch_id)
    if all_known:
        batch.sending_from = batch.sending_upto = None
    release(session, batch, now=now, not_before=not_before)


def release(
    session: Session, batch: Batch, *, now: datetime, not_before: datetime | None = None
) -> None:
    """Put a batch back; attempts without an outcome are uncertain from now on."""
    connection = session.connection()
    campaign = {"campaign": batch.campaign_id, "now": now}
    if batch.sending_from is not None:
        window = {"from_id": batch.sending_from, "upto_id": batch.sending_upto}
        connection.execute(_DOUBT, {**campaign, **window})
    whole = {"from_id": batch.first_id, "upto_id": batch.last_id}
    waiting, due_at, pending = connection.execute(_LEFT, {**campaign, **whole}).one()
    batch.courier_id = batch.sending_from = batch.sending_upto = batch.nudged_at = None
    batch.open = waiting > 0
    batch.due_at = max(now if pending or due_at is None else due_at, not_before or now)
