"""What of the library everybody may see: what is marked as public, and ready or told already."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from contacts.actors import Actor
from contacts.names import fold
from mailer.authoring.library.items import find, kept_of, note
from mailer.authoring.library.kinds.event import KeptEvent
from mailer.authoring.library.listing import OUT
from mailer.errors import NotFound
from mailer.models import Campaign, ItemState, LibraryItem, LibraryUse

MOST_EVENTS: Final = 300
_LONGEST: Final = timedelta(days=62)  # that an event may last, to be found while it does
_MOST_WORDS: Final = 6


def set_public(
    session: Session, item_id: int, *, public: bool, actor: Actor, now: datetime
) -> LibraryItem:
    """Let an item stand on the public pages, or take it off them."""
    item = find(session, item_id, lock=True)
    if item.is_public != public:
        item.is_public = public
        note(session, item, "shown" if public else "hidden", actor=actor, now=now)
    return item


def newest(
    session: Session, kind: str, *, text: str = "", page: int, per_page: int
) -> tuple[Sequence[LibraryItem], int]:
    """One page of the public items of a kind with all of these words, the newest first, and how
    many there are."""
    condition = _is_public(kind)
    for word in fold(text).split()[:_MOST_WORDS]:
        condition &= LibraryItem.words_key.contains(word, autoescape=True)
    total = session.scalar(select(func.count()).select_from(LibraryItem).where(condition)) or 0
    found = session.scalars(
        select(LibraryItem)
        .where(condition)
        .order_by(
            func.coalesce(LibraryItem.on_day, date.min).desc(),
            LibraryItem.created_at.desc(),
            LibraryItem.id.desc(),
        )
        .offset((page - 1) * per_page)
        .limit(per_page)
    )
    return found.all(), total


def coming(session: Session, *, at: datetime) -> list[tuple[LibraryItem, KeptEvent]]:
    """The public events that are not over ``at`` an aware time in the network's zone, by day."""
    found = session.scalars(
        select(LibraryItem)
        .where(_is_public("event"), LibraryItem.on_day >= at.date() - _LONGEST)
        .order_by(LibraryItem.on_day, LibraryItem.id)
        .limit(MOST_EVENTS)
    )
    read = ((item, kept_of(item)) for item in found)
    events = [(item, kept) for item, kept in read if isinstance(kept, KeptEvent)]
    to_come = [(item, kept) for item, kept in events if not any(kept.problems_at(at))]
    return sorted(to_come, key=lambda each: (each[1].start, each[0].id))


def event(session: Session, item_id: int) -> tuple[LibraryItem, KeptEvent]:
    """One public event, over or not; NotFound for anything else."""
    item = session.scalar(select(LibraryItem).where(LibraryItem.id == item_id, _is_public("event")))
    kept = kept_of(item) if item else None
    if item is None or not isinstance(kept, KeptEvent):
        raise NotFound("There is no such event.")
    return item, kept


def _is_public(kind: str) -> ColumnElement[bool]:
    told = (
        select(LibraryUse.item_id)
        .join(Campaign, Campaign.id == LibraryUse.campaign_id)
        .where(LibraryUse.item_id == LibraryItem.id, Campaign.status.in_(OUT))
        .exists()
    )
    return and_(
        LibraryItem.kind == kind,
        LibraryItem.is_public,
        LibraryItem.binned_at.is_(None),
        or_(LibraryItem.state == ItemState.READY, told),
    )
