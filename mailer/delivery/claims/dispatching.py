"""Jobs for the batches that are due; to lose or double one changes nothing.

A *nudge* is one such message: the courier that gets it looks for work, in the database.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contacts.database import Database
from mailer.models import Batch
from mailer.queue.jobs import Jobs

RENUDGE: Final = timedelta(seconds=2)
AHEAD: Final = 256  # jobs in the queue at most
_PIECE: Final = 32  # deliveries of a batch for each of its jobs
_AGAIN: Final = 32  # nudged again at once, at most: enough to wake idle couriers


def send_jobs(
    database: Database, jobs: Jobs, campaign_id: int, *, now: datetime, most: int = AHEAD
) -> None:
    """Send jobs for the batches that are due and not claimed, until ``most`` are in the queue.

    A large batch gets several: the courier that claims it cuts it, and the next one claims the
    rest. A job is only for an idle courier, because a courier that carries goes on by itself.
    """
    room = most - jobs.waiting("deliver")
    if room <= 0:
        return
    with database.writing() as session:
        batches = nudge(session, campaign_id, now=now, most=room)
    # The first job of each before the second of any.
    pieces = sorted(
        (piece, first_id, last_id)
        for first_id, last_id in batches
        for piece in range(0, last_id - first_id + 1, _PIECE)
    )
    for _, first_id, last_id in pieces[:room]:
        jobs.send("deliver", campaign_id, first_id, last_id)


def nudge(
    session: Session, campaign_id: int, *, now: datetime, most: int = AHEAD
) -> list[tuple[int, int]]:
    """Mark batches that are due and not claimed as nudged; their first and last ids.

    A batch that stays unclaimed is nudged again after ``RENUDGE``, as its job may be lost.
    """
    free = [
        Batch.campaign_id == campaign_id,
        Batch.open,
        Batch.courier_id.is_(None),
        Batch.due_at <= now,
    ]
    # A locked batch is being claimed: it needs no job, and waiting for it could be a deadlock.
    ahead = (
        select(Batch)
        .where(*free)
        .order_by(Batch.due_at, Batch.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    found = session.scalars(ahead).all()
    # One that was nudged in the future was so by a clock that was ahead.
    again = [each for each in found if each.nudged_at and abs(each.nudged_at - now) > RENUDGE]
    ready = [each for each in found if each.nudged_at is None] + again[:_AGAIN]
    session.execute(
        update(Batch).where(Batch.id.in_([batch.id for batch in ready])).values(nudged_at=now)
    )
    return [(batch.first_id, batch.last_id) for batch in ready]
