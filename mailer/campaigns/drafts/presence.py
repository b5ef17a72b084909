"""Who else has an issue open, and in which block they write."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor
from mailer.accounts.naming import name_of
from mailer.campaigns import editing
from mailer.campaigns.drafts.versions import keep
from mailer.campaigns.verbs import Verb
from mailer.models import Operator, Presence, VersionReason

BEAT: Final = timedelta(seconds=15)  # how often a page says that somebody is there
GONE_AFTER: Final = 3 * BEAT


@dataclass(frozen=True, slots=True)
class Here:
    """Somebody who has the issue open; ``block_id`` is "" while they write in none."""

    name: str
    block_id: str


@dataclass(frozen=True, slots=True)
class TakenOver:
    """Who took over the block that a person was in."""

    by: str
    at: datetime


def be_here(
    session: Session, campaign_id: int, operator_id: int, *, block_id: str, now: datetime
) -> TakenOver | None:
    """Note that a person is here, in this block; who has taken it over from them, told once."""
    found = session.get(Presence, (campaign_id, operator_id), with_for_update=True)
    if found is None:
        found = Presence(campaign_id=campaign_id, operator_id=operator_id, block_id="")
        session.add(found)
    taken = None
    if found.taken_by and found.taken_at:
        taken = TakenOver(found.taken_by, found.taken_at)
        found.taken_by = found.taken_at = None
        block_id = "" if block_id == found.block_id else block_id
    found.block_id, found.seen_at = block_id[:64], now
    return taken


def others(session: Session, campaign_id: int, *, except_for: int, now: datetime) -> Sequence[Here]:
    """Who else was here lately, in the order of their names."""
    rows = session.execute(
        select(Operator.name, Presence.block_id, Presence.taken_by)
        .join(Operator, Operator.id == Presence.operator_id)
        .where(
            Presence.campaign_id == campaign_id,
            Presence.operator_id != except_for,
            Presence.seen_at > now - GONE_AFTER,
        )
        .order_by(Operator.name)
    )
    return [Here(name, "" if taken else block_id) for name, block_id, taken in rows]


def take_over(
    session: Session, campaign_id: int, block_id: str, *, actor: Actor, now: datetime
) -> None:
    """Let ``actor`` write in a block that others are in. What they have saved is kept as a version
    first, and their pages say who took over."""
    campaign = editing.find(session, campaign_id, lock=True)
    Verb.EDIT.check(campaign.status)
    theirs = session.scalars(
        select(Presence).where(
            Presence.campaign_id == campaign_id,
            Presence.block_id == block_id,
            Presence.operator_id != actor.id,
            Presence.seen_at > now - GONE_AFTER,
        )
    ).all()
    if not theirs:
        return
    keep(session, campaign, VersionReason.TAKEN_OVER, actor=actor, now=now)
    for each in theirs:
        each.taken_by, each.taken_at = name_of(session, actor), now
