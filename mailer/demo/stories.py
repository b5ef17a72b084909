"""Whom the demo network has asked for stories, and who has answered."""

from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.actors import Actor, ActorKind
from contacts.models import Category, Contact, Organisation
from mailer.models import Campaign, ItemState, LibraryItem, StoryAsk, StoryRequest

_ASKED: Final = 8
_WORDS: Final = (
    "We would like to tell other members what happened where you are: something that worked, "
    "somebody to meet, a date to share.\n\nA few sentences and a picture are enough."
)


def ask(session: Session, campaign: Campaign, goes_out: date, now: datetime) -> None:
    """Ask some of the Full members: one has answered, one has nothing, the others are silent.

    No mail goes: it was all a few days ago.
    """
    due = max(goes_out - timedelta(days=9), now.date() + timedelta(days=1))
    request = StoryRequest(
        title="What happened where you are?",
        words=_WORDS,
        newsletter_id=campaign.newsletter_id,
        campaign_id=campaign.id,
        due_on=due,
        remind_on=None,
        thanks=True,
        asked_by=str(Actor(ActorKind.DEMO)),
        asked_at=now - timedelta(days=3),
    )
    session.add(request)
    session.flush()
    story = session.scalars(
        select(LibraryItem)
        .where(
            LibraryItem.kind == "story",
            LibraryItem.state == ItemState.READY,
            LibraryItem.organisation_id.is_not(None),
        )
        .order_by(LibraryItem.id.desc())
        .limit(1)
    ).one()
    for place, person in enumerate(_people(session, story)):
        answered = place == 0
        session.add(
            StoryAsk(
                request_id=request.id,
                contact_id=person.id,
                organisation_id=person.organisation_id,
                item_id=story.id if answered else None,
                item_revision=story.revision if answered else None,
                answered_at=now - timedelta(days=1) if answered else None,
                declined_at=now - timedelta(days=2) if place == 1 else None,
                answer={},
            )
        )


def _people(session: Session, story: LibraryItem) -> list[Contact]:
    """Somebody at the organisation of the story, and at other Full members."""
    found: dict[int, Contact] = {}
    query = (
        select(Contact)
        .join(Organisation, Organisation.id == Contact.organisation_id)
        .join(Category, Category.id == Organisation.category_id)
        .where(Category.slug == "full", Contact.address_key.is_not(None))
        .order_by(Organisation.id != story.organisation_id, Contact.id)
        .limit(_ASKED * 20)
    )
    for person in session.scalars(query):
        assert person.organisation_id is not None
        found.setdefault(person.organisation_id, person)
    return list(found.values())[:_ASKED]
