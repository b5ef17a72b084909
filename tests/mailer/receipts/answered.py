"""An issue with a poll that has gone to Alice, Bob and Carol, and their answers."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from contacts.database import Database
from mailer.campaigns import sending
from mailer.campaigns.freezing import freeze
from mailer.models import Delivery
from mailer.receipts.answering import answer, poll_for
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, Cast, a_campaign, a_document, a_poll

LATER = NOW + timedelta(hours=1)


def sent(database: Database, cast: Cast, *, issue_language: str = "", **poll: Any) -> int:
    """The issue."""
    with database.writing() as session:
        masthead = {"type": "masthead", "title": "M", "date": "D", "language": issue_language}
        text = {"id": "t", "type": "text", "text": "Hello."}
        document = a_document(masthead, text, a_poll(**poll))
        issue = a_campaign(session, cast.newsletter, document, slug="2026-12").id
        sending.launch(session, issue, actor=TESTER, gate=Gate.OPEN, now=NOW)
    freeze(database, issue, clock=lambda: NOW)
    return issue


def answers(database: Database, contact_id: int, number: int, *, now: datetime = LATER) -> None:
    """A person gives an answer by the link in their copy."""
    with database.writing() as session:
        got = session.scalars(select(Delivery).where(Delivery.contact_id == contact_id)).one()
        answer(session, got, poll_for(session, got, "school"), number, now=now)
