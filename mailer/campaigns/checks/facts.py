"""What the rules are told of an issue beside its words: gathered once, in a few queries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from contacts.models import Category
from mailer.campaigns.brands import details_of
from mailer.campaigns.checks.reading import IssueReading, read_issue
from mailer.clock import wall_of
from mailer.domains import standing
from mailer.models import (
    Campaign,
    CheckedAddress,
    ElectionPeriod,
    Version,
)
from mailer.network import details
from mailer.settings.environment import Gate


@dataclass(frozen=True, slots=True)
class Measured:
    """What takes long to find out: people of the audience, and the size of the mail.

    What is None was not asked.
    """

    anybody: bool
    octets: int
    will: int | None = None
    will_before: int | None = None  # of the last issue
    lacking: Mapping[str, int] = field(default_factory=dict)  # by the name of a merge field


@dataclass(frozen=True, slots=True)
class LastIssue:
    """The issue that the newsletter sent last."""

    id: int
    month: str  # November
    subject: str
    links: frozenset[tuple[tuple[str, int, str], str]]  # place and address
    texts: frozenset[str]  # what its fields said


@dataclass(frozen=True, slots=True)
class IssueFacts:
    """Everything the rules look at."""

    campaign: Campaign
    reading: IssueReading
    now: datetime
    goes_out_at: datetime  # when it is planned for, or now; in the network's zone
    last: LastIssue | None
    has_postal_address: bool
    accent: str
    domain: str
    gate: Gate
    obstacle: str | None
    domain_checked: bool
    categories: Mapping[str, str]  # names by slug
    addresses: Mapping[str, CheckedAddress]
    periods: tuple[ElectionPeriod, ...]
    measured: Measured | None


def gather(
    session: Session, campaign: Campaign, *, gate: Gate, now: datetime, measured: Measured | None
) -> IssueFacts:
    """The facts of an issue as it stands."""
    reading = read_issue(campaign.document)
    newsletter = campaign.newsletter
    installation = details.find(session)
    postal = newsletter.postal_address or (installation.postal_address if installation else "")
    domain = standing.domain_of(newsletter.from_address)
    gated = gate is not Gate.OPEN
    planned, there = campaign.goes_out_at, details.zone(session)
    return IssueFacts(
        campaign=campaign,
        reading=reading,
        now=now,
        goes_out_at=wall_of(max(planned, now) if planned else now, there),
        last=_last_issue(session, campaign, there),
        has_postal_address=bool(postal.strip()),
        accent=details_of(session, newsletter).accent,
        domain=domain,
        gate=gate,
        obstacle=standing.obstacle(session, domain, now=now) if gated else None,
        domain_checked=gated and standing.latest(session, domain) is not None,
        categories=_categories(session),
        addresses=_addresses(session, reading),
        periods=tuple(session.scalars(select(ElectionPeriod))),
        measured=measured,
    )


def before(campaign: Campaign) -> ColumnElement[bool]:
    """The condition for the issues that its newsletter sent before it."""
    return (
        (Campaign.newsletter_id == campaign.newsletter_id)
        & (Campaign.id != campaign.id)
        & Campaign.started_at.is_not(None)
    )


def _last_issue(session: Session, campaign: Campaign, there: str) -> LastIssue | None:
    row = session.execute(
        select(Campaign.id, Campaign.started_at, Version.id, Version.subject)
        .join(
            Version,
            (Version.campaign_id == Campaign.id) & (Version.number == Campaign.sent_version),
        )
        .where(before(campaign))
        .order_by(Campaign.started_at.desc(), Campaign.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    sent_id, started_at, version_id, subject = row
    assert started_at is not None
    document = session.scalar(select(Version.document).where(Version.id == version_id))
    reading = read_issue(document)
    links = frozenset((each.place, each.url) for each in reading.links if not each.routine)
    texts = frozenset(each.text for each in reading.words)
    return LastIssue(sent_id, f"{wall_of(started_at, there):%B}", subject, links, texts)


def _categories(session: Session) -> dict[str, str]:
    rows = session.execute(select(Category.slug, Category.name).order_by(Category.position))
    return {row.slug: row.name for row in rows}


def digest_of(url: str) -> str:
    """What an address is kept by."""
    return sha256(url.encode()).hexdigest()


def _addresses(session: Session, reading: IssueReading) -> dict[str, CheckedAddress]:
    digests = {digest_of(url) for _, url in reading.web_addresses}
    query = select(CheckedAddress).where(CheckedAddress.digest.in_(digests))
    return {each.url: each for each in session.scalars(query)} if digests else {}
