"""The membership in numbers: counted when an issue is launched, and compared with the last one."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.database import Database
from contacts.models import Category, Newsletter
from contacts.organisations.adding import add_organisation
from mailer.authoring.blocks.base import MemberCount
from mailer.campaigns import editing, letters, sending
from mailer.models import Campaign
from mailer.settings.environment import Gate, Settings
from tests.factories import NOW, TESTER, a_campaign, a_newsletter, many

SETTINGS = Settings(secret_key="a secret of the tests of figures, long enough")
DOCUMENT: dict[str, Any] = {
    "version": 1,
    "blocks": [{"type": "figures", "heading": "Numbers"}, {"type": "text", "text": "Words."}],
}


def joined(session: Session, category: str, number: int) -> None:
    found = session.scalars(select(Category).where(Category.slug == category)).one()
    for place in range(number):
        name = f"{category} {place} of {number}"
        add_organisation(session, name, category=found, now=NOW)


def launched(session: Session, newsletter: Newsletter, slug: str, at: datetime) -> Campaign:
    issue = a_campaign(session, newsletter.id, DOCUMENT, slug=slug, subject=slug)
    return sending.launch(session, issue.id, actor=TESTER, gate=Gate.OPEN, now=at)


def test_figures_are_those_of_the_launch_and_compare_with_the_last_issue(
    database: Database,
) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        many(session, newsletter, 1)
        joined(session, "full", 3)
        joined(session, "associate", 2)
        november = launched(session, newsletter, "november", NOW).id

        joined(session, "full", 1)
        december = launched(session, newsletter, "december", NOW + timedelta(days=30)).id
        joined(session, "full", 5)

        first, second = (
            letters.sent_letter(session, issue, settings=SETTINGS).figures
            for issue in (november, december)
        )
        draft = a_campaign(session, newsletter.id, DOCUMENT, slug="january")
        draft.updated_at = NOW + timedelta(days=60)
        session.flush()
        found = editing.find(session, draft.id)
        third = letters.draft_letter(session, found, settings=SETTINGS).figures

    assert first == (MemberCount("Full", 3, None), MemberCount("Associate", 2, None))
    assert second == (MemberCount("Full", 4, 1), MemberCount("Associate", 2, 0))
    assert third == (MemberCount("Full", 9, 5), MemberCount("Associate", 2, 0))
