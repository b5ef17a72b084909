"""An issue with an empty list of events, and items of the library that are put into it."""

from typing import Any

from sqlalchemy.orm import Session

from contacts.actors import Actor
from mailer.authoring.library import listing
from mailer.authoring.library.listing import ItemStanding
from mailer.campaigns.drafts import taking
from mailer.models import Campaign, LibraryItem
from tests.factories import NOW, TESTER, a_campaign, a_newsletter

TODAY = NOW.date()
OTHER = Actor.operator(7)
FRAME: dict[str, Any] = {
    "version": 1,
    "blocks": [
        {"id": "top", "type": "masthead", "title": "News", "date": "December 2026"},
        {"id": "one", "type": "text", "text": "One."},
        {
            "id": "events",
            "type": "event_list",
            "heading": "Coming up",
            "events": [
                {"title": "Webinar", "start": "2026-12-09T10:00"},
                {"title": "Summer school", "start": "2027-07-01"},
            ],
        },
        {"id": "foot", "type": "footer", "legal_name": "N", "postal_address": "A", "why": "W"},
    ],
}


def an_issue(session: Session, slug: str = "members-update") -> int:
    return a_campaign(session, a_newsletter(session, slug).id, FRAME).id


def block(session: Session, issue: int, block_id: str) -> dict[str, Any]:
    there = session.get_one(Campaign, issue).document["blocks"]
    return next(each for each in there if each["id"] == block_id)


def standing(session: Session, item: LibraryItem) -> ItemStanding:
    session.flush()
    return listing.listed(session, [item])[0].standing


def take(session: Session, issue: int, item: LibraryItem, **more: Any) -> Any:
    return taking.add(session, issue, item.id, actor=TESTER, now=NOW, **more)
