"""Whose turn it is: campaigns that are sent at the same time share what there is, copy by copy.

A job only says that a batch waits. Which batch is then claimed is decided here, so that a campaign
to a hundred people does not wait for one to a hundred thousand.
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

_LOOKED_AT: Final = 128  # batches to choose from, so that couriers seldom choose the same one

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
    # The rest of a batch keeps its position, so that batches are finished instead of more begun.
    .order_by(Batch.due_at, Batch.first_id)
    .limit(_LOOKED_AT)
)


class Backlog(NamedTuple):
    """How many deliveries of a campaign wait, at most, and in how many batches."""

    deliveries: int
    batches: int


class WaitingBatch(NamedTuple):
    """A batch that nobody has claimed; ``backlog`` is its campaign's, None when that is large."""

    first_id: int
    last_id: int
    backlog: Backlog | None = None


class FairShare:
    """How many messages of each campaign this process has carried; the least is next."""

    def __init__(self) -> None:
        self._carried: dict[int, int] = {}
        self._lock = threading.Lock()

    def count(self, campaign_id: int, number: int) -> None:
        """Count messages of a campaign."""
        with self._lock:
            self._carried[campaign_id] = self._carried.get(campaign_id, 0) + number

    def next_campaign(self, campaign_ids: Iterable[int]) -> int:
        """The campaign that has had the least; a new one starts with the least of the others."""
        with self._lock:
            known = {each: self._carried[each] for each in campaign_ids if each in self._carried}
            start = min(known.values(), default=0)
            for each in campaign_ids:
                self._carried.setdefault(each, start)
            self._carried = {
                each: carried for each, carried in self._carried.items() if each in campaign_ids
            }
            return min(self._carried, key=lambda each: (self._carried[each], each))


def waiting_campaigns(session: Session, *, now: datetime) -> list[int]:
    """The campaigns with a batch that is due and not claimed."""
    return list(session.connection().scalars(_FREE, {"now": now}))


def other_campaigns_wait(session: Session, campaign_id: int, *, now: datetime) -> bool:
    """Whether another campaign has a batch that is due and not claimed."""
    others = _FREE.where(Campaign.id != campaign_id).limit(1)
    return session.connection().scalar(others, {"now": now}) is not None


def pick_batch(session: Session, campaign_id: int, *, now: datetime) -> WaitingBatch | None:
    """One of the campaign's waiting batches, chosen at random."""
    found = session.connection().execute(_BATCHES, {"campaign": campaign_id, "now": now}).all()
    if not found:
        return None
    chosen = random.choice(found)  # noqa: S311  # it keeps couriers apart and guards no secret
    if len(found) == _LOOKED_AT:
        return WaitingBatch(chosen.first_id, chosen.last_id)
    deliveries = sum(each.last_id - each.first_id + 1 for each in found)
    return WaitingBatch(chosen.first_id, chosen.last_id, Backlog(deliveries, batches=len(found)))
