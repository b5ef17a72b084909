"""Releases what no live courier carries: the claims of dead processes, and orphans of live ones.

A released batch waits again. Its attempts that were begun without a result become uncertain.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from mailer.delivery.claims.claiming import release
from mailer.delivery.claims.held_claims import HeldClaims
from mailer.models import Batch, CourierHeartbeat, DeliveryStatus, SystemMail

HEARTBEAT_EVERY: Final = timedelta(seconds=3)
DEAD_AFTER: Final = timedelta(seconds=15)


def heartbeat(session: Session, courier_id: str, *, now: datetime) -> None:
    """Write that this process lives."""
    kind = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(
        kind.insert(CourierHeartbeat)
        .values(id=courier_id, seen_at=now)
        .on_conflict_do_update(index_elements=["id"], set_={"seen_at": now})
    )


def release_orphans(session: Session, courier_id: str, held: HeldClaims, *, now: datetime) -> int:
    """Release claims in the name of this live process that none of its threads holds; how many."""
    number = 0
    theirs = select(Batch.id).where(Batch.courier_id == courier_id)
    for batch_id in [each for each in session.scalars(theirs) if each not in held.batches]:
        batch = session.get(Batch, batch_id, with_for_update=True)
        # Checked again under the row's lock: it may have been released and claimed again.
        if batch and batch.courier_id == courier_id and batch_id not in held.batches:
            release(session, batch, now=now)
            number += 1
    written = select(SystemMail.id).where(SystemMail.courier_id == courier_id)
    for notice_id in [each for each in session.scalars(written) if each not in held.notices]:
        notice = session.get(SystemMail, notice_id, with_for_update=True)
        if notice and notice.courier_id == courier_id and notice_id not in held.notices:
            _wait_again(notice, now)
            number += 1
    return number


def deregister(session: Session, courier_id: str, *, now: datetime) -> None:
    """Release everything that a process holds which is stopping, and remove it from the list."""
    _release_all(session, courier_id, now=now)


def dead_couriers(session: Session, *, now: datetime) -> list[str]:
    """The processes that hold claims and whose last heartbeat is too old or missing."""
    alive = select(CourierHeartbeat.id).where(CourierHeartbeat.seen_at > now - DEAD_AFTER)
    holders = (
        select(Batch.courier_id)
        .where(Batch.courier_id.is_not(None), Batch.courier_id.not_in(alive))
        .union(
            select(SystemMail.courier_id).where(
                SystemMail.courier_id.is_not(None), SystemMail.courier_id.not_in(alive)
            ),
            select(CourierHeartbeat.id).where(CourierHeartbeat.seen_at <= now - DEAD_AFTER),
        )
    )
    return [courier_id for courier_id in session.scalars(holders) if courier_id]


def recover(session: Session, courier_id: str, *, now: datetime) -> int:
    """Release everything that a dead process holds; the number of its batches."""
    return _release_all(session, courier_id, now=now)


def _release_all(session: Session, courier_id: str, *, now: datetime) -> int:
    batches = session.scalars(
        select(Batch).where(Batch.courier_id == courier_id).with_for_update()
    ).all()
    for batch in batches:
        release(session, batch, now=now)
    for notice in session.scalars(select(SystemMail).where(SystemMail.courier_id == courier_id)):
        _wait_again(notice, now)
    courier = session.get(CourierHeartbeat, courier_id)
    if courier is not None:
        session.delete(courier)
    return len(batches)


def _wait_again(notice: SystemMail, now: datetime) -> None:
    # A confirmation that is sent twice does no harm; one that is never sent does.
    notice.status, notice.courier_id, notice.due_at = DeliveryStatus.PENDING, None, now
