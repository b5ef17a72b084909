"""Where people read what is kept of them: a page of the network's own website."""

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from contacts.actors import Actor
from contacts.names import has_controls
from mailer.errors import FormError
from mailer.models import Installation
from mailer.network import details

LONGEST_URL: Final = 500


def set_privacy_notice(session: Session, url: str, *, actor: Actor, now: datetime) -> Installation:
    """Where people read what is kept of them; "" for nowhere. FormError for no web address."""
    url = url.strip()
    if url and not _is_web_address(url):
        raise FormError(
            [("privacy_notice_url", "Write a whole web address, like https://example.org/privacy.")]
        )
    return details.keep(session, {"privacy_notice_url": url}, actor=actor, now=now)


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # raises for one that is no number
    except ValueError:
        return False
    plain = len(url) <= LONGEST_URL and not has_controls(url) and not any(map(str.isspace, url))
    return plain and parts.scheme in {"http", "https"} and "." in (parts.hostname or "")
