"""Parts of addresses: which are free, and where one that an issue had leads to."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.models import Newsletter
from contacts.names import slugify
from mailer.models import Campaign, OldAddress


def free_address(session: Session, newsletter_id: int, wanted: str) -> str:
    """``wanted``, or with the first number behind it that no issue has or had."""
    taken = select(Campaign.slug).where(Campaign.newsletter_id == newsletter_id)
    old = select(OldAddress.slug).where(OldAddress.newsletter_id == newsletter_id)
    return first_free(wanted, {*session.scalars(taken), *session.scalars(old)}, "-")


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


def leave(session: Session, campaign: Campaign, address: str) -> None:
    """Give an issue another address. The one it had leads to it until another issue takes it."""
    newsletter_id = campaign.newsletter_id
    taken = session.get(OldAddress, (newsletter_id, address))
    if taken is not None:
        session.delete(taken)
    old = session.get(OldAddress, (newsletter_id, campaign.slug))
    if old is None:
        old = OldAddress(newsletter_id=newsletter_id, slug=campaign.slug)
        session.add(old)
    old.campaign_id = campaign.id
    campaign.slug = address


def first_free(wanted: str, taken: Iterable[str], between: str) -> str:
    """``wanted``, or with the first number behind it that is not among those taken."""
    found, number = wanted, 2
    while found in taken:
        found, number = f"{wanted}{between}{number}", number + 1
    return found
