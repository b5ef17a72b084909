"""Whoever has not answered is reminded once, on the day that the request says, in the morning."""

from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from contacts.permission.suppressions import find as suppression_of
from mailer.clock import wall_of
from mailer.gathering.stories import chasing
from mailer.models import StoryAsk, StoryRequest
from mailer.network.details import zone
from mailer.security.tokens import Tokens

_FROM: Final = 9  # o'clock
_AFTER_A_CHASE: Final = timedelta(days=2)
_AT_ONCE: Final = 100


def due(session: Session, *, now: datetime) -> list[int]:
    """The asks of whom to remind now. One whose day passed while nothing ran is reminded later,
    but never after the day by which stories are wanted."""
    query = (
        select(StoryAsk.id)
        .join(StoryRequest, StoryRequest.id == StoryAsk.request_id)
        .where(_is_due(now, _day(session, now)))
        .order_by(StoryAsk.id)
        .limit(_AT_ONCE)
    )
    return list(session.scalars(query))


def remind(session: Session, ask_id: int, *, site: str, tokens: Tokens, now: datetime) -> bool:
    """Remind one person, once; False when there is nothing to remind of any more.

    Whoever can't be written to any more counts as reminded: the list says that it did not go.
    """
    asked = session.scalar(
        select(StoryAsk)
        .join(StoryRequest, StoryRequest.id == StoryAsk.request_id)
        .where(StoryAsk.id == ask_id, _is_due(now, _day(session, now)))
        .options(joinedload(StoryAsk.request), joinedload(StoryAsk.contact))
        .with_for_update(of=StoryAsk, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if asked is None:
        return False
    asked.reminded_at = now
    key = asked.contact.address_key
    if not key or suppression_of(session, key):
        return False
    chasing.remind(session, asked, site=site, tokens=tokens, now=now)
    return True


def remind_due(session: Session, *, site: str, tokens: Tokens, now: datetime) -> int:
    """Remind everybody who is to be reminded now; how many."""
    return sum(
        remind(session, each, site=site, tokens=tokens, now=now) for each in due(session, now=now)
    )


def _day(session: Session, now: datetime) -> date:
    """Today; before nine in the morning still yesterday."""
    return (wall_of(now, zone(session)) - timedelta(hours=_FROM)).date()


def _is_due(now: datetime, today: date) -> ColumnElement[bool]:
    return and_(
        StoryRequest.remind_on <= today,
        StoryRequest.due_on >= today,
        StoryAsk.left_out.is_(None),
        StoryAsk.answered_at.is_(None),
        StoryAsk.declined_at.is_(None),
        StoryAsk.reminded_at.is_(None),
        or_(StoryAsk.chased_at.is_(None), StoryAsk.chased_at <= now - _AFTER_A_CHASE),
    )
