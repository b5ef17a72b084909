"""What all copies of a campaign share: the letter, of the draft or of what was launched."""

import json
from dataclasses import asdict, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.organisations.counting import members_by_category
from mailer.authoring.blocks.base import MemberCount
from mailer.authoring.document import parse, read, without_unwritten
from mailer.authoring.text.urls import LIBRARY_PICTURE
from mailer.campaigns import editing
from mailer.campaigns.brands import brand_of
from mailer.composition.letter import Letter
from mailer.errors import NotFound
from mailer.models import Campaign, Installation, LibraryPicture, Link, Version
from mailer.network.details import NetworkDetails
from mailer.settings.environment import Settings


def sent_letter(session: Session, campaign_id: int, *, settings: Settings) -> Letter:
    """What all copies of a launched campaign share."""
    campaign = editing.find(session, campaign_id)
    version = session.scalar(
        select(Version).where(
            Version.campaign_id == campaign_id, Version.number == campaign.sent_version
        )
    )
    if version is None or campaign.started_at is None:
        raise NotFound(f"Issue number {campaign_id} has not been launched.")
    links = session.execute(select(Link.url, Link.number).where(Link.campaign_id == campaign_id))
    return letter_of(
        session,
        campaign,
        version,
        links=dict(links.all()),
        settings=settings,
    )


def draft_letter(
    session: Session, campaign: Campaign, *, settings: Settings, finished: bool = True
) -> Letter:
    """What all copies would share if the campaign were sent as it is.

    An unfinished one leaves out what cannot be read yet.
    """
    return letter_of(session, campaign, campaign, links={}, settings=settings, finished=finished)


def letter_of(
    session: Session,
    campaign: Campaign,
    text: Campaign | Version,
    *,
    links: dict[str, int],
    settings: Settings,
    finished: bool = True,
) -> Letter:
    """A letter of a campaign's sender with the words of ``text``."""
    newsletter = campaign.newsletter
    installation = session.get(Installation, 1)
    network = NetworkDetails.of(installation)
    brand = brand_of(session, newsletter)
    if newsletter.archive_on and not brand.archive_url:
        brand = replace(brand, archive_url=f"{settings.site}/archive/{newsletter.slug}")
    return Letter(
        campaign_id=campaign.id,
        newsletter=newsletter.slug,
        newsletter_name=newsletter.name,
        sender_name=newsletter.from_name,
        sender_address=newsletter.from_address,
        reply_to=newsletter.reply_to,
        subject=text.subject,
        preview_text=text.preview_text,
        document=parse(text.document) if finished else without_unwritten(read(text.document)[0]),
        date=campaign.started_at or campaign.updated_at,
        public_url=settings.site,
        return_domain=settings.bounce_domain or newsletter.from_address.rpartition("@")[2],
        organisation_name=(installation and installation.network_name) or newsletter.from_name,
        postal_address=newsletter.postal_address
        or (installation.postal_address if installation else ""),
        links=links,
        figures=_figures(session, campaign),
        pictures=_sizes(session, text.document, asdict(brand)),
        brand=brand,
        unseen_link=settings.unseen_link,
        language=network.own_language,
        zone=network.time_zone,
        online=True,
    )


def _sizes(session: Session, *naming: dict[str, object]) -> dict[str, tuple[int, int]]:
    """Width and height of every picture of the library that is named, by its address."""
    named = set(LIBRARY_PICTURE.findall(json.dumps(naming)))
    names = [address.rpartition("/")[2] for address in named]
    rows = session.execute(
        select(LibraryPicture.name, LibraryPicture.width, LibraryPicture.height).where(
            LibraryPicture.name.in_(names)
        )
    )
    return {f"/pictures/{name}": (width, height) for name, width, height in rows}


def _figures(session: Session, campaign: Campaign) -> tuple[MemberCount, ...]:
    """The members of each category when the issue was launched, or now; and how many more they are
    than when the last issue of the newsletter was."""
    last = session.scalar(
        select(Campaign.figures)
        .where(
            Campaign.newsletter_id == campaign.newsletter_id,
            Campaign.id != campaign.id,
            Campaign.started_at < (campaign.started_at or campaign.updated_at),
        )
        .order_by(Campaign.started_at.desc())
        .limit(1)
    )
    frozen, before = campaign.figures or {}, last or {}
    counted = [
        (each.slug, each.name, int(frozen.get(each.slug, 0) if frozen else each.number))
        for each in members_by_category(session)
    ]
    return tuple(
        MemberCount(name, number, number - int(before[slug]) if slug in before else None)
        for slug, name, number in counted
        if number
    )
