"""Who else has an issue open, and in which block they write."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from contacts.actors import Actor
from contacts.bulk import insert_new
from contacts.database import Instant
from mailer.accounts.naming import name_of
from mailer.campaigns import editing
from mailer.campaigns.drafts.versions import keep
from mailer.campaigns.verbs import Verb
from mailer.models import Operator, Presence, VersionReason

BEAT: Final = timedelta(seconds=15)  # how often a page says that somebody is there
GONE_AFTER: Final = 3 * BEAT
_NEW: Final = ("campaign_id", "operator_id", "block_id", "seen_at")


@dataclass(frozen=True, slots=True)
class Here:
    """Somebody who has the issue open; ``block_id`` is "" while they write in none."""

    name: str
    block_id: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a person has to hear of the block that they are in: who has taken it over, and who asks
    to; "" for nobody."""

    taken_by: str = ""
    asked_by: str = ""


def be_here(
    session: Session, campaign_id: int, operator_id: int, *, block_id: str, now: datetime
) -> Told:
    """Note that a person is here, in this block; what they have to hear of it, told once."""
    here = select(literal(campaign_id), literal(operator_id), literal(""), literal(now, Instant))
    # Two pages of one person may say so at once.
    insert_new(session, Presence.__table__, _NEW, here)
    found = session.get_one(Presence, (campaign_id, operator_id), with_for_update=True)
    told = Told(found.taken_by or "", found.asked_by or "" if block_id else "")
    if found.taken_by:
        block_id = "" if block_id == found.block_id else block_id
    found.taken_by = found.taken_at = found.asked_by = None
    found.block_id, found.seen_at = block_id[:64], now
    return told


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


def ask_to_take_over(
    session: Session, campaign_id: int, block_id: str, *, actor: Actor, now: datetime
) -> list[str]:
    """Have the pages of those who are in a block say who asks for it; who they are. Nothing of
    theirs changes."""
    theirs = _in_block(session, campaign_id, block_id, actor=actor, now=now)
    for each in theirs:
        each.asked_by = name_of(session, actor)
    ids = [each.operator_id for each in theirs]
    return list(session.scalars(select(Operator.name).where(Operator.id.in_(ids))))


def take_over(
    session: Session, campaign_id: int, block_id: str, *, actor: Actor, now: datetime
) -> None:
    """Let ``actor`` write in a block that others are in. What they have saved is kept as a version
    first, and their pages say who took over."""
    campaign = editing.find(session, campaign_id, lock=True)
    Verb.EDIT.check(campaign.status)
    theirs = _in_block(session, campaign_id, block_id, actor=actor, now=now)
    if not theirs:
        return
    keep(session, campaign, VersionReason.TAKEN_OVER, actor=actor, now=now)
    for each in theirs:
        each.taken_by, each.taken_at = name_of(session, actor), now


def _in_block(
    session: Session, campaign_id: int, block_id: str, *, actor: Actor, now: datetime
) -> Sequence[Presence]:
    return session.scalars(
        select(Presence).where(
            Presence.campaign_id == campaign_id,
            Presence.block_id == block_id,
            Presence.operator_id != actor.id,
            Presence.seen_at > now - GONE_AFTER,
        )
    ).all()
