"""What an issue is called: proposed, looked at, and kept."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from contacts.models import Newsletter
from contacts.names import has_controls, slugify
from mailer.campaigns.naming import addresses
from mailer.campaigns.naming.addresses import first_free, free_address
from mailer.campaigns.naming.months import is_month, month_words
from mailer.models import Campaign, CampaignKind

LONGEST_NAME: Final = 200
LONGEST_ADDRESS: Final = 72


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
    name = first_free(f"{newsletter.name}, {said}", set(names), ", ")
    return Called(name, month, free_address(session, newsletter.id, month))


def problems(
    session: Session,
    newsletter_id: int,
    called: Called,
    *,
    kind: CampaignKind = CampaignKind.ISSUE,
    of: Campaign | None = None,
) -> list[tuple[str, str]]:
    """What is in the way of calling an issue so: field and sentence. ``of`` is the issue that is
    called so now, which is in nobody's way."""
    found = []
    if not called.name.strip() or len(called.name) > LONGEST_NAME:
        found.append(("name", f"Write a name, in at most {LONGEST_NAME} characters."))
    elif has_controls(called.name):
        found.append(("name", "Write the name again: it has control characters in it."))
    elif other := _other(session, newsletter_id, Campaign.name == called.name, of):
        sentence = f"There is an issue called {other.name} already: give this one another name."
        found.append(("name", sentence))
    if kind is CampaignKind.ISSUE and not is_month(called.month):
        found.append(("month", "Write the year and the month, such as 2026-12."))
    if not called.address:
        found.append(("address", "Write an address, such as 2026-12."))
    elif called.address != slugify(called.address):
        sentence = (
            "An address has lower-case letters, digits and single hyphens, at most "
            f"{LONGEST_ADDRESS} of them, such as 2026-12."
        )
        found.append(("address", sentence))
    elif other := _other(session, newsletter_id, Campaign.slug == called.address, of):
        free = free_address(session, newsletter_id, called.address)
        sentence = f"{other.name} has the address {called.address}. {free} is free."
        found.append(("address", sentence))
    return found


def name(session: Session, campaign: Campaign, called: Called) -> None:
    """Call an issue so."""
    if called.address != campaign.slug:
        addresses.leave(session, campaign, called.address)
    campaign.name, campaign.month = called.name, called.month or None


def _other(
    session: Session, newsletter_id: int, alike: ColumnElement[bool], of: Campaign | None
) -> Campaign | None:
    query = select(Campaign).where(Campaign.newsletter_id == newsletter_id, alike)
    if of is not None:
        query = query.where(Campaign.id != of.id)
    return session.scalar(query.order_by(Campaign.id).limit(1))
