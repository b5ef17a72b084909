"""Measures of this installation for monitoring: numbers only, no address and no name.

Deliveries are counted for campaigns that are being sent; a finished one has a report. Waiting
files are those of this host.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from mailer import VERSION
from mailer.delivery.claims.recovery import DEAD_AFTER
from mailer.models import (
    Batch,
    Campaign,
    CampaignStatus,
    CourierHeartbeat,
    DeliveryStatus,
    Spool,
    Step,
)
from mailer.receipts.incoming import folder as incoming
from mailer.receipts.incoming.unreadable import UnreadableMail
from mailer.receipts.tracking import spool
from mailer.receipts.withdrawals import folder as withdrawals
from mailer.relays import registry
from mailer.relays.registry import State
from mailer.reports.accounting import tally
from mailer.settings.environment import Settings

Samples = list[tuple[Mapping[str, str], float]]
_UP: Final = frozenset({State.WORKS, State.RETRY})
_BEING_SENT: Final = or_(
    Campaign.status.in_((CampaignStatus.SENDING, CampaignStatus.PAUSED)),
    and_(Campaign.status == CampaignStatus.STOPPED, Campaign.finished_at.is_(None)),
)


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: its meaning, and its values by their labels; a duration is in seconds."""

    name: str
    words: str
    samples: Samples


def measures(session: Session, settings: Settings, *, now: datetime) -> Iterator[Measure]:
    """All measures, one after the other."""
    yield Measure("build_info", "The version that runs.", [({"version": VERSION}, 1)])
    yield Measure("campaigns", "Campaigns by status.", _campaigns(session))
    sent = session.scalars(select(Campaign.id).where(_BEING_SENT).order_by(Campaign.id)).all()
    yield Measure(
        "deliveries",
        "Deliveries of the campaigns that are being sent, by status.",
        [sample for campaign_id in sent for sample in _deliveries(session, campaign_id)],
    )
    held, waiting = _batches(session, sent)
    yield Measure(
        "batches",
        "Batches of those campaigns with open deliveries: waiting, or held by a courier.",
        [({"state": "waiting"}, waiting), ({"state": "held"}, held)],
    )
    yield from _relays(session, settings, now)
    yield from _spool(session, settings)
    folder = settings.incoming_dir
    yield Measure(
        "incoming_mail",
        "Mail that came back: waiting to be read, or set aside for a person to look at.",
        [
            ({"state": "waiting"}, incoming.count(folder)),
            ({"state": "to_look_at"}, UnreadableMail(folder).count()),
        ],
    )
    yield Measure(
        "withdrawals",
        "Withdrawals of consent: waiting for the database, or set aside for a person to look at.",
        [
            ({"state": "waiting"}, withdrawals.count(settings.withdrawals_dir)),
            ({"state": "to_look_at"}, withdrawals.count_aside(settings.withdrawals_dir)),
        ],
    )
    alive = (
        select(func.count())
        .select_from(CourierHeartbeat)
        .where(CourierHeartbeat.seen_at > now - DEAD_AFTER)
    )
    yield Measure("couriers", "Workers alive.", [({}, session.scalar(alive) or 0)])
    oldest = session.scalar(
        select(func.min(Step.due_at)).where(Step.done_at.is_(None), Step.due_at <= now)
    )
    late = (now - oldest).total_seconds() if oldest else 0.0
    yield Measure(
        "oldest_due_step_seconds",
        "How long the oldest planned step (a launch, a draft) has been due without being done.",
        [({}, late)],
    )


def _campaigns(session: Session) -> Samples:
    query = select(Campaign.status, func.count()).group_by(Campaign.status)
    counted = dict(session.execute(query).all())
    return [
        ({"status": each.value}, counted.get(each, 0))
        for each in CampaignStatus
        if each is not CampaignStatus.TEMPLATE
    ]


def _deliveries(session: Session, campaign_id: int) -> Samples:
    excluded, deliveries = tally(session, campaign_id)
    deliveries[DeliveryStatus.EXCLUDED] = sum(excluded.values())
    return [
        ({"campaign": str(campaign_id), "status": each.value}, deliveries.get(each, 0))
        for each in DeliveryStatus
    ]


def _batches(session: Session, campaigns: Sequence[int]) -> tuple[int, int]:
    """How many open batches couriers hold, and how many wait."""
    held, every = session.execute(
        select(func.count(Batch.courier_id), func.count()).where(
            Batch.campaign_id.in_(campaigns), Batch.open
        )
    ).one()
    return held, every - held


def _relays(session: Session, settings: Settings, now: datetime) -> Iterator[Measure]:
    listed = registry.listing(session, settings, now=now)
    every = [(each.relay, {"relay": str(each.relay.id)}) for each in listed]
    yield Measure(
        "relay_up",
        "Whether a relay is in use and not left alone after a failure.",
        [(labels, each.state in _UP) for each, (_, labels) in zip(listed, every, strict=True)],
    )
    yield Measure(
        "relay_speed_set",
        "Messages a second as set; none for as fast as it goes.",
        [(labels, speed) for relay, labels in every if (speed := relay.per_second) is not None],
    )
    yield Measure(
        "relay_speed",
        "Messages a second now, less where the relay asked for less.",
        [(labels, speed) for relay, labels in every if (speed := relay.speed(now)) is not None],
    )
    yield Measure(
        "relay_failures",
        "Failures of a relay in a row.",
        [(labels, relay.failures) for relay, labels in every],
    )


def _spool(session: Session, settings: Settings) -> Iterator[Measure]:
    taken = dict(session.execute(select(Spool.name, Spool.taken)).all())
    left: list[int] = []
    for path in spool.files(settings.spool_dir):
        try:
            left.append(path.stat().st_size - taken.get(path.name, 0))
        except FileNotFoundError:
            continue  # the drain is just done with it
    waiting = [octets for octets in left if octets > 0]
    subject = "Opens and clicks that wait for the database"
    yield Measure("spool_files", f"{subject}: files.", [({}, len(waiting))])
    yield Measure("spool_octets", f"{subject}: octets.", [({}, sum(waiting))])
