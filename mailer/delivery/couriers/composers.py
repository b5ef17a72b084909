"""The composers of campaigns that are being sent: made once in a process, and kept while used."""

import threading
from collections import OrderedDict
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.database import Database
from mailer.authoring.document import parse, read
from mailer.campaigns import editing
from mailer.composition.composer import Composer
from mailer.composition.letter import Letter
from mailer.domains.signing_keys import signer_of
from mailer.errors import NotFound
from mailer.models import Campaign, Installation, Link, Version
from mailer.security.tokens import Tokens
from mailer.security.vault import Vault
from mailer.settings.environment import Settings

_KEPT: Final = 8


class Composers:
    """Composers by campaign; they compose the approved version, whatever the draft says since."""

    def __init__(self, database: Database, tokens: Tokens, settings: Settings) -> None:
        self._database = database
        self._tokens = tokens
        self._settings = settings
        self._vault = Vault(settings.secret)
        self._kept: OrderedDict[int, Composer] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, campaign_id: int) -> Composer:
        """The composer of a campaign that has been launched."""
        with self._lock:
            if campaign_id not in self._kept:
                with self._database.reading() as session:
                    letter = sent_letter(session, campaign_id, settings=self._settings)
                    signer = signer_of(session, letter.sender_address, vault=self._vault)
                self._kept[campaign_id] = Composer(letter, tokens=self._tokens, signer=signer)
            self._kept.move_to_end(campaign_id)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return self._kept[campaign_id]


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
    """A letter of a campaign's sender with the content of ``text``."""
    newsletter = campaign.newsletter
    installation = session.get(Installation, 1)
    return Letter(
        campaign_id=campaign.id,
        newsletter=newsletter.slug,
        newsletter_name=newsletter.name,
        sender_name=newsletter.from_name,
        sender_address=newsletter.from_address,
        reply_to=newsletter.reply_to,
        subject=text.subject,
        preview_text=text.preview_text,
        document=parse(text.document) if finished else read(text.document)[0],
        date=campaign.started_at or campaign.updated_at,
        public_url=settings.site,
        return_domain=settings.bounce_domain or newsletter.from_address.rpartition("@")[2],
        organisation_name=installation.network_name if installation else newsletter.from_name,
        postal_address=newsletter.postal_address,
        links=links,
    )
