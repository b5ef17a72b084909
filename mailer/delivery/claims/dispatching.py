"""Ranges that are due, handed to the couriers as jobs; losing or doubling one changes nothing."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contacts.database import Database
from mailer.models import Batch
from mailer.queue.jobs import Jobs

RENUDGE: Final = timedelta(seconds=2)
_AHEAD: Final = 256  # jobs in the queue at most
_PIECE: Final = 32  # deliveries of a range for each of its jobs
_AGAIN: Final = 32  # nudged again at most: enough to wake who is idle, too few to fill the queue


def send_jobs(database: Database, jobs: Jobs, campaign_id: int, *, now: datetime) -> None:
    """Send a job for each range that is due and in nobody's hands, as far as the queue has room.

    A long range gets several: who claims it cuts it, and the next courier has the rest. A courier
    goes on with what is due by itself, so a job is for one that is idle, and a thousand would find
    nothing to do.
    """
    room = _AHEAD - jobs.waiting("deliver")
    if room <= 0:
        return
    with database.writing() as session:
        ranges = nudge(session, campaign_id, now=now, most=room)
    # The first job of each before the second of any.
    pieces = sorted(
        (piece, first_id, last_id)
        for first_id, last_id in ranges
        for piece in range(0, last_id - first_id + 1, _PIECE)
    )
    for _, first_id, last_id in pieces[:room]:
        jobs.send("deliver", campaign_id, first_id, last_id)


def nudge(
    session: Session, campaign_id: int, *, now: datetime, most: int = _AHEAD
) -> list[tuple[int, int]]:
    """Ranges that are due and in nobody's hands, marked as nudged; a lost nudge is repeated."""
    free = [
        Batch.campaign_id == campaign_id,
        Batch.open,
        Batch.courier_id.is_(None),
        Batch.due_at <= now,
    ]
    # What is locked is being claimed: it needs no job, and to wait for it could be a deadlock.
    ahead = (
        select(Batch)
        .where(*free)
        .order_by(Batch.due_at, Batch.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    found = session.scalars(ahead).all()
    again = [each for each in found if each.nudged_at and each.nudged_at < now - RENUDGE]
    ready = [each for each in found if each.nudged_at is None] + again[:_AGAIN]
    session.execute(
        update(Batch).where(Batch.id.in_([batch.id for batch in ready])).values(nudged_at=now)
    )
    return [(batch.first_id, batch.last_id) for batch in ready]
