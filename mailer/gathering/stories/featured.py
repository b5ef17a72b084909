"""Which members issues said something of, month by month, and of which they did not for long."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from contacts.models import Category, Organisation
from mailer.authoring.library.listing import OUT
from mailer.clock import wall_of
from mailer.models import Campaign, LibraryItem, LibraryUse
from mailer.network.details import zone

MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class FeaturedMember:
    """``issues`` are how many issues of each of the last twelve months said something of it, the
    oldest month first. ``quiet`` is for how many months none did; None for never."""

    organisation: Organisation
    issues: Sequence[int]
    quiet: int | None

    @property
    def words(self) -> str:
        """ "Not featured for 7 months"."""
        if self.quiet is None:
            return "Not featured so far"
        if self.quiet == 0:
            return "Featured this month"
        return f"Not featured for {self.quiet} month{'s' if self.quiet > 1 else ''}"


def months(today: date) -> list[date]:
    """The first days of the last twelve months, with the one that it is."""
    number = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(number - MONTHS + 1, number + 1)]


def members(session: Session, *, today: date, category: str = "") -> list[FeaturedMember]:
    """Every organisation with a category, in the categories' order: of each category those first
    of which nothing was said for longest."""
    query = (
        select(Organisation)
        .join(Category, Category.id == Organisation.category_id)
        .options(joinedload(Organisation.category))
        .order_by(Category.position, Category.id, Organisation.name_key)
    )
    if category:
        query = query.where(Category.slug == category)
    told = _told(session)
    shown = [(each.year, each.month) for each in months(today)]
    found = []
    for organisation in session.scalars(query):
        by_month = told[organisation.id]
        last = max(by_month, default=None)
        quiet = None if last is None else max(0, _months_between(last, today))
        found.append(FeaturedMember(organisation, [by_month.get(m, 0) for m in shown], quiet))
    places = {each.organisation.category_id: n for n, each in reversed(list(enumerate(found)))}
    found.sort(key=lambda each: (places[each.organisation.category_id], *_longest_first(each)))
    return found


def quiet_for(session: Session, number: int, *, today: date) -> list[int]:
    """The ids of members of which no issue said anything for so many months, or ever."""
    return [
        each.organisation.id
        for each in members(session, today=today)
        if each.quiet is None or each.quiet >= number
    ]


def _longest_first(member: FeaturedMember) -> tuple[bool, int, str]:
    return member.quiet is not None, -(member.quiet or 0), member.organisation.name_key


def _months_between(then: tuple[int, int], today: date) -> int:
    return (today.year - then[0]) * 12 + today.month - then[1]


def _told(session: Session) -> dict[int, dict[tuple[int, int], int]]:
    """How many issues said something of an organisation, by year and month by the network's
    clocks."""
    rows = session.execute(
        select(LibraryItem.organisation_id, Campaign.id, Campaign.started_at)
        .join(LibraryUse, LibraryUse.item_id == LibraryItem.id)
        .join(Campaign, Campaign.id == LibraryUse.campaign_id)
        .where(
            LibraryItem.organisation_id.is_not(None),
            Campaign.started_at.is_not(None),
            Campaign.status.in_(OUT),
        )
        .distinct()
    )
    there, found = zone(session), defaultdict[int, dict[tuple[int, int], int]](dict)
    for organisation_id, _, started_at in rows:
        assert organisation_id is not None
        assert started_at is not None
        day = wall_of(started_at, there)
        by_month = found[organisation_id]
        by_month[day.year, day.month] = by_month.get((day.year, day.month), 0) + 1
    return found
