"""The library as a list: found by kind, standing, organisation and words, with uses of each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, true
from sqlalchemy.orm import Session, joinedload

from contacts.models import Organisation
from contacts.names import fold
from mailer.models import EDITABLE, Campaign, CampaignStatus, ItemState, LibraryItem, LibraryUse

S = CampaignStatus
OUT: Final = frozenset({S.SENDING, S.PAUSED, S.STOPPED, S.SENT, S.SETTLED})
_MOST_WORDS: Final = 6
_BY_DAY: Final = frozenset({"event", "call"})


class ItemStanding(StrEnum):
    """Where an item stands: exactly one of these."""

    ASKED = "asked"
    DRAFT = "draft"
    READY = "ready"  # and in no issue, and never was
    IN_ISSUE = "in_issue"  # that has not gone out
    USED = "used"


_RANKS: Final = {
    each.value: rank
    for rank, each in enumerate(
        (
            ItemStanding.READY,
            ItemStanding.DRAFT,
            ItemStanding.ASKED,
            ItemStanding.IN_ISSUE,
            ItemStanding.USED,
        )
    )
}


@dataclass(frozen=True, slots=True)
class WantedItems:
    """What a list is narrowed to; "" and None narrow nothing."""

    kind: str = ""
    standing: ItemStanding | None = None
    text: str = ""
    organisation_id: int | None = None
    binned: bool = False


@dataclass(frozen=True, slots=True)
class ItemUse:
    """An issue that has an item, in which block."""

    issue: Campaign
    block_id: str
    revision: int

    @property
    def is_out(self) -> bool:
        """Whether the issue has gone out, or begun to."""
        return self.issue.status in OUT


@dataclass(frozen=True, slots=True)
class ListedItem:
    """An item, where it stands, and its uses, the newest issue first."""

    item: LibraryItem
    standing: ItemStanding
    uses: tuple[ItemUse, ...]


def search(
    session: Session, wanted: WantedItems, *, today: date, page: int, per_page: int
) -> tuple[list[ListedItem], int]:
    """One page of a list, and how many there are. Of one kind that has days, what is over comes
    last and the rest by its day; of others, what can be used comes first, the newest before."""
    condition = _condition(wanted)
    total = session.scalar(select(func.count()).select_from(LibraryItem).where(condition)) or 0
    order: tuple[ColumnElement[Any], ...]
    if wanted.kind in _BY_DAY:
        over = LibraryItem.on_day < today
        order = (case((over, 1), else_=0), case((over, None), else_=LibraryItem.on_day))
    else:
        order = (case(_RANKS, value=_standing_column()),)
    found = session.scalars(
        select(LibraryItem)
        .where(condition)
        .options(joinedload(LibraryItem.organisation))
        .order_by(
            *order,
            LibraryItem.updated_at.desc(),
            LibraryItem.id.desc(),
        )
        .offset((page - 1) * per_page)
        .limit(per_page)
    ).all()
    return listed(session, found), total


def offered(session: Session, *, most: int) -> list[ListedItem]:
    """What no issue has and none had, and is ready: the oldest first."""
    found = session.scalars(
        select(LibraryItem)
        .where(_condition(WantedItems(standing=ItemStanding.READY)))
        .options(joinedload(LibraryItem.organisation))
        .order_by(LibraryItem.created_at, LibraryItem.id)
        .limit(most)
    ).all()
    return listed(session, found)


def count_standings(session: Session, wanted: WantedItems) -> Mapping[ItemStanding, int]:
    """How many of a list there are of each standing."""
    condition = _condition(replace(wanted, standing=None))
    each = select(_standing_column().label("standing")).where(condition).subquery()
    column = each.c.standing
    rows = session.execute(select(column, func.count()).group_by(column))
    return {ItemStanding(name): number for name, number in rows}


def listed(session: Session, items: Sequence[LibraryItem]) -> list[ListedItem]:
    """Items with where they stand."""
    uses = uses_of(session, [each.id for each in items])
    return [
        ListedItem(each, _standing(each, uses[each.id]), tuple(uses[each.id])) for each in items
    ]


def uses_of(session: Session, item_ids: Sequence[int]) -> Mapping[int, list[ItemUse]]:
    """The uses of items, the newest issue first; those of issues that were skipped or are in the
    bin are none."""
    found: dict[int, list[ItemUse]] = defaultdict(list)
    rows = session.execute(
        select(LibraryUse, Campaign)
        .join(Campaign, Campaign.id == LibraryUse.campaign_id)
        .where(LibraryUse.item_id.in_(item_ids), Campaign.status.in_(OUT | EDITABLE))
        .options(joinedload(Campaign.newsletter))
        .order_by(Campaign.id.desc(), LibraryUse.block_id)
    )
    for use, issue in rows:
        found[use.item_id].append(ItemUse(issue, use.block_id, use.revision))
    return found


def organisations_with_items(session: Session) -> Sequence[Organisation]:
    """The organisations that the library has something of."""
    there = exists().where(LibraryItem.organisation_id == Organisation.id)
    return session.scalars(select(Organisation).where(there).order_by(Organisation.name_key)).all()


def _standing(item: LibraryItem, uses: Sequence[ItemUse]) -> ItemStanding:
    if any(not use.is_out for use in uses):
        return ItemStanding.IN_ISSUE
    return ItemStanding.USED if uses else ItemStanding(item.state.value)


def _standing_column() -> ColumnElement[str]:
    """The same for the database to say."""
    return case(
        (_is_in(EDITABLE), ItemStanding.IN_ISSUE.value),
        (_is_in(OUT), ItemStanding.USED.value),
        (LibraryItem.state == ItemState.READY, ItemStanding.READY.value),
        (LibraryItem.state == ItemState.DRAFT, ItemStanding.DRAFT.value),
        else_=ItemStanding.ASKED.value,
    )


def _is_in(statuses: frozenset[CampaignStatus]) -> ColumnElement[bool]:
    return (
        select(LibraryUse.item_id)
        .join(Campaign, Campaign.id == LibraryUse.campaign_id)
        .where(LibraryUse.item_id == LibraryItem.id, Campaign.status.in_(statuses))
        .exists()
    )


def _condition(wanted: WantedItems) -> ColumnElement[bool]:
    binned = LibraryItem.binned_at.is_not(None)
    parts: list[ColumnElement[bool]] = [binned if wanted.binned else ~binned]
    if wanted.kind:
        parts.append(LibraryItem.kind == wanted.kind)
    if wanted.organisation_id is not None:
        parts.append(LibraryItem.organisation_id == wanted.organisation_id)
    if wanted.standing is not None:
        parts.append(_standing_column() == wanted.standing.value)
    for word in fold(wanted.text).split()[:_MOST_WORDS]:
        whose = exists().where(
            Organisation.id == LibraryItem.organisation_id,
            Organisation.name_key.contains(word, autoescape=True),
        )
        parts.append(or_(LibraryItem.words_key.contains(word, autoescape=True), whose))
    return and_(true(), *parts)
