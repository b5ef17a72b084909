"""People of an issue are told by mail, once: that it waits for approval, is held, or has paused."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import select

from contacts.actors import COMMAND, SCHEDULE, Actor
from contacts.database import Database
from contacts.models import Newsletter, Subscription, SubscriptionStatus
from mailer.accounts import operators
from mailer.campaigns import approval, sending, timing
from mailer.models import Campaign, Power, ReviewCopy, SystemMail
from mailer.notices import approvals, issues
from mailer.notices.review_copies import compose_review_copy
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, a_campaign, a_cast, a_mailer, many

GONE = SubscriptionStatus.UNSUBSCRIBED
SITE = "https://news.network.example"


@pytest.fixture
def issue(database: Database) -> int:
    with database.writing() as session:
        cast = a_cast(session)
        return a_campaign(session, cast.newsletter).id


def operator(database: Database, name: str, power: Power) -> Actor:
    with database.writing() as session:
        email = f"{name}@network.example"
        made = operators.create(
            session, email=email, name=name.title(), power=power, actor=TESTER, now=NOW
        )
        return Actor.operator(made.id)


def told(database: Database) -> list[SystemMail]:
    """The mails that a look of the sweep writes."""
    with database.writing() as session:
        for campaign_id in issues.untold(session):
            issues.tell(session, campaign_id, site=SITE, now=NOW)
    with database.reading() as session:
        return list(session.scalars(select(SystemMail).order_by(SystemMail.id)))


def submit(database: Database, issue: int, by: Actor, *, at: str = "") -> None:
    with database.writing() as session:
        if at:
            timing.plan(
                session, issue, wall=at, zone="Europe/London", actor=by, gate=Gate.OPEN, now=NOW
            )
        approval.submit(session, issue, actor=by, gate=Gate.OPEN, now=NOW)


def test_approvers_are_asked_and_who_asks_is_not(database: Database, issue: int) -> None:
    asha = operator(database, "asha", Power.ADMIN)
    operator(database, "ben", Power.ADMIN)
    operator(database, "cara", Power.EDITOR)

    submit(database, issue, asha, at="2027-01-12T10:00")

    (mail,) = told(database)
    assert mail.to_address == "ben@network.example"
    assert mail.subject == "To approve: December"
    assert "Asha asks for approval of December, version" in mail.paragraphs
    assert (
        "It goes out Tue 12 Jan 2027, 10:00 UK time (GMT) if this very version" in mail.paragraphs
    )
    assert "It goes to 1 of 3 people. Checks: " in mail.paragraphs
    assert mail.button_url.startswith(f"{SITE}/issues/")
    assert mail.button_url.endswith("/approval")


def test_approvers_are_asked_before_admins_and_editors_never(
    database: Database, issue: int
) -> None:
    asha = operator(database, "asha", Power.ADMIN)
    operator(database, "ben", Power.ADMIN)
    operator(database, "cara", Power.APPROVER)
    operator(database, "dan", Power.EDITOR)

    submit(database, issue, asha)

    assert [mail.to_address for mail in told(database)] == ["cara@network.example"]


def test_the_mail_to_approvers_shows_the_issue_as_it_will_look(
    database: Database, issue: int, tmp_path: Path
) -> None:
    operator(database, "ben", Power.APPROVER)
    submit(database, issue, COMMAND)
    [notice] = told(database)
    mailer = a_mailer(database, tmp_path)

    with database.reading() as session:
        message = compose_review_copy(
            session,
            notice,
            session.get_one(ReviewCopy, notice.id),
            message_id="x@network.example",
            return_path="",
            tokens=mailer.tokens,
            settings=mailer.settings,
        )

    mail = message_from_bytes(message.content, policy=default)
    html, text = (
        mail.get_body((kind,)).get_content()  # type: ignore[union-attr]
        for kind in ("html", "plain")
    )
    assert mail["To"] == "Ben <ben@network.example>"
    for part in (html, text):
        assert part.index("asks for approval of December") < part.index("Hello ")
        assert f"{SITE}/issues/members-update/2026-12/approval" in part


def test_who_writes_it_hears_what_is_to_change(database: Database, issue: int) -> None:
    cara = operator(database, "cara", Power.EDITOR)
    ben = operator(database, "ben", Power.APPROVER)
    submit(database, issue, cara)
    told(database)

    with database.writing() as session:
        approval.ask_for_changes(session, issue, "A fifth, not a quarter.", actor=ben, now=NOW)

    *_, mail = told(database)
    assert (mail.to_address, mail.subject) == ("cara@network.example", "Changes wanted: December")
    assert "Ben asks for changes in December, version 1." in mail.paragraphs
    assert "“A fifth, not a quarter.”" in mail.paragraphs


def test_the_approver_hears_that_it_goes_to_another_number(database: Database, issue: int) -> None:
    ben = operator(database, "ben", Power.APPROVER)
    with database.writing() as session:
        newsletter = session.get_one(Campaign, issue).newsletter_id
        people = many(session, session.get_one(Newsletter, newsletter), 40)
        approval.approve(session, issue, version=1, actor=ben, gate=Gate.OPEN, now=NOW)
        session.get_one(Subscription, (people[0].id, newsletter)).status = GONE
        session.flush()
        sending.launch(session, issue, actor=TESTER, gate=Gate.OPEN, now=NOW)

    [mail] = told(database)  # one of 41 is more than 2 %

    assert mail.to_address == "ben@network.example"
    assert "1 person unsubscribed since this was approved. It will go to 40." in mail.paragraphs


def test_it_is_passed_on_by_mail(database: Database, issue: int) -> None:
    ben, _ = operator(database, "ben", Power.APPROVER), operator(database, "cara", Power.EDITOR)
    priya = operator(database, "priya", Power.APPROVER)

    with database.writing() as session:
        approvals.pass_on(session, issue, priya.id or 0, site=SITE, actor=ben, now=NOW)

    [mail] = told(database)
    assert mail.to_address == "priya@network.example"
    assert "Ben asks for approval" in mail.paragraphs


def test_each_is_told_once(database: Database, issue: int) -> None:
    cara = operator(database, "cara", Power.EDITOR)
    operator(database, "ben", Power.ADMIN)
    submit(database, issue, cara)

    first, second = len(told(database)), len(told(database))

    assert (first, second) == (1, 1)


def test_admins_and_owner_hear_that_it_is_held_and_why(database: Database, issue: int) -> None:
    cara = operator(database, "cara", Power.EDITOR)
    operator(database, "ben", Power.ADMIN)
    operator(database, "dan", Power.EDITOR)
    submit(database, issue, cara)
    told(database)

    with database.writing() as session:
        timing.hold(session, issue, why="It wasn't approved by 10:00.", actor=SCHEDULE, now=NOW)

    _, *mails = told(database)
    assert {mail.to_address for mail in mails} == {"ben@network.example", "cara@network.example"}
    assert {mail.subject for mail in mails} == {"Held: December"}
    assert "It wasn't approved by 10:00." in mails[0].paragraphs
    page = f"{SITE}/issues/members-update/2026-12"
    for way in ("/approval", "/send#later", "/skip"):
        assert f"{page}{way}" in mails[0].paragraphs


def test_a_sending_that_pauses_by_itself_is_told_and_one_that_is_paused_is_not(
    database: Database, issue: int
) -> None:
    ben = operator(database, "ben", Power.ADMIN)
    with database.writing() as session:
        sending.launch(session, issue, actor=ben, gate=Gate.OPEN, now=NOW)
        sending.pause(session, issue, actor=ben, now=NOW)
    by_hand = len(told(database))
    with database.writing() as session:
        sending.resume(session, issue, actor=ben, now=NOW)
        sending.set_aside(session, issue, RuntimeError("broken"), now=NOW)

    (mail,) = told(database)

    assert by_hand == 0
    assert mail.subject == "Paused: December"


def test_whoever_was_quicker_is_not_told(database: Database, issue: int) -> None:
    cara = operator(database, "cara", Power.EDITOR)
    operator(database, "ben", Power.ADMIN)
    submit(database, issue, cara)
    with database.writing() as session:
        version = session.get_one(Campaign, issue).version
        approval.approve(session, issue, version=version, actor=COMMAND, gate=Gate.OPEN, now=NOW)
        wall = f"{NOW + timedelta(days=3):%Y-%m-%dT%H:%M}"
        timing.plan(
            session, issue, wall=wall, zone="Europe/London", actor=COMMAND, gate=Gate.OPEN, now=NOW
        )

    assert told(database) == []


def test_nobody_who_has_left_is_told(database: Database, issue: int) -> None:
    operator(database, "asha", Power.ADMIN)
    operator(database, "ben", Power.ADMIN)
    with database.writing() as session:
        operators.remove(session, "ben@network.example", actor=TESTER, now=NOW)
    submit(database, issue, COMMAND)

    assert [mail.to_address for mail in told(database)] == ["asha@network.example"]
