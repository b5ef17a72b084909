"""Who will receive a campaign, who will not, and why: counted and frozen from one SELECT.

The audience of a campaign is everybody on its newsletter, whatever their standing there, that its
segment lets through. Each of them receives it or is left out for exactly one reason: the first
that applies in the order of ``Exclusion``. Being left out by the issue is one of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, exists, func, select
from sqlalchemy.orm import Session, aliased

from contacts.models import Category, Contact
from mailer.audience.selecting import Audience, classified, mailboxes_shared, people_of
from mailer.models import Exclusion

_FEW: Final = 50_000


@dataclass(frozen=True, slots=True)
class AudienceCount:
    """How many people: ``total`` is always ``will`` plus the sum of ``excluded``."""

    will: int
    excluded: Mapping[Exclusion, int]
    categories: Mapping[str, int]  # of those who will, by category slug ("" for none)

    @property
    def wont(self) -> int:
        return sum(self.excluded.values())

    @property
    def total(self) -> int:
        return self.will + self.wont


def count(session: Session, audience: Audience, *, now: datetime) -> AudienceCount:
    """The numbers of an audience as it stands now, before any send."""
    people = people_of(audience, now=now).subquery()
    rows = session.execute(
        select(people.c.reason, people.c.category_id, func.count()).group_by(
            people.c.reason, people.c.category_id
        )
    ).all()
    slugs = {category.id: category.slug for category in session.scalars(select(Category))}
    excluded = dict.fromkeys(Exclusion, 0)
    categories: dict[str, int] = {}
    for reason, category_id, number in rows:
        if reason is None:
            categories[slugs.get(category_id, "")] = number
        else:
            excluded[Exclusion(reason)] += number
    few = sum(row[2] for row in rows) <= _FEW
    for category_id, number in _second_copies(session, audience, few=few, now=now):
        categories[slugs.get(category_id, "")] -= number
        excluded[Exclusion.SAME_ADDRESS] += number
    return AudienceCount(
        will=sum(categories.values()),
        excluded={reason: number for reason, number in excluded.items() if number},
        categories={slug: number for slug, number in categories.items() if number},
    )


def _second_copies(
    session: Session, audience: Audience, *, few: bool, now: datetime
) -> Sequence[Row[Any, int]]:
    """How many of each category id would get what somebody else at their address gets.

    Few people share a mailbox: ranking only those costs a tenth of ranking everybody. Who they
    are is asked of each person where the audience is small, and of the whole index elsewhere.
    """
    if not few and session.execute(mailboxes_shared().limit(1)).first() is None:
        return []
    other = aliased(Contact)
    sharing = (
        exists().where(other.address_key == Contact.address_key, other.id != Contact.id)
        if few
        else Contact.address_key.in_(mailboxes_shared())
    )
    people = classified(audience, now=now, among=sharing).subquery()
    return session.execute(
        select(people.c.category_id, func.count())
        .where(people.c.reason == Exclusion.SAME_ADDRESS.value)
        .group_by(people.c.category_id)
    ).all()


@dataclass(frozen=True, slots=True)
class WillReceive:
    """Whether one person will receive a newsletter. No reason and no: they are not on it."""

    receives: bool
    reason: Exclusion | None


def ask(session: Session, contact: Contact, audience: Audience, *, now: datetime) -> WillReceive:
    """What the send itself would say of one person."""
    sharing = session.scalars(
        select(Contact.id).where(Contact.address_key == contact.address_key)
    ).all()
    alike = Contact.id.in_(sharing or [contact.id])
    people = classified(audience, now=now, among=alike).subquery()
    row = session.execute(
        select(people.c.reason).where(people.c.contact_id == contact.id)
    ).one_or_none()
    if row is None:
        return WillReceive(receives=False, reason=None)
    return WillReceive(row.reason is None, Exclusion(row.reason) if row.reason else None)


def anybody(session: Session, audience: Audience, *, now: datetime) -> bool:
    """Whether at least one person will receive it: cheap, however large the audience."""
    people = people_of(audience, now=now).subquery()
    return (
        session.scalar(select(people.c.contact_id).where(people.c.reason.is_(None)).limit(1))
        is not None
    )
