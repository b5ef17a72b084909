"""What an issue is called: its name, its month, and its part of addresses."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from contacts.models import Newsletter
from contacts.names import has_controls, slugify
from mailer.models import Campaign, CampaignKind, OldAddress

LONGEST_NAME: Final = 200
LONGEST_ADDRESS: Final = 72
_MONTH: Final = re.compile(r"2\d{3}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Called:
    """What an issue is called. ``month`` is "2026-12", or "" for a mail of no month; ``address``
    is its part of addresses, unique in its newsletter."""

    name: str
    month: str
    address: str

    @classmethod
    def of(cls, campaign: Campaign) -> "Called":
        return cls(campaign.name, campaign.month or "", campaign.slug)


def propose(session: Session, newsletter: Newsletter, *, month: str) -> Called:
    """A name and an address that no issue of the newsletter has; both "" where ``month`` is none,
    since what a mail of no month is called nobody can guess."""
    said = month_words(month)
    if not said:
        return Called("", month, "")
    names = session.scalars(select(Campaign.name).where(Campaign.newsletter_id == newsletter.id))
    name = _free(f"{newsletter.name}, {said}", set(names), ", ")
    return Called(name, month, free_address(session, newsletter.id, month))


def month_words(month: str) -> str:
    """ "December 2026"; "" for what is no month."""
    if not _MONTH.fullmatch(month):
        return ""
    return f"{datetime.fromisoformat(month + '-01'):%B %Y}"


def month_at(wall: datetime) -> str:
    """The month of a day, as an issue keeps it."""
    return f"{wall:%Y-%m}"


def problems(
    session: Session,
    newsletter_id: int,
    naming: Called,
    *,
    kind: CampaignKind = CampaignKind.ISSUE,
    of: Campaign | None = None,
) -> list[tuple[str, str]]:
    """What is in the way of calling an issue so: field and sentence. ``of`` is the issue that is
    called so now, which is in nobody's way."""
    found = []
    if not naming.name.strip() or len(naming.name) > LONGEST_NAME:
        found.append(("name", f"Write a name, in at most {LONGEST_NAME} characters."))
    elif has_controls(naming.name):
        found.append(("name", "Write the name again: it has control characters in it."))
    elif other := _other(session, newsletter_id, Campaign.name == naming.name, of):
        sentence = f"There is an issue called {other.name} already: give this one another name."
        found.append(("name", sentence))
    if kind is CampaignKind.ISSUE and not _MONTH.fullmatch(naming.month):
        found.append(("month", "Write the year and the month, such as 2026-12."))
    if not naming.address:
        found.append(("address", "Write an address, such as 2026-12."))
    elif naming.address != slugify(naming.address):
        sentence = (
            "An address has lower-case letters, digits and single hyphens, at most "
            f"{LONGEST_ADDRESS} of them, such as 2026-12."
        )
        found.append(("address", sentence))
    elif other := _other(session, newsletter_id, Campaign.slug == naming.address, of):
        free = free_address(session, newsletter_id, naming.address)
        sentence = f"{other.name} has the address {naming.address}. {free} is free."
        found.append(("address", sentence))
    return found


def name(session: Session, campaign: Campaign, naming: Called) -> None:
    """Call an issue so. The address it had leads to it until another issue takes that one."""
    if naming.address != campaign.slug:
        newsletter_id = campaign.newsletter_id
        taken = session.get(OldAddress, (newsletter_id, naming.address))
        if taken is not None:
            session.delete(taken)
        old = session.get(OldAddress, (newsletter_id, campaign.slug))
        if old is None:
            old = OldAddress(newsletter_id=newsletter_id, slug=campaign.slug)
            session.add(old)
        old.campaign_id = campaign.id
    campaign.name, campaign.slug = naming.name, naming.address
    campaign.month = naming.month or None


def free_address(session: Session, newsletter_id: int, wanted: str) -> str:
    """``wanted``, or with the first number behind it that no issue has or had."""
    taken = select(Campaign.slug).where(Campaign.newsletter_id == newsletter_id)
    old = select(OldAddress.slug).where(OldAddress.newsletter_id == newsletter_id)
    return _free(wanted, {*session.scalars(taken), *session.scalars(old)}, "-")


def address_of(session: Session, newsletter_id: int, name: str) -> str:
    """A free address that says what a mail of no month is called; "" for a name without letters."""
    said = slugify(name)
    return free_address(session, newsletter_id, said) if said else ""


def led_on(session: Session, newsletter: str, slug: str) -> int | None:
    """The id of the issue that had this address before; None where none had."""
    return session.scalar(
        select(OldAddress.campaign_id)
        .join(Newsletter, Newsletter.id == OldAddress.newsletter_id)
        .where(Newsletter.slug == newsletter, OldAddress.slug == slug)
    )


def _other(
    session: Session, newsletter_id: int, alike: ColumnElement[bool], of: Campaign | None
) -> Campaign | None:
    query = select(Campaign).where(Campaign.newsletter_id == newsletter_id, alike)
    if of is not None:
        query = query.where(Campaign.id != of.id)
    return session.scalar(query.order_by(Campaign.id).limit(1))


def _free(wanted: str, taken: Iterable[str], between: str) -> str:
    found, number = wanted, 2
    while found in taken:
        found, number = f"{wanted}{between}{number}", number + 1
    return found
