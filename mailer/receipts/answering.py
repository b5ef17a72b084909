"""Answering a poll by a link in a mail: one answer a person, which they may change till it closes.

It is their own act, so it needs no leave to count opens and clicks.
"""

from datetime import datetime

from sqlalchemy import case, exists, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from contacts.models import Category, Contact, Organisation
from mailer.authoring.blocks.poll import Poll
from mailer.clock import wall_of
from mailer.errors import NotAllowed, NotFound
from mailer.models import Campaign, Delivery, GivenAnswer
from mailer.network.details import zone
from mailer.reports.polls import polls_of


def poll_for(session: Session, delivery: Delivery, block_id: str) -> Poll:
    """The poll in somebody's copy; NotFound where there is none, or it is not for them."""
    campaign = session.get_one(Campaign, delivery.campaign_id)
    category = _category_of(session, delivery.contact_id)
    for poll in polls_of(session, campaign):
        if poll.id == block_id and poll.is_for(category):
            return poll
    raise NotFound("There is no such question in that mail.")


def answer(session: Session, delivery: Delivery, poll: Poll, number: int, *, now: datetime) -> None:
    """Keep the answer of whoever the copy was sent to, in place of the one they gave before."""
    if poll.has_closed(wall_of(now, zone(session))):
        raise NotAllowed("This poll has closed: it takes no more answers.")
    if number not in dict(poll.choices):
        raise NotFound("There is no such answer.")
    kind = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(
        kind.insert(GivenAnswer)
        .values(
            campaign_id=delivery.campaign_id,
            block_id=poll.id,
            contact_id=delivery.contact_id,
            number=number,
            at=now,
        )
        .on_conflict_do_update(
            index_elements=["campaign_id", "block_id", "contact_id"],
            set_={"number": number, "at": now},
        )
    )


def has_answered(session: Session, delivery: Delivery, poll: Poll) -> bool:
    """Whether whoever the copy was sent to has given an answer."""
    given = exists().where(
        GivenAnswer.campaign_id == delivery.campaign_id,
        GivenAnswer.block_id == poll.id,
        GivenAnswer.contact_id == delivery.contact_id,
    )
    return bool(session.scalar(select(given)))


def _category_of(session: Session, contact_id: int) -> str:
    category_id = case(
        (Contact.organisation_id.is_not(None), Organisation.category_id),
        else_=Contact.own_category_id,
    )
    slug = session.scalar(
        select(Category.slug)
        .select_from(Contact)
        .outerjoin(Organisation, Organisation.id == Contact.organisation_id)
        .join(Category, Category.id == category_id)
        .where(Contact.id == contact_id)
    )
    return slug or ""
