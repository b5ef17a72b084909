"""Whose turn it is: campaigns that are sent at the same time share what there is, copy by copy.

A job says that a range waits; which range is taken then is decided here, so that a campaign of a
hundred does not stand behind one of a hundred thousand.
"""

import random
import threading
from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session

from contacts.database import Instant
from mailer.models import Batch, Campaign, CampaignStatus

_LOOKED_AT: Final = 128  # of a campaign's ranges, so that two couriers seldom want the same one

_FREE: Final = (
    select(Campaign.id)
    .where(
        Campaign.status == CampaignStatus.SENDING,
        Campaign.frozen_at.is_not(None),
        exists().where(
            Batch.campaign_id == Campaign.id,
            Batch.open,
            Batch.courier_id.is_(None),
            Batch.due_at <= bindparam("now", type_=Instant()),
        ),
    )
    .order_by(Campaign.id)
)
_BATCHES: Final = (
    select(Batch.first_id, Batch.last_id)
    .where(
        Batch.campaign_id == bindparam("campaign"),
        Batch.open,
        Batch.courier_id.is_(None),
        Batch.due_at <= bindparam("now", type_=Instant()),
    )
    # What is left of a range keeps its place: the front is carried first, and ranges get fewer.
    .order_by(Batch.due_at, Batch.first_id)
    .limit(_LOOKED_AT)
)


class Backlog(NamedTuple):
    """How many deliveries wait at most, and in how many ranges."""

    deliveries: int
    batches: int


class WaitingBatch(NamedTuple):
    """A range that waits, and what is ``left`` of its campaign; None where that is plenty."""

    first_id: int
    last_id: int
    backlog: Backlog | None = None


class FairShare:
    """What each campaign has had in this process."""

    def __init__(self) -> None:
        self._had: dict[int, int] = {}
        self._lock = threading.Lock()

    def count(self, campaign_id: int, number: int) -> None:
        """Count messages of a campaign."""
        with self._lock:
            self._had[campaign_id] = self._had.get(campaign_id, 0) + number

    def next_campaign(self, campaign_ids: Iterable[int]) -> int:
        """Whichever of them has had least. One that is new begins with what the others have had."""
        with self._lock:
            known = {each: self._had[each] for each in campaign_ids if each in self._had}
            start = min(known.values(), default=0)
            for each in campaign_ids:
                self._had.setdefault(each, start)
            self._had = {each: had for each, had in self._had.items() if each in campaign_ids}
            return min(self._had, key=lambda each: (self._had[each], each))


def waiting_campaigns(session: Session, *, now: datetime) -> list[int]:
    """The campaigns with a range that is due and in nobody's hands."""
    return list(session.connection().scalars(_FREE, {"now": now}))


def other_campaigns_wait(session: Session, campaign_id: int, *, now: datetime) -> bool:
    """Whether another campaign waits for somebody to carry it."""
    others = _FREE.where(Campaign.id != campaign_id).limit(1)
    return session.connection().scalar(others, {"now": now}) is not None


def pick_batch(session: Session, campaign_id: int, *, now: datetime) -> WaitingBatch | None:
    """One of the campaign's ranges that wait."""
    found = session.connection().execute(_BATCHES, {"campaign": campaign_id, "now": now}).all()
    if not found:
        return None
    chosen = random.choice(found)  # noqa: S311  # to keep couriers apart, not to keep a secret
    if len(found) == _LOOKED_AT:
        return WaitingBatch(chosen.first_id, chosen.last_id)
    deliveries = sum(each.last_id - each.first_id + 1 for each in found)
    return WaitingBatch(chosen.first_id, chosen.last_id, Backlog(deliveries, batches=len(found)))
