"""Where the links of a campaign lead: its own table, read once and kept."""

import threading
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.urls import iri_to_uri

from contacts.database import Database
from mailer.models import Link

_KEPT: Final = 500


class LinkTable:
    """The links of campaigns. A table never changes after the launch, so it is read once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[int, dict[int, str]] = {}
        self._lock = threading.Lock()

    def url(self, campaign_id: int, number: int) -> str | None:
        """The address of a link, or None; LookupError when the database does not answer."""
        links = self._kept.get(campaign_id)
        if links is None:
            links = self._read(campaign_id)
        return links.get(number)

    def kept(self, campaign_id: int) -> bool:
        """Whether this campaign's table has been read."""
        return campaign_id in self._kept

    def _read(self, campaign_id: int) -> dict[int, str]:
        table = select(Link.number, Link.url).where(Link.campaign_id == campaign_id)
        try:
            with self._database.reading() as session:
                # A header holds ASCII only: hosts in Punycode, the rest percent-encoded.
                links = {number: iri_to_uri(url) for number, url in session.execute(table)}
        except SQLAlchemyError:
            raise LookupError("the database does not answer") from None
        with self._lock:
            while len(self._kept) >= _KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[campaign_id] = links
        return links
