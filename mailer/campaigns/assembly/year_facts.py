"""The facts of a year, counted by those who count them for reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from contacts.models import Organisation
from contacts.organisations.counting import CategoryCount, members_by_category
from mailer.authoring.library.items import kept_of
from mailer.authoring.library.kinds.lab import KeptLab
from mailer.authoring.library.listing import OUT
from mailer.clock import instant_of
from mailer.errors import DocumentError
from mailer.models import Campaign, CampaignKind, DeliveryStatus, LibraryItem, LibraryUse
from mailer.network.details import zone
from mailer.reports.accounting import account
from mailer.reports.engagement import engagement

_NETWORK: Final = "The network itself"


@dataclass(frozen=True, slots=True)
class SentIssue:
    """An issue that went out: how many copies were accepted, and who opened and clicked."""

    name: str
    day: date
    accepted: int
    opened: int
    clicked: int


@dataclass(frozen=True, slots=True)
class YearFacts:
    """Members are those of now; ``told`` are stories and events of issues that went out, by the
    member whose they are."""

    year: int
    members: Sequence[CategoryCount]
    joined: Sequence[Organisation]
    issues: Sequence[SentIssue]
    told: Mapping[str, Mapping[str, int]]  # a member -> kind of item -> how many
    labs: Sequence[KeptLab]

    @property
    def accepted(self) -> int:
        return sum(each.accepted for each in self.issues)

    @property
    def opened(self) -> int:
        return sum(each.opened for each in self.issues)

    @property
    def clicked(self) -> int:
        return sum(each.clicked for each in self.issues)


def facts_of(session: Session, newsletter_id: int, year: int) -> YearFacts:
    """What a newsletter and its network did in a year of the network's zone."""
    there = zone(session)
    first, after = (instant_of(f"{each}-01-01T00:00", there) for each in (year, year + 1))
    joined = session.scalars(
        select(Organisation)
        .where(
            Organisation.category_id.is_not(None),
            Organisation.member_since.between(date(year, 1, 1), date(year, 12, 31)),
        )
        .options(joinedload(Organisation.category))
        .order_by(Organisation.member_since, Organisation.name_key)
    ).all()
    sent = session.scalars(
        select(Campaign)
        .where(
            Campaign.newsletter_id == newsletter_id,
            Campaign.kind == CampaignKind.ISSUE,
            Campaign.corrects_id.is_(None),
            Campaign.status.in_(OUT),
            Campaign.started_at >= first,
            Campaign.started_at < after,
        )
        .order_by(Campaign.started_at, Campaign.id)
    ).all()
    ids = [each.id for each in sent]
    return YearFacts(
        year,
        members_by_category(session),
        joined,
        [_counted(session, each) for each in sent],
        _told(session, ids),
        _labs(session, ids, first, after),
    )


def _counted(session: Session, issue: Campaign) -> SentIssue:
    heard = engagement(session, issue.id)
    assert issue.started_at is not None
    return SentIssue(
        issue.name,
        issue.started_at.date(),
        account(session, issue).deliveries.get(DeliveryStatus.ACCEPTED, 0),
        heard.opened,
        heard.clicked,
    )


def _told(session: Session, ids: Sequence[int]) -> Mapping[str, Mapping[str, int]]:
    rows = session.execute(
        select(Organisation.name, LibraryItem.kind, func.count(func.distinct(LibraryItem.id)))
        .select_from(LibraryUse)
        .join(LibraryItem, LibraryItem.id == LibraryUse.item_id)
        .outerjoin(Organisation, Organisation.id == LibraryItem.organisation_id)
        .where(LibraryUse.campaign_id.in_(ids), LibraryItem.kind.in_(("story", "event")))
        .group_by(Organisation.id, Organisation.name, LibraryItem.kind)
        .order_by(Organisation.name, Organisation.id, LibraryItem.kind)
    )
    found: dict[str, dict[str, int]] = {}
    for name, kind, number in rows:
        found.setdefault(name or _NETWORK, {})[kind] = number
    return found


def _labs(session: Session, ids: Sequence[int], first: datetime, after: datetime) -> list[KeptLab]:
    """Those that an issue told of, or that were written about in the year."""
    told = select(LibraryUse.item_id).where(LibraryUse.campaign_id.in_(ids))
    changed = (LibraryItem.updated_at >= first) & (LibraryItem.updated_at < after)
    items = session.scalars(
        select(LibraryItem)
        .where(
            LibraryItem.kind == KeptLab.key,
            LibraryItem.binned_at.is_(None),
            LibraryItem.id.in_(told) | changed,
        )
        .order_by(LibraryItem.created_at, LibraryItem.id)
    )
    found = []
    for each in items:
        try:
            kept = kept_of(each)
        except DocumentError:
            continue
        if isinstance(kept, KeptLab):
            found.append(kept)
    return found
