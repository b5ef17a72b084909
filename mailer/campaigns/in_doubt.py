"""Deliveries in doubt: their content may have arrived, and no answer is known.

They are left alone unless something proves that they were carried. Sending them again is for a
person to decide, who is told that some may then have two copies; it is the same message, with the
same Message-ID, so many mail programs show it once.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind
from mailer.campaigns import editing
from mailer.campaigns.due import drop
from mailer.campaigns.moving import move, note
from mailer.campaigns.verbs import Verb
from mailer.errors import NotAllowed
from mailer.models import (
    Batch,
    Campaign,
    CampaignStatus,
    Delivery,
    DeliveryStatus,
    InDoubt,
    StepKind,
)

_MOST_ATTEMPTS: Final = 3
_AGAIN: Final = "copies in doubt sent again"
_POLICY: Final = Actor(ActorKind.POLICY)
_AT_ONCE: Final = 1000


def decide(
    session: Session, campaign_id: int, policy: InDoubt, *, actor: Actor, now: datetime
) -> Campaign:
    """Set what happens to copies in doubt once all others have been sent."""
    campaign = editing.find(session, campaign_id, lock=True)
    if campaign.in_doubt is not policy:
        was, act = campaign.in_doubt.value, "given a rule for copies in doubt"
        detail = {"was": was, "is": policy.value}
        note(session, campaign, act, actor=actor, now=now, **detail)
    campaign.in_doubt = policy
    return campaign


def send_again(session: Session, campaign_id: int, *, actor: Actor, now: datetime) -> int:
    """Send all copies in doubt once more; gives their number."""
    campaign = editing.find(session, campaign_id, lock=True)
    Verb.SEND_AGAIN.check(campaign.status)
    uncertain = Delivery.campaign_id == campaign_id, Delivery.status == DeliveryStatus.UNCERTAIN
    ids = session.scalars(select(Delivery.id).where(*uncertain)).all()
    if not ids:
        raise NotAllowed("Nobody is in doubt any more.")
    _open_again(session, campaign_id, ids, now=now)
    detail = {"copies": len(ids)}
    if campaign.status is CampaignStatus.SENT:
        to = CampaignStatus.SENDING
        move(session, campaign, Verb.SEND_AGAIN, to, _AGAIN, actor=actor, now=now, **detail)
        campaign.finished_at = None
        drop(session, StepKind.SETTLE, campaign_id)
    else:
        note(session, campaign, _AGAIN, actor=actor, now=now, **detail)
    return len(ids)


def send_again_by_policy(session: Session, campaign_id: int, *, now: datetime) -> int:
    """Send copies in doubt once more, where the campaign says so and all others have been sent.

    Whoever was tried several times already is left to a person: a relay that never answers would
    else have us at it for days.
    """
    campaign = editing.find(session, campaign_id)
    if campaign.in_doubt is not InDoubt.SEND_AGAIN or campaign.status is not CampaignStatus.SENDING:
        return 0
    if campaign.frozen_at is None or session.scalar(
        select(exists().where(Batch.campaign_id == campaign_id, Batch.open))
    ):
        return 0
    uncertain = (
        Delivery.campaign_id == campaign_id,
        Delivery.status == DeliveryStatus.UNCERTAIN,
        Delivery.attempts < _MOST_ATTEMPTS,
    )
    ids = session.scalars(select(Delivery.id).where(*uncertain)).all()
    if ids:
        _open_again(session, campaign_id, ids, now=now)
        note(session, campaign, _AGAIN, actor=_POLICY, now=now, copies=len(ids))
    return len(ids)


def _open_again(session: Session, campaign_id: int, ids: Sequence[int], *, now: datetime) -> None:
    batches = session.execute(
        select(Batch.first_id, Batch.id)
        .where(Batch.campaign_id == campaign_id)
        .order_by(Batch.first_id)
    ).all()
    begins = [first_id for first_id, _ in batches]
    theirs = sorted({batches[bisect_right(begins, each) - 1].id for each in ids})
    for some in _parted(theirs):
        session.execute(
            update(Batch)
            .where(Batch.id.in_(some))
            .values(open=True, due_at=now, nudged_at=None)
            .execution_options(synchronize_session=False)
        )
    for some in _parted(ids):
        session.execute(
            update(Delivery)
            .where(Delivery.id.in_(some), Delivery.status == DeliveryStatus.UNCERTAIN)
            .values(status=DeliveryStatus.PENDING, changed_at=now)
            .execution_options(synchronize_session=False)
        )


def _parted(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
