"""How fast a campaign is being sent, when it will be through, and what has failed so far."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from sqlalchemy import case, func, literal, select
from sqlalchemy.orm import Session

from mailer.models import OPEN, Campaign, CampaignStatus, Delivery, DeliveryStatus
from mailer.reports.accounting import Account

_SPAN: Final = 10  # seconds
_SPANS: Final = 6  # the last minute
_MOST_REASONS: Final = 5


@dataclass(frozen=True, slots=True)
class Progress:
    """``per_minute`` and ``done_at`` are None while too little has been sent to estimate them."""

    per_minute: int | None
    done_at: datetime | None
    failures: Sequence[tuple[str, int]]  # reasons in the vocabulary of bounces, the most first
    failed: int

    def minutes_left(self, now: datetime) -> int | None:
        """Whole minutes, rounded up."""
        if self.done_at is None:
            return None
        return max(1, -int((now - self.done_at).total_seconds() // 60))


def progress(session: Session, campaign: Campaign, account: Account, *, now: datetime) -> Progress:
    """The numbers of a campaign that is being sent, or was."""
    refused = session.execute(
        select(Delivery.reason, func.count())
        .where(Delivery.campaign_id == campaign.id, Delivery.status == DeliveryStatus.REFUSED)
        .group_by(Delivery.reason)
        .order_by(func.count().desc())
    ).all()
    failures = [(reason or "undefined", number) for reason, number in refused]
    rate = None
    if campaign.status is CampaignStatus.SENDING and campaign.finished_at is None:
        rate = _rate(session, campaign, now)
    done_at = now + timedelta(seconds=account.unresolved / rate) if rate else None
    return Progress(
        per_minute=round(rate * 60) if rate else None,
        done_at=done_at,
        failures=failures[:_MOST_REASONS],
        failed=sum(number for _, number in failures),
    )


def _rate(session: Session, campaign: Campaign, now: datetime) -> float | None:
    """Messages a second: the median of the last minute's six parts, as far as it has gone on."""
    began = campaign.frozen_at or campaign.started_at or now
    spans = min(_SPANS, int((now - began).total_seconds() // _SPAN))
    if spans < 1:
        return None
    moments = [now - timedelta(seconds=_SPAN * number) for number in range(spans + 1)]
    carried = Delivery.status.not_in((*OPEN, DeliveryStatus.EXCLUDED))
    counted = session.execute(
        select(
            *(
                func.count(
                    case(((Delivery.changed_at > old) & (Delivery.changed_at <= new), literal(1)))
                )
                for new, old in pairwise(moments)
            )
        ).where(Delivery.campaign_id == campaign.id, carried, Delivery.changed_at > moments[-1])
    ).one()
    middle = statistics.median(counted)
    rate = (middle or statistics.mean(counted)) / _SPAN
    return rate or None
