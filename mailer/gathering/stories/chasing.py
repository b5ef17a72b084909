"""Asking once more, by a person's press or because the day has come: never twice within a day."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from contacts import audit
from contacts.actors import Actor
from contacts.models import Newsletter
from contacts.permission.suppressions import find as suppression_of
from mailer.clock import wall_of
from mailer.errors import NotAllowed, NotFound
from mailer.gathering.stories import links
from mailer.gathering.stories.asking import KIND
from mailer.gathering.stories.request_mail import ASKED, REMINDED, post
from mailer.models import StoryAsk
from mailer.network.details import zone
from mailer.security.tokens import Tokens

_BETWEEN_MAILS: Final = timedelta(hours=20)


def chase(
    session: Session, ask_id: int, *, site: str, tokens: Tokens, actor: Actor, now: datetime
) -> StoryAsk:
    """Ask one person once more, who has not answered. NotAllowed where that is not so any more,
    where they may not be written to, or were within the day."""
    asked = _locked(session, ask_id)
    if why := why_not_again(session, asked, now=now):
        raise NotAllowed(why)
    asked.chased_at = now
    remind(session, asked, site=site, tokens=tokens, now=now)
    audit.write(session, "story chased", KIND, asked.request_id, actor=actor, now=now, ask=asked.id)
    return asked


def chase_all(
    session: Session, request_id: int, *, site: str, tokens: Tokens, actor: Actor, now: datetime
) -> tuple[int, int]:
    """The same for everybody who has not answered: how many were asked, and how many not."""
    silent = session.scalars(
        select(StoryAsk.id)
        .where(
            StoryAsk.request_id == request_id,
            StoryAsk.answered_at.is_(None),
            StoryAsk.declined_at.is_(None),
        )
        .order_by(StoryAsk.id)
    ).all()
    asked = 0
    for ask_id in silent:
        try:
            chase(session, ask_id, site=site, tokens=tokens, actor=actor, now=now)
        except NotAllowed:
            continue
        asked += 1
    return asked, len(silent) - asked


def why_not_again(session: Session, asked: StoryAsk, *, now: datetime) -> str:
    """Why somebody is not to be asked once more, in a sentence; "" if they may be."""
    who = asked.contact.name or asked.contact.email or "This person"
    today = wall_of(now, zone(session)).date()
    if asked.answered_at or asked.declined_at:
        return f"{who} has answered."
    if not asked.contact.address_key or suppression_of(session, asked.contact.address_key):
        return f"{who} can’t be written to."
    if not links.is_open(asked.request, today):
        return "The link has ended: ask anew, with another day."
    last = max(filter(None, (asked.chased_at, asked.reminded_at, asked.request.asked_at)))
    if asked.left_out is None and now - _BETWEEN_MAILS < last <= now:
        return f"{who} was written to within the last day."
    return ""


def remind(session: Session, asked: StoryAsk, *, site: str, tokens: Tokens, now: datetime) -> None:
    """Write the mail that asks once more."""
    sender = session.get_one(Newsletter, asked.request.newsletter_id)
    what = ASKED if asked.left_out else REMINDED
    asked.left_out = None
    post(session, what, asked, sender, site=site, tokens=tokens, now=now)


def _locked(session: Session, ask_id: int) -> StoryAsk:
    found = session.scalar(
        select(StoryAsk)
        .where(StoryAsk.id == ask_id)
        .options(joinedload(StoryAsk.request), joinedload(StoryAsk.contact))
        .with_for_update(of=StoryAsk)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("Nobody was asked under that number.")
    return found
