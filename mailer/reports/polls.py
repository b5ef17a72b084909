"""Polls of an issue: what was asked, as it was sent, and how many gave which answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from contacts.models import Contact, Subscription, SubscriptionStatus
from mailer.authoring.blocks.poll import Poll
from mailer.authoring.blocks.structure import Masthead
from mailer.authoring.document import read
from mailer.models import Campaign, GivenAnswer, Version

_MOST: Final = 200  # answers of one person, the newest


@dataclass(frozen=True, slots=True)
class PollResults:
    """A poll and its answers: number, words, and how many people gave it."""

    poll: Poll
    answers: Sequence[tuple[int, str, int]]

    @property
    def total(self) -> int:
        return sum(people for *_, people in self.answers)


def polls_of(session: Session, campaign: Campaign) -> list[Poll]:
    """The polls of an issue as it was sent, each with its language; none of one that was not."""
    sent = session.scalar(
        select(Version.document).where(
            Version.campaign_id == campaign.id, Version.number == campaign.sent_version
        )
    )
    if sent is None:
        return []
    blocks = read(sent)[0].blocks
    language = next((block.language for block in blocks if isinstance(block, Masthead)), "")
    return [
        replace(block, language=block.language or language)
        for block in blocks
        if isinstance(block, Poll)
    ]


def results_of(session: Session, campaign: Campaign) -> list[PollResults]:
    """What came out of every poll of an issue."""
    return [results(session, campaign.id, poll) for poll in polls_of(session, campaign)]


def results(session: Session, campaign_id: int, poll: Poll) -> PollResults:
    """What came out of a poll, or has so far; everybody counts who has ever answered."""
    counted = dict(
        session.execute(
            select(GivenAnswer.number, func.count())
            .where(GivenAnswer.campaign_id == campaign_id, GivenAnswer.block_id == poll.id)
            .group_by(GivenAnswer.number)
        ).all()
    )
    return PollResults(
        poll, [(number, words, counted.get(number, 0)) for number, words in poll.choices]
    )


def answers_of(session: Session, contact_id: int) -> list[tuple[GivenAnswer, Campaign, str, str]]:
    """What somebody has answered, with the question and the words of the answer.

    As in the list of those who gave an answer, it is nobody's once they get the newsletter no more.
    """
    rows = session.execute(
        select(GivenAnswer, Campaign)
        .join(Campaign, Campaign.id == GivenAnswer.campaign_id)
        .options(joinedload(Campaign.newsletter))
        .where(
            GivenAnswer.contact_id == contact_id,
            ~_has_left(GivenAnswer.contact_id, Campaign.newsletter_id),
        )
        .order_by(GivenAnswer.id.desc())
        .limit(_MOST)
    ).all()
    asked = {issue.id: polls_of(session, issue) for _, issue in rows}
    return [
        (given, issue, poll.asks, dict(poll.choices).get(given.number, ""))
        for given, issue in rows
        for poll in asked[issue.id]
        if poll.id == given.block_id
    ]


def people(campaign: Campaign, block_id: str, number: int) -> Select[GivenAnswer, Contact]:
    """Who gave an answer: the answer, and the person.

    There is no person where they have been erased, or get the newsletter no more by their own
    wish; such answers come last, so that their place says nothing either.
    """
    has_left = _has_left(Contact.id, campaign.newsletter_id)
    return (
        select(GivenAnswer, Contact)
        .outerjoin(Contact, and_(Contact.id == GivenAnswer.contact_id, ~has_left))
        .where(
            GivenAnswer.campaign_id == campaign.id,
            GivenAnswer.block_id == block_id,
            GivenAnswer.number == number,
        )
        .order_by(Contact.id.is_(None), Contact.last_name, Contact.first_name, GivenAnswer.id)
    )


def _has_left(
    contact_id: InstrumentedAttribute[Any], newsletter_id: InstrumentedAttribute[int] | int
) -> ColumnElement[bool]:
    return exists().where(
        Subscription.contact_id == contact_id,
        Subscription.newsletter_id == newsletter_id,
        Subscription.status == SubscriptionStatus.UNSUBSCRIBED,
    )
