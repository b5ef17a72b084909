"""The link by which somebody who was asked sends a story: signed, theirs, and without an account.

What is sealed in it is who was asked. Until when it opens, the request says, so that whoever moves
the day moves it for links that have gone out too.
"""

from datetime import date, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from mailer.models import StoryAsk, StoryRequest
from mailer.security.tokens import Purpose, Tokens

OPEN_FOR: Final = timedelta(days=14)  # after the day by which stories are asked for


def address(site: str, tokens: Tokens, ask: StoryAsk) -> str:
    """Where this person's form is."""
    return f"{site}/story/{tokens.seal(Purpose.STORY, ask.id)}"


def is_ours(token: str, *, tokens: Tokens) -> bool:
    """Whether it was ever good; the database is not asked."""
    return tokens.open(Purpose.STORY, token) is not None


def ask_of(session: Session, token: str, *, tokens: Tokens, lock: bool = False) -> StoryAsk | None:
    """Who was asked; None for a link that is not ours, or of a request that is gone."""
    opened = tokens.open(Purpose.STORY, token)
    if opened is None:
        return None
    query = (
        select(StoryAsk)
        .where(StoryAsk.id == opened[0])
        .options(
            joinedload(StoryAsk.request),
            joinedload(StoryAsk.contact),
            joinedload(StoryAsk.organisation),
            joinedload(StoryAsk.item),
        )
    )
    if lock:
        query = query.with_for_update(of=StoryAsk).execution_options(populate_existing=True)
    return session.scalar(query)


def ends_on(request: StoryRequest) -> date:
    """The last day on which links of a request open."""
    return request.due_on + OPEN_FOR


def is_open(request: StoryRequest, today: date) -> bool:
    """Whether links of a request open today."""
    return today <= ends_on(request)
