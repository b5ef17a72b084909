"""Times that lie further ahead than anybody waits: a clock was ahead when they were written.

Once it is right again, what waits for them would wait as long as the clock was ahead. So they count
as now. What people planned is not touched: that may lie as far ahead as they like.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from mailer.models import (
    Batch,
    Campaign,
    CampaignStatus,
    CourierHeartbeat,
    Delivery,
    DeliveryStatus,
    SystemMail,
)

SKEW: Final = timedelta(minutes=1)  # by which the clocks of two hosts may differ
_SOON: Final = timedelta(minutes=1) + SKEW  # what was not tried waits for a relay, at most


def any_ahead(
    session: Session, *, longest: timedelta, thorough: bool = False, now: datetime
) -> bool:
    """Whether a batch, a system mail or a heartbeat has a time that it cannot have.

    ``longest`` is how long a delivery waits at most until it is tried again. What nobody has tried
    yet waits for much less; ``thorough`` looks for that too, in the rows of waiting batches.
    """
    found = (
        select(Batch.id).where(_batches(longest, thorough, now)),
        select(SystemMail.id).where(_notices(longest, now)),
        select(CourierHeartbeat.id).where(CourierHeartbeat.seen_at > now + SKEW),
    )
    return any(session.execute(each.limit(1)).first() for each in found)


def pull_back(
    session: Session, *, longest: timedelta, thorough: bool = False, now: datetime
) -> None:
    """Let all of them be due now, and workers have been seen now."""
    ahead = session.execute(
        select(Batch.id, Batch.campaign_id, Batch.first_id, Batch.last_id)
        .where(_batches(longest, thorough, now))
        .order_by(Batch.id)
        .with_for_update()
    ).all()
    for batch_id, campaign_id, first_id, last_id in ahead:
        session.execute(
            update(Delivery)
            .where(
                _within(campaign_id, first_id, last_id),
                Delivery.status == DeliveryStatus.DEFERRED,
                Delivery.due_at > now + longest + SKEW,
            )
            .values(due_at=now)
            .execution_options(synchronize_session=False)
        )
        session.execute(
            update(Batch)
            .where(Batch.id == batch_id)
            .values(due_at=now, nudged_at=None)
            .execution_options(synchronize_session=False)
        )
    session.execute(
        update(SystemMail)
        .where(_notices(longest, now))
        .values(due_at=now)
        .execution_options(synchronize_session=False)
    )
    # One that lives says so itself within seconds; one that is dead is found out soon after.
    session.execute(
        update(CourierHeartbeat)
        .where(CourierHeartbeat.seen_at > now + SKEW)
        .values(seen_at=now)
        .execution_options(synchronize_session=False)
    )


def _batches(longest: timedelta, thorough: bool, now: datetime) -> ColumnElement[bool]:
    sending = exists().where(
        Campaign.id == Batch.campaign_id, Campaign.status == CampaignStatus.SENDING
    )
    ahead = Batch.due_at > now + longest + SKEW
    if thorough:
        untried = exists().where(
            _within(Batch.campaign_id, Batch.first_id, Batch.last_id),
            Delivery.status == DeliveryStatus.PENDING,
        )
        ahead = or_(ahead, and_(Batch.due_at > now + _SOON, untried))
    return and_(sending, Batch.open, Batch.courier_id.is_(None), ahead)


def _notices(longest: timedelta, now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(SystemMail.status == DeliveryStatus.PENDING, SystemMail.due_at > now + _SOON),
        and_(
            SystemMail.status == DeliveryStatus.DEFERRED,
            SystemMail.due_at > now + longest + SKEW,
        ),
    )


def _within(campaign: Any, first: Any, last: Any) -> ColumnElement[bool]:
    # As in ``claiming``: the rows are found by their ids, and not by the index on the campaign.
    return and_(Delivery.campaign_id + 0 == campaign, Delivery.id.between(first, last))
