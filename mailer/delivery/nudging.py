"""Ranges that are due, handed to the couriers as jobs; losing or doubling one changes nothing."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contacts.database import Database
from mailer.jobs import Jobs
from mailer.models import Batch

RENUDGE: Final = timedelta(seconds=2)
_AHEAD: Final = 256  # jobs in the queue at most
_AGAIN: Final = 32  # nudged again at most: enough to wake who is idle, too few to fill the queue


def hand_out(database: Database, jobs: Jobs, campaign_id: int, *, now: datetime) -> None:
    """Send a job for each range that is due and in nobody's hands, as far as the queue has room.

    A courier goes on with what is due by itself: a job is for one that is idle, and a thousand
    would find nothing to do.
    """
    room = _AHEAD - jobs.waiting("deliver")
    if room <= 0:
        return
    with database.writing() as session:
        ranges = nudge(session, campaign_id, now=now, most=room)
    for first_id, last_id in ranges:
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
    ahead = select(Batch).where(*free).order_by(Batch.due_at, Batch.id).limit(most)
    found = session.scalars(ahead).all()
    again = [each for each in found if each.nudged_at and each.nudged_at < now - RENUDGE]
    ready = [each for each in found if each.nudged_at is None] + again[:_AGAIN]
    session.execute(
        update(Batch).where(Batch.id.in_([batch.id for batch in ready])).values(nudged_at=now)
    )
    return [(batch.first_id, batch.last_id) for batch in ready]
