"""Stories are asked for by a schedule: of whom it names, once, with a reminder and a digest."""

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from contacts.database import Database
from contacts.models import Contact
from mailer.gathering.stories import asking
from mailer.gathering.stories.choosing import WantedPeople
from mailer.gathering.stories.request_mail import WrittenRequest
from mailer.models import AskedByItself, Notification, StoryAsk, StoryRequest, SystemMail
from mailer.models.notifications import NewsKind
from tests.factories import TESTER, TOKENS
from tests.mailer.notices.timeline.simulating import SITE, Network, uk
from tests.mailer.notices.timeline.test_year import _log

BEGUN = uk("2026-11-12T09:00")


def _begun(database: Database, folder: Path, **plan: Any) -> Network:
    return Network.begun(database, folder, BEGUN, **plan)


def _ask_somebody(network: Network, *, issue: int | None = None) -> None:
    with network.database.writing() as session:
        people = tuple(
            session.scalars(
                select(Contact.id).where(Contact.email.startswith("alice@")).order_by(Contact.id)
            )
        ) + tuple(session.scalars(select(Contact.id).where(Contact.email.startswith("bob@"))))
        written = WrittenRequest("Your news", "Two lines.", date(2026, 11, 16), campaign_id=issue)
        asking.ask(
            session,
            written,
            WantedPeople(people=people),
            site=SITE,
            tokens=TOKENS,
            actor=TESTER,
            now=BEGUN,
        )


def _asks(network: Network) -> list[tuple[int, int, bool]]:
    with network.database.reading() as session:
        found = session.scalars(select(StoryAsk).order_by(StoryAsk.id))
        return [(each.request_id, each.contact_id, each.reminded_at is not None) for each in found]


def test_whoever_was_asked_last_is_asked_again_reminded_once_and_listed_to_the_owner(
    database: Database, tmp_path: Path
) -> None:
    network = _begun(database, tmp_path, asks=AskedByItself.AGAIN)
    _ask_somebody(network)
    network.run(uk("2026-11-21T12:00"))

    with database.reading() as session:
        request = session.scalars(select(StoryRequest).order_by(StoryRequest.id.desc())).first()
        assert request is not None
        assert (request.title, request.asked_by) == ("Your news", "schedule")
        assert request.due_on == date(2026, 11, 27)
        assert request.campaign_id == network.issue("2026-12").id
    first, second = _asks(network)[:2], _asks(network)[2:]
    assert [who for _, who, _ in first] == [who for _, who, _ in second]
    with database.writing() as session:
        answered = session.get_one(StoryAsk, 3)
        answered.answered_at = network.now
    network.run(uk("2026-11-28T12:00"))

    assert [was for _, _, was in _asks(network)] == [False, False, False, True]
    log = " / ".join(_log(network, "2026-12"))
    assert "Stories asked for: asked 2 for stories by Fri 27 Nov" in log
    assert "Reminder of stories: reminded 1" in log
    with database.reading() as session:
        mail = session.scalars(
            select(SystemMail).where(SystemMail.subject.contains("stories were due"))
        ).one()
        said = mail.paragraphs
    assert "Answered: Cllr Alice Adeyemi." in said
    assert "Not answered: Bob" in said


def test_nobody_is_asked_until_somebody_chooses_whom(database: Database, tmp_path: Path) -> None:
    network = _begun(database, tmp_path)
    _ask_somebody(network)
    network.run(uk("2026-11-28T12:00"))

    assert {request for request, _, _ in _asks(network)} == {1}
    assert any("nobody is asked for stories" in line for line in _log(network, "2026-12"))


def test_nobody_is_asked_twice_for_an_issue_that_somebody_has_asked_for(
    database: Database, tmp_path: Path
) -> None:
    network = _begun(database, tmp_path, asks=AskedByItself.AGAIN)
    network.run(uk("2026-11-18T12:00"))
    _ask_somebody(network, issue=network.issue("2026-12").id)
    network.run(uk("2026-11-28T12:00"))

    assert {request for request, _, _ in _asks(network)} == {1}


def test_members_of_whom_nothing_was_told_are_asked(database: Database, tmp_path: Path) -> None:
    network = _begun(database, tmp_path, asks=AskedByItself.QUIET, asks_quiet_months=6)
    network.run(uk("2026-11-28T12:00"))

    assert _asks(network) != []


def test_an_owner_hears_that_there_was_nobody_to_ask(database: Database, tmp_path: Path) -> None:
    network = _begun(database, tmp_path, asks=AskedByItself.AGAIN)
    network.run(uk("2026-11-21T12:00"))

    assert _asks(network) == []
    with database.reading() as session:
        told = session.scalars(
            select(Notification.words).where(Notification.kind == NewsKind.STORIES)
        ).all()
    assert told == ["Members' Update, December 2026: nobody was asked for stories"]
