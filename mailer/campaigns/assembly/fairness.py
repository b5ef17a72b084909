"""Whose turn it is: the member that was featured longest ago has its oldest story told first."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailer.authoring.library.listing import OUT
from mailer.campaigns.assembly.span import IssueSpan
from mailer.clock import wall_of
from mailer.models import EDITABLE, Campaign, LibraryItem, LibraryUse

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def featured(
    session: Session, organisations: Collection[int | None]
) -> Mapping[int | None, datetime]:
    """When each organisation was last told of: when that issue went out, or was made where it has
    yet to. None stands for what is of the network itself."""
    at = func.max(func.coalesce(Campaign.started_at, Campaign.created_at))
    rows = session.execute(
        select(LibraryItem.organisation_id, at)
        .join(LibraryUse, LibraryUse.item_id == LibraryItem.id)
        .join(Campaign, Campaign.id == LibraryUse.campaign_id)
        .where(
            LibraryItem.kind == "story",
            Campaign.status.in_(OUT | EDITABLE),
            LibraryItem.organisation_id.in_([each for each in organisations if each is not None])
            | (LibraryItem.organisation_id.is_(None)),
        )
        .group_by(LibraryItem.organisation_id)
    )
    return {organisation: when for organisation, when in rows if when}


def in_turn(
    stories: Sequence[LibraryItem],
    since: Mapping[int, datetime],
    last: Mapping[int | None, datetime],
    span: IssueSpan,
) -> Iterator[tuple[LibraryItem, str]]:
    """The stories in the order in which they are told, each with why it is there."""
    left, told = list(stories), dict(last)
    chosen: set[int | None] = set()
    while left:
        first = min(
            left,
            key=lambda each: (
                each.organisation_id in chosen,
                told.get(each.organisation_id, _NEVER),
                since[each.id],
                each.id,
            ),
        )
        left.remove(first)
        whose = first.organisation_id
        yield first, _why(first, since[first.id], last.get(whose), span, again=whose in chosen)
        chosen.add(whose)


def _why(
    story: LibraryItem, ready: datetime, last: datetime | None, span: IssueSpan, *, again: bool
) -> str:
    sentence = f"Ready since {span.day_words(wall_of(ready, span.zone).date())}"
    name = story.organisation.name if story.organisation else "the network itself"
    if again:
        return f"{sentence}; no other member has a story waiting."
    if last is None:
        return f"{sentence}; {name} has not been featured yet."
    return (
        f"{sentence}; {name} was last featured in {_month(wall_of(last, span.zone).date(), span)}."
    )


def _month(day: date, span: IssueSpan) -> str:
    return f"{day:%B}" if span.is_near(day) else f"{day:%B %Y}"
