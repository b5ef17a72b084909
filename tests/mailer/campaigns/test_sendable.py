"""What keeps an issue from going out: too large, or out of date on the day."""

from datetime import timedelta
from typing import Any

import pytest

from contacts.database import Database
from mailer.campaigns import approval, editing, schedules, sending
from mailer.errors import DocumentError
from mailer.models import Campaign, CampaignStatus
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, a_campaign, a_newsletter, many


def document(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "blocks": list(blocks)}


def call(deadline: str) -> dict[str, Any]:
    return {
        "type": "call",
        "what": "A call",
        "deadline": deadline,
        "contact": "us",
        "link": "https://a.example/",
        "link_words": "Apply for it",
    }


def test_a_mail_that_gmail_would_cut_off_is_refused_at_every_door(database: Database) -> None:
    long = document({"type": "text", "text": "A word. " * 12_000})

    with database.writing() as session:
        issue = a_campaign(session, a_newsletter(session).id, long)
        size = editing.size(issue)
        with pytest.raises(DocumentError, match="Gmail cuts e-mails off"):
            approval.submit(session, issue.id, actor=TESTER, gate=Gate.OPEN, now=NOW)
        with pytest.raises(DocumentError, match="Gmail cuts e-mails off"):
            sending.launch(session, issue.id, actor=TESTER, gate=Gate.OPEN, now=NOW)

    assert size > 100_000


def test_the_size_of_an_unfinished_issue_is_not_known(database: Database) -> None:
    with database.writing() as session:
        issue = a_campaign(session, a_newsletter(session).id, document({"type": "story"}))

        assert editing.size(issue) == 0


def test_a_call_that_has_closed_keeps_an_issue_back(database: Database) -> None:
    day = (NOW + timedelta(days=1)).strftime("%Y-%m-%d")
    with database.writing() as session:
        newsletter = a_newsletter(session)
        many(session, newsletter, 1)
        issue = a_campaign(session, newsletter.id, document(call(day)))
        approval.approve(session, issue.id, version=1, actor=TESTER, gate=Gate.OPEN, now=NOW)
        later = NOW + timedelta(days=2)

        with pytest.raises(DocumentError, match="before this goes out"):
            sending.launch(session, issue.id, actor=TESTER, gate=Gate.OPEN, now=later)
        said = schedules.launch_or_hold(session, issue.id, due_at=later, gate=Gate.OPEN, now=later)

    assert said.startswith("held: ")
    assert "before this goes out" in said
    with database.reading() as session:
        assert session.get_one(Campaign, issue.id).status is CampaignStatus.HELD
