"""The accounting of a campaign: every person of its audience in exactly one place, and the sums."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, literal, select
from sqlalchemy.orm import Session

from contacts.models import Contact
from mailer.models import OPEN, Batch, Campaign, Delivery, DeliveryStatus, Exclusion


@dataclass(frozen=True, slots=True)
class Account:
    """The numbers of a campaign at one moment, all from one reading of its deliveries.

    ``audience`` is counted on its own and not added up, so ``balanced`` says something.
    """

    campaign_id: int
    status: str
    started_at: datetime | None
    finished_at: datetime | None
    audience: int
    excluded: Mapping[Exclusion, int]
    deliveries: Mapping[DeliveryStatus, int]

    @property
    def left_out(self) -> int:
        return sum(self.excluded.values())

    @property
    def carried(self) -> int:
        """Everybody who was to receive it, whatever became of that."""
        return sum(self.deliveries.values())

    @property
    def balanced(self) -> bool:
        return self.audience == self.left_out + self.carried

    @property
    def unresolved(self) -> int:
        return sum(self.deliveries.get(status, 0) for status in OPEN)

    @property
    def percent(self) -> int:
        """How much has an outcome; 100 only when everything has."""
        if not self.carried:
            return 0
        done = (self.carried - self.unresolved) * 100 // self.carried
        return min(99, done) if self.unresolved else 100

    def to_json(self) -> dict[str, Any]:
        """The document of ``flask campaigns status``."""
        return {
            "id": self.campaign_id,
            "status": self.status,
            "started_at": _iso(self.started_at),
            "finished_at": _iso(self.finished_at),
            "audience": self.audience,
            "excluded": {reason.value: number for reason, number in self.excluded.items()},
            "deliveries": {status.value: number for status, number in self.deliveries.items()},
            "balanced": self.balanced,
        }


def account(session: Session, campaign: Campaign) -> Account:
    """The numbers of a campaign as they stand now."""
    excluded, deliveries = tally(session, campaign.id)
    # Everybody of the audience is one row; a contact that is there twice would show here.
    audience = session.scalar(
        select(func.count(func.distinct(Delivery.contact_id))).where(
            Delivery.campaign_id == campaign.id
        )
    )
    return Account(
        campaign_id=campaign.id,
        status=campaign.status.value,
        started_at=campaign.started_at,
        finished_at=campaign.finished_at,
        audience=audience or 0,
        excluded={reason: excluded[reason] for reason in Exclusion if reason in excluded},
        deliveries={
            status: deliveries[status] for status in DeliveryStatus if deliveries.get(status)
        },
    )


def tally(
    session: Session, campaign_id: int
) -> tuple[dict[Exclusion, int], dict[DeliveryStatus, int]]:
    """Those left out by reason, and the deliveries by status, in one reading."""
    rows = session.execute(
        select(Delivery.status, Delivery.reason, func.count())
        .where(Delivery.campaign_id == campaign_id)
        .group_by(Delivery.status, Delivery.reason)
    ).all()
    excluded: dict[Exclusion, int] = {}
    deliveries: dict[DeliveryStatus, int] = {}
    for status, reason, number in rows:
        if status is DeliveryStatus.EXCLUDED:
            excluded[Exclusion(str(reason))] = number
        else:
            deliveries[status] = deliveries.get(status, 0) + number
    for status, number in _in_hand(session, campaign_id).items():
        # Read a moment later: a row that has an outcome by now is not being sent any more.
        waiting = deliveries.get(DeliveryStatus.PENDING, 0)
        if taken := min(number, waiting):
            deliveries[status] = taken
            deliveries[DeliveryStatus.PENDING] = waiting - taken
    return excluded, deliveries


def _in_hand(session: Session, campaign_id: int) -> dict[DeliveryStatus, int]:
    """Of those that wait, how many a courier holds, and how many are being handed over."""
    held, sending = session.execute(
        select(func.count(), func.count(case((_BEGUN, literal(1)))))
        .select_from(Batch)
        .join(Delivery, and_(_HELD, Delivery.status == DeliveryStatus.PENDING))
        .where(Batch.campaign_id == campaign_id, Batch.open)
    ).one()
    return {DeliveryStatus.SENDING: sending, DeliveryStatus.CLAIMED: held - sending}


def people(
    campaign_id: int, *, status: DeliveryStatus, reason: str | None = None
) -> Select[Delivery, str, int]:
    """The people behind one number: delivery, name and address, in the order of their names."""
    query = (
        select(Delivery, Contact.name, Contact.id.label("person_id"))
        .outerjoin(Contact, Contact.id == Delivery.contact_id)
        .where(Delivery.campaign_id == campaign_id, _is(status))
        .order_by(Contact.last_name, Contact.first_name, Delivery.id)
    )
    return query if reason is None else query.where(Delivery.reason == reason)


# Rows that a courier holds say pending; the batch tells which they are.
_HELD: Final = and_(
    Batch.courier_id.is_not(None), Delivery.id.between(Batch.first_id, Batch.last_id)
)
_BEGUN: Final = func.coalesce(Delivery.id.between(Batch.sending_from, Batch.sending_upto), false())


def _is(status: DeliveryStatus) -> ColumnElement[bool]:
    stored = Delivery.status == status
    held = exists().where(Batch.campaign_id == Delivery.campaign_id, Batch.open, _HELD)
    pending = Delivery.status == DeliveryStatus.PENDING
    match status:
        case DeliveryStatus.PENDING:
            return and_(stored, ~held)
        case DeliveryStatus.CLAIMED:
            return and_(pending, held.where(~_BEGUN))
        case DeliveryStatus.SENDING:
            return and_(pending, held.where(_BEGUN))
        case _:
            return stored


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
