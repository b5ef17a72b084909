"""Which pages of the library everybody may see: off, until an admin switches them on."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from contacts.actors import Actor
from mailer.models import Installation
from mailer.network import details


class PublicPage(StrEnum):
    """A page that can be switched on; its value is its address."""

    CASE_STUDIES = "case-studies"
    EVENTS = "events"
    BLOG = "blog"
    MEMBERS = "members"


def switched_on(session: Session) -> list[PublicPage]:
    """The pages that everybody may see."""
    kept = details.find(session)
    named = kept.public_pages.split() if kept else []
    return [page for page in PublicPage if page.value in named]


def switch(
    session: Session, wanted: Iterable[PublicPage], *, actor: Actor, now: datetime
) -> Installation:
    """Let everybody see these, and no others."""
    named = " ".join(page.value for page in PublicPage if page in set(wanted))
    return details.keep(session, {"public_pages": named}, actor=actor, now=now)
