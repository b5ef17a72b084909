"""What of the library an issue may have: free, fit to be sent, of its time, and the best first.

A story or a case study is told once, whatever newsletter tells it. An event, a call or a blog post
is told once in each newsletter; a Lab again when it says something new.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, joinedload

from contacts.organisations.counting import members_by_category
from mailer.authoring.blocks.sources import Source
from mailer.authoring.library.items import kept_of
from mailer.authoring.library.kinds.base import KeptItem
from mailer.authoring.library.kinds.catalogue import KINDS, unfinished
from mailer.authoring.library.listing import OUT
from mailer.campaigns.assembly.choice import FIGURES, MEMBER, Choice, figures
from mailer.campaigns.assembly.fairness import featured, in_turn
from mailer.campaigns.assembly.joined import new_members
from mailer.campaigns.assembly.readiness import ready_since
from mailer.campaigns.assembly.span import IssueSpan
from mailer.clock import wall_of
from mailer.errors import DocumentError
from mailer.models import EDITABLE, Campaign, ItemState, LibraryItem, LibraryUse, PullIn

_MOST: Final = 300  # of a kind that are looked at
_KINDS_OF: Final[Mapping[PullIn, tuple[str, ...]]] = {
    PullIn.EVENTS: ("event",),
    PullIn.READY: ("story", "case_study", "lab", "call"),
    PullIn.MEMBERS: (MEMBER,),
    PullIn.POSTS: ("post",),
    PullIn.FIGURES: (FIGURES,),
}
_TOLD_ONCE: Final = frozenset({"story", "case_study"})


def kinds_of(pulls_in: Sequence[str]) -> list[str]:
    """The kinds of things that a schedule pulls in, in the order in which they are filled in."""
    wanted = [each for each in PullIn if each.value in pulls_in]
    found = [kind for each in wanted for kind in _KINDS_OF[each]]
    return sorted(found, key=_ORDER.index)


_ORDER: Final = (*("story", "case_study", "lab", "call", "event", MEMBER, FIGURES, "post"),)


def choices(
    session: Session, span: IssueSpan, kind: str, *, besides: int | None = None
) -> list[Choice]:
    """Everything of a kind that the issue may have, the best first. ``besides`` is an issue whose
    own blocks count for nothing."""
    if kind == FIGURES:
        return [figures()] if any(each.number for each in members_by_category(session)) else []
    if kind == MEMBER:
        return new_members(session, span, besides=besides)
    found = session.scalars(
        select(LibraryItem)
        .where(
            LibraryItem.kind == kind,
            LibraryItem.state == ItemState.READY,
            LibraryItem.binned_at.is_(None),
            ~_told(kind, span),
            *_in_time(kind, span),
        )
        .options(joinedload(LibraryItem.organisation))
        .order_by(LibraryItem.created_at, LibraryItem.id)
        .limit(_MOST)
    ).all()
    since = ready_since(session, found)
    fit = [(item, kept) for item in found if (kept := _fit(item, span)) is not None]
    fit.sort(key=lambda each: (since[each[0].id], each[0].id))
    if kind == "story":
        last = featured(session, {item.organisation_id for item, _ in fit})
        return list(_stories(span, fit, since, last))
    return list(_OTHERS[kind](span, fit, since))


def _told(kind: str, span: IssueSpan) -> ColumnElement[bool]:
    """Whether an issue has it, or had it and went out."""
    condition = and_(LibraryUse.item_id == LibraryItem.id, Campaign.status.in_(OUT | EDITABLE))
    if kind == "lab":
        newest = LibraryUse.revision >= LibraryItem.revision
        condition = and_(condition, or_(newest, Campaign.status.in_(EDITABLE)))
    elif kind not in _TOLD_ONCE:
        condition = and_(condition, Campaign.newsletter_id == span.newsletter_id)
    joined = select(LibraryUse.item_id).join(Campaign, Campaign.id == LibraryUse.campaign_id)
    return exists(joined.where(condition).correlate(LibraryItem))


def _in_time(kind: str, span: IssueSpan) -> Iterator[ColumnElement[bool]]:
    match kind:
        case "event":
            yield LibraryItem.on_day.between(span.first_day, span.last_day)
        case "call":
            yield LibraryItem.on_day >= span.out_there.date()
        case "lab":
            yield LibraryItem.updated_at >= span.since
        case "post":
            undated = LibraryItem.on_day.is_(None) & (LibraryItem.created_at >= span.since)
            dated = LibraryItem.on_day.between(span.since_day, span.out_there.date())
            yield or_(undated, dated)


def _fit(item: LibraryItem, span: IssueSpan) -> KeptItem | None:
    """What it says, where that can go out as it is, and then."""
    try:
        kept = kept_of(item)
    except DocumentError:
        return None
    if unfinished(kept) or any(kept.problems_at(span.out_there)):
        return None
    return kept


Fit = list[tuple[LibraryItem, KeptItem]]
Since = Mapping[int, datetime]


def _stories(
    span: IssueSpan, fit: Fit, since: Since, last: Mapping[int | None, datetime]
) -> Iterator[Choice]:
    kept = {item.id: each for item, each in fit}
    for item, why in in_turn([item for item, _ in fit], since, last, span):
        yield _choice(item, kept[item.id], why, since)


def _cases(span: IssueSpan, fit: Fit, since: Since) -> Iterator[Choice]:
    for place, (item, kept) in enumerate(fit):
        ready = _day(span, since[item.id])
        longest = f", the longest of {len(fit)}" if not place and len(fit) > 1 else ""
        yield _choice(item, kept, f"Ready since {ready} and in no issue so far{longest}.", since)


def _events(span: IssueSpan, fit: Fit, since: Since) -> Iterator[Choice]:
    last = span.day_words(span.last_day)
    for item, kept in sorted(fit, key=lambda each: (str(each[0].on_day), each[0].id)):
        assert item.on_day is not None
        day = span.day_words(item.on_day)
        yield _choice(item, kept, f"On {day}: after this issue, and by {last}.", since)


def _calls(span: IssueSpan, fit: Fit, since: Since) -> Iterator[Choice]:
    for item, kept in sorted(fit, key=lambda each: (str(each[0].on_day), each[0].id)):
        assert item.on_day is not None
        why = f"Open until {span.day_words(item.on_day)}, after this issue goes out."
        yield _choice(item, kept, why, since)


def _labs(span: IssueSpan, fit: Fit, since: Since) -> Iterator[Choice]:
    for item, kept in fit:
        changed = _day(span, item.updated_at)
        yield _choice(item, kept, f"Has news {span.since_words}: written on {changed}.", since)


def _posts(span: IssueSpan, fit: Fit, since: Since) -> Iterator[Choice]:
    for item, kept in sorted(fit, key=_newest, reverse=True):
        if item.on_day:
            why = f"Published on {span.day_words(item.on_day)}, {span.since_words}."
        else:
            why = f"Came into the library on {_day(span, item.created_at)}, {span.since_words}."
        yield _choice(item, kept, why, since)


def _newest(each: tuple[LibraryItem, KeptItem]) -> tuple[str, int]:
    item, _ = each
    return str(item.on_day or item.created_at.date()), item.id


_OTHERS: Final[Mapping[str, Callable[[IssueSpan, Fit, Since], Iterator[Choice]]]] = {
    "case_study": _cases,
    "event": _events,
    "call": _calls,
    "lab": _labs,
    "post": _posts,
}


def _choice(item: LibraryItem, kept: KeptItem, why: str, since: Since) -> Choice:
    return Choice(
        key=f"item {item.id}",
        what=item.kind,
        title=item.title,
        why=why,
        piece=kept.piece(str(Source(item.id, item.revision))),
        block=KINDS[item.kind].block,
        listed_in=KINDS[item.kind].listed_in,
        item_id=item.id,
        # A change may bring an event into the window; a story that had no room stays where it was.
        known_at=since[item.id] if item.kind in _TOLD_ONCE else item.updated_at,
    )


def _day(span: IssueSpan, at: datetime) -> str:
    return span.day_words(wall_of(at, span.zone).date())
