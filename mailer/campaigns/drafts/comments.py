"""Comments on an issue: on one of its blocks, or on all of it. They are answered by being
resolved, and never go out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor
from mailer.accounts.naming import name_of
from mailer.authoring.document import read
from mailer.campaigns.editing import find
from mailer.campaigns.moving import note
from mailer.campaigns.verbs import Verb
from mailer.errors import FormError, NotFound
from mailer.models import Campaign, Comment

LONGEST: Final = 2_000


def add(
    session: Session,
    campaign_id: int,
    text: str,
    *,
    block_id: str = "",
    actor: Actor,
    now: datetime,
) -> Comment:
    """Say something about the issue, or one of its blocks. FormError for nothing, or too much."""
    campaign = find(session, campaign_id, lock=True)
    Verb.COMMENT.check(campaign.status)
    wanted = "Write what should change, or what you think of it."
    text = checked(campaign, text, block_id=block_id, wanted=wanted)
    return write(session, campaign, text, block_id=block_id, actor=actor, now=now)


def checked(campaign: Campaign, text: str, *, block_id: str, wanted: str) -> str:
    """The text as it is kept. FormError for nothing, which says what is ``wanted``, or too much;
    NotFound where the block is gone."""
    text = text.strip()
    if not text:
        raise FormError([("text", wanted)])
    if len(text) > LONGEST:
        raise FormError([("text", f"Write at most {LONGEST:,} characters.")])
    if block_id and block_id not in {each.id for each in read(campaign.document)[0].blocks}:
        raise NotFound("That block is no longer there: it was removed meanwhile.")
    return text


def write(
    session: Session, campaign: Campaign, text: str, *, block_id: str, actor: Actor, now: datetime
) -> Comment:
    """Keep a comment on an issue that is locked."""
    made = Comment(
        campaign_id=campaign.id,
        block_id=block_id,
        version=campaign.version,
        text=text,
        by=actor,
        by_name=name_of(session, actor),
        at=now,
    )
    session.add(made)
    session.flush()
    note(session, campaign, "commented on", actor=actor, now=now, comment=made.id)
    return made


def resolve(
    session: Session, campaign_id: int, comment_id: int, *, actor: Actor, now: datetime
) -> Comment:
    """Say that a comment is dealt with; a second time changes nothing."""
    campaign = find(session, campaign_id, lock=True)
    found = session.get(Comment, comment_id)
    if found is None or found.campaign_id != campaign.id:
        raise NotFound("There is no such comment on this issue.")
    if found.resolved_at is None:
        found.resolved_at, found.resolved_by = now, name_of(session, actor)
        note(session, campaign, "comment resolved", actor=actor, now=now, comment=found.id)
    return found


def of(session: Session, campaign_id: int) -> Sequence[Comment]:
    """Every comment on an issue, the first first."""
    return session.scalars(
        select(Comment).where(Comment.campaign_id == campaign_id).order_by(Comment.id)
    ).all()


def open_by_block(session: Session, campaign_id: int) -> dict[str, list[Comment]]:
    """Those that are not resolved, by the id of the block ("" for the whole issue)."""
    found: dict[str, list[Comment]] = {}
    for each in of(session, campaign_id):
        if each.resolved_at is None:
            found.setdefault(each.block_id, []).append(each)
    return found
