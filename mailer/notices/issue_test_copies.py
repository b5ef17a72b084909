"""The copies of tests: composed from the kept version when they are sent, or looked at."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.models import Category
from mailer.audience.readers import reader_numbered
from mailer.campaigns.drafts.versions import version_of
from mailer.campaigns.editing import find
from mailer.campaigns.letters import letter_of
from mailer.campaigns.previews import invented_reader
from mailer.composition.composer import Composer
from mailer.composition.issue_test import AsTested, compose_issue_test
from mailer.composition.letter import Letter, Message, Recipient
from mailer.models import IssueTest, SystemMail
from mailer.security.tokens import Purpose, Tokens
from mailer.settings.environment import Settings

SHOWN_FOR: Final = timedelta(days=30)  # on the web, by the link in the mail
ONLINE: Final = 1  # what the token of a test's page seals beside its number; a delivery's seals 0


def compose_copy(
    session: Session,
    notice: SystemMail,
    *,
    message_id: str,
    return_path: str,
    tokens: Tokens,
    settings: Settings,
) -> Message:
    """The mail of a test."""
    test = session.scalars(select(IssueTest).where(IssueTest.notice_id == notice.id)).one()
    campaign = find(session, test.campaign_id)
    letter = letter_of_test(session, test, settings=settings)
    page = f"{settings.site}/issues/{campaign.newsletter.slug}/{campaign.slug}"
    return compose_issue_test(
        Composer(letter, tokens=tokens, draft=True),
        letter,
        reader_of(session, test),
        AsTested(test.version, seen_as(session, test), page, token_of(test, tokens)),
        to_address=notice.to_address,
        message_id=message_id,
        return_path=return_path,
        date=notice.created_at,
    )


def letter_of_test(session: Session, test: IssueTest, *, settings: Settings) -> Letter:
    """What the version says, as of the test; what can't be read in an unfinished one is left
    out."""
    campaign = find(session, test.campaign_id)
    version = version_of(session, test.campaign_id, test.version)
    letter = letter_of(session, campaign, version, links={}, settings=settings, finished=False)
    return replace(letter, date=test.at)


def token_of(test: IssueTest, tokens: Tokens) -> str:
    """Of the page that shows a test on the web."""
    return tokens.seal(Purpose.ONLINE, test.id, ONLINE)


def reader_of(session: Session, test: IssueTest) -> Recipient:
    """Whose copy a test is."""
    person = reader_numbered(session, test.contact_id) if test.contact_id else None
    return person or invented_reader(session, test.category)


def seen_as(session: Session, test: IssueTest) -> str:
    """As whom, in words that follow "version 13": "as Full members see it"."""
    if test.contact_id:
        person = reader_numbered(session, test.contact_id)
        return f"as {(person and person.name) or 'somebody who has left'} sees it"
    name = session.scalar(select(Category.name).where(Category.slug == test.category))
    return f"as {name} members see it" if name else "as people without a category see it"
