"""The start list: the four things an empty installation needs before its first issue."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.models import Contact, Newsletter
from mailer.accounts import operators
from mailer.domains import standing
from mailer.domains.standing import domain_of
from mailer.models import Campaign, CampaignKind, DomainCheck, Operator, Power, Schedule
from mailer.network import details
from mailer.web.policy import may
from mailer.web.transactions import session

# Name, what it is, why, who may do it, where, and the words for going there.
_STEPS: Final = (
    (
        "network",
        "Say who you are",
        "Your network’s name, and the postal address that every email has at its foot.",
        Power.ADMIN,
        "network.show",
        "Say who you are",
    ),
    (
        "newsletter",
        "Name the newsletter and its sender",
        "What people subscribe to, and the name and address it comes from.",
        Power.ADMIN,
        "newsletters.new",
        "Add the newsletter",
    ),
    (
        "people",
        "Bring your contacts",
        "A spreadsheet as it is: any columns, any order. Nobody is emailed by importing.",
        Power.EDITOR,
        "imports.show_all",
        "Import contacts",
    ),
    (
        "schedule",
        "Choose the day it goes out",
        "Such as the second Tuesday of each month at 10:00. The draft makes itself weeks before.",
        Power.EDITOR,
        "schedules.new",
        "Set up a schedule",
    ),
)


@dataclass(frozen=True, slots=True)
class StartStep:
    """One of the four. ``is_next`` is the first that is not done."""

    name: str
    title: str
    why: str
    verb: str
    url: str
    done: bool
    is_next: bool
    is_mine: bool


@dataclass(frozen=True, slots=True)
class SenderDomain:
    """The domain that the newsletter comes from, and the last check of it."""

    name: str
    check: DomainCheck | None


def steps() -> list[StartStep]:
    """The four with their state; nothing once they are done, or an issue was ever made."""
    if session().scalar(select(Campaign.id).where(Campaign.kind != CampaignKind.TEMPLATE).limit(1)):
        return []
    done = _done(session())
    if all(done.values()):
        return []
    first = next(name for name, _, _, _, _, _ in _STEPS if not done[name])
    return [
        StartStep(name, title, why, verb, url_for(where), done[name], name == first, may(power))
        for name, title, why, power, where, verb in _STEPS
    ]


def after(page: str) -> str:
    """Where a form of the list leads: to the list while it is there, else to ``page``."""
    return url_for("home.show") if steps() else page


def sender_domain() -> SenderDomain | None:
    """Of the first newsletter, if there is one."""
    address = session().scalar(select(Newsletter.from_address).order_by(Newsletter.id).limit(1))
    if address is None:
        return None
    domain = domain_of(address)
    return SenderDomain(domain, standing.latest(session(), domain))


def admins() -> Sequence[Operator]:
    """Who can do what others on this page can't."""
    return operators.with_power(session(), Power.ADMIN)


def _done(session: Session) -> dict[str, bool]:
    kept = details.find(session)
    return {
        "network": bool(kept and kept.network_name and kept.postal_address),
        "newsletter": session.scalar(select(Newsletter.id).limit(1)) is not None,
        "people": session.scalar(select(Contact.id).limit(1)) is not None,
        "schedule": session.scalar(select(Schedule.id).limit(1)) is not None,
    }
