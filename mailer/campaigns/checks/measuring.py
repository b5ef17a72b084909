"""What takes long to find out of an issue: how many get it, who lacks what, and how large it is."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from contacts.models import Contact
from mailer.audience import counting, selecting
from mailer.audience.selecting import Audience
from mailer.campaigns import editing
from mailer.campaigns.checks.facts import Measured, before
from mailer.campaigns.checks.people import without_fallback
from mailer.campaigns.checks.reading import read_issue
from mailer.models import Campaign
from mailer.reports.kept import Numbers

_LACKS: Final[dict[str, ColumnElement[bool]]] = {
    "first_name": Contact.first_name == "",
    "last_name": Contact.last_name == "",
    "name": Contact.name == "",
    "organisation": Contact.organisation_id.is_(None),
}


def measure(
    session: Session, campaign: Campaign, *, now: datetime, will: int | None = None
) -> Measured:
    """Everything there is to measure: for a page or a command, outside of a transaction.

    ``will`` is how many will get it, where somebody has counted them already.
    """
    audience = selecting.audience_of(session, campaign)
    if will is None:
        will = counting.count(session, audience, now=now).will
    wanted = _names_without_fallback(campaign)
    return Measured(
        anybody=will > 0,
        octets=editing.size(campaign),
        will=will,
        will_before=_will_before(session, campaign, now=now),
        lacking={
            name: _lacking(session, audience, lacks, now=now)
            for name, lacks in _LACKS.items()
            if name in wanted
        },
    )


def measure_barely(session: Session, campaign: Campaign, *, now: datetime) -> Measured:
    """What holds an issue back, and no more: cheap, however large the audience."""
    audience = selecting.audience_of(session, campaign)
    anybody = counting.anybody(session, audience, now=now)
    return Measured(anybody=anybody, octets=editing.size(campaign))


def _names_without_fallback(campaign: Campaign) -> set[str]:
    texts = [each.text for each in read_issue(campaign.document).words]
    return {
        name
        for text in (campaign.subject, campaign.preview_text, *texts)
        for name in without_fallback(text)
    }


def _will_before(session: Session, campaign: Campaign, *, now: datetime) -> int | None:
    """How many were to get the issue before; those who joined between two launches are new."""
    last = session.scalar(
        select(Campaign)
        .where(before(campaign))
        .order_by(Campaign.started_at.desc(), Campaign.id.desc())
        .limit(1)
    )
    return None if last is None else Numbers(session, now).account(last).carried


def _lacking(
    session: Session,
    audience: Audience,
    lacks: ColumnElement[bool],
    *,
    now: datetime,
) -> int:
    people: Any = selecting.people_of(audience, now=now).where(lacks).subquery()
    query = select(func.count()).select_from(people).where(people.c.reason.is_(None))
    return session.scalar(query) or 0
