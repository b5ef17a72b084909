"""Asking for stories: whom the mail goes to, who is reminded, and that nobody is told twice."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.database import Database
from contacts.models import Contact, Organisation, SuppressionReason
from contacts.permission.suppressions import suppress
from contacts.segments import library as segments
from contacts.segments.rules import parse
from mailer.errors import FormError, NotAllowed
from mailer.gathering.stories import answering, asking, chasing, links, listing, reminding
from mailer.gathering.stories.answering import AnswerStanding
from mailer.gathering.stories.choosing import WantedPeople, WhyNot, choose
from mailer.gathering.stories.listing import AskState
from mailer.gathering.stories.request_mail import WrittenRequest
from mailer.models import (
    DeliveryStatus,
    ReceiptKind,
    StoryAsk,
    StoryRequest,
    SystemMail,
    SystemMailReceipt,
)
from mailer.security.tokens import Tokens
from tests.factories import NOW, TESTER, a_cast, a_contact, a_newsletter

SITE = "https://news.network.example"
TOKENS = Tokens(b"a secret for tests, and long enough")
TODAY = NOW.date()
DUE = TODAY + timedelta(days=9)
REMIND = TODAY + timedelta(days=7)
REQUEST = WrittenRequest("What happened?", "Tell us.\n\nTwo lines do.\n\nOr more.", DUE, REMIND)


def ask(session: Session, wanted: WantedPeople, written: WrittenRequest = REQUEST) -> StoryRequest:
    return asking.ask(session, written, wanted, site=SITE, tokens=TOKENS, actor=TESTER, now=NOW)


def mails(session: Session) -> list[str]:
    session.flush()
    return list(session.scalars(select(SystemMail.to_address).order_by(SystemMail.id)))


def remind(session: Session, *, days: int, hour: int = 10) -> int:
    at = (NOW + timedelta(days=days)).replace(hour=hour)
    return reminding.remind_due(session, site=SITE, tokens=TOKENS, now=at)


def only_ask(session: Session) -> StoryAsk:
    return session.scalars(select(StoryAsk)).one()


def test_each_person_gets_a_mail_with_a_link_of_their_own(database: Database) -> None:
    with database.writing() as session:
        cast = a_cast(session)
        request = ask(session, WantedPeople(people=(cast.alice, cast.bob)))

        asks = session.scalars(select(StoryAsk).order_by(StoryAsk.id)).all()
        posted = session.scalars(select(SystemMail).order_by(SystemMail.id)).all()
        assert [each.to_address for each in posted] == [
            "alice@aldmor.example",
            "bob@bexmoor.example",
        ]
        assert [each.mail_id for each in asks] == [each.id for each in posted]
        for each, mail in zip(asks, posted, strict=True):
            token = mail.button_url.removeprefix(f"{SITE}/story/")
            found = links.ask_of(session, token, tokens=TOKENS)
            assert found is not None
            assert found.id == each.id
        assert posted[0].subject == "What happened?, by Thursday 17 December 2026"
        assert "Hello Alice," in posted[0].paragraphs
        assert "Two lines do." in posted[0].paragraphs
        assert request.due_on == DUE


def test_nobody_is_asked_who_may_not_be_written_to_and_the_list_says_why(
    database: Database,
) -> None:
    with database.writing() as session:
        cast = a_cast(session)
        nameless = a_contact(session, "Dora Dane", None)
        twin = a_contact(session, "Zack Adeyemi", "alice@aldmor.example")
        people = (cast.alice, cast.carol, nameless.id, twin.id)
        request = ask(session, WantedPeople(people=people))

        assert mails(session) == ["alice@aldmor.example"]
        rows = listing.asks_of(session, [request.id], today=TODAY)
        said = {each.ask.contact_id: (each.state, each.trouble) for each in rows}
        assert said[cast.alice] == (AskState.ASKED, "")
        assert said[cast.carol][0] is AskState.NOT_SENT
        assert said[cast.carol][1] == "is on the list of those who get no email"
        assert said[nameless.id][1] == "has no email address"
        assert said[twin.id][1] == "shares a mailbox with somebody who is asked"


def test_whoever_has_not_answered_is_not_asked_for_something_else(database: Database) -> None:
    with database.writing() as session:
        cast = a_cast(session)
        ask(session, WantedPeople(people=(cast.alice,)))

        again = choose(session, WantedPeople(people=(cast.alice,)), today=TODAY)
        assert [each.left_out for each in again.people] == [WhyNot.ASKED_ALREADY]
        answering.decline(session, only_ask(session), now=NOW)
        after = choose(session, WantedPeople(people=(cast.alice,)), today=TODAY)
        assert [each.left_out for each in after.people] == [None]


def test_of_an_organisation_one_person_is_asked_who_can_be_written_to(database: Database) -> None:
    with database.writing() as session:
        a_newsletter(session)
        a_contact(session, "Ann", "ann@wye.example", category="full", organisation="Wyeham")
        place = session.scalars(select(Organisation)).one()
        ben = a_contact(session, "Ben", "ben@wye.example")
        ben.organisation_id = place.id
        suppress(session, "ann@wye.example", SuppressionReason.BOUNCED, source=TESTER, now=NOW)
        session.flush()

        ask(session, WantedPeople(category="full"))

        assert mails(session) == ["ben@wye.example"]
        assert only_ask(session).organisation_id == place.id


def test_an_organisation_of_which_nobody_is_known_is_named(database: Database) -> None:
    with database.writing() as session:
        a_cast(session)
        place = session.scalars(select(Organisation)).one()
        session.get_one(Contact, only(session, "alice@aldmor.example")).organisation_id = None
        session.flush()

        chosen = choose(session, WantedPeople(organisations=(place.id,)), today=TODAY)

        assert [each.name for each in chosen.nobody_at] == ["Aldmor Council"]
        with pytest.raises(FormError):
            ask(session, WantedPeople(organisations=(place.id,)))


def only(session: Session, address: str) -> int:
    return session.scalars(select(Contact.id).where(Contact.address_key == address)).one()


def test_a_segment_is_asked_as_it_is_now(database: Database) -> None:
    with database.writing() as session:
        a_cast(session)
        rules = {
            "match": "all",
            "rules": [{"field": "category", "op": "any_of", "values": ["supporter"]}],
        }
        segments.save(session, name="Friends", group=parse(rules), segment=None, now=NOW)

        ask(session, WantedPeople(segment="friends"))

        assert mails(session) == ["bob@bexmoor.example"]


def test_members_that_issues_were_quiet_about_are_asked(database: Database) -> None:
    with database.writing() as session:
        a_cast(session)

        ask(session, WantedPeople(quiet_months=6))

        assert mails(session) == ["alice@aldmor.example"]


@pytest.mark.parametrize(
    ("written", "field"),
    [
        (WrittenRequest("", "Tell us.", DUE), "title"),
        (WrittenRequest("x" * 200, "Tell us.", DUE), "title"),
        (WrittenRequest("News?", " ", DUE), "words"),
        (WrittenRequest("News?", "Tell us.", TODAY), "due_on"),
        (WrittenRequest("News?", "Tell us.", date(2099, 1, 1)), "due_on"),
        (WrittenRequest("News?", "Tell us.", DUE, DUE), "remind_on"),
    ],
)
def test_what_cannot_be_asked_is_said_field_by_field(
    database: Database, written: WrittenRequest, field: str
) -> None:
    with database.writing() as session:
        cast = a_cast(session)
        with pytest.raises(FormError) as refused:
            ask(session, WantedPeople(people=(cast.alice,)), written)

        assert [name for name, _ in refused.value.problems] == [field]
        assert mails(session) == []


def test_the_silent_are_reminded_once_in_the_morning_of_the_day(database: Database) -> None:
    with database.writing() as session:
        cast = a_cast(session)
        ask(session, WantedPeople(people=(cast.alice, cast.bob)))
        alice = session.scalars(select(StoryAsk).where(StoryAsk.contact_id == cast.alice)).one()
        answering.decline(session, alice, now=NOW)

        assert remind(session, days=6) == 0
        assert remind(session, days=7, hour=7) == 0
        assert remind(session, days=7) == 1
        assert remind(session, days=7) == 0
        assert remind(session, days=8) == 0
        assert mails(session)[2:] == ["bob@bexmoor.example"]


@pytest.mark.parametrize(("days", "reminded"), [(9, 1), (10, 0)])
def test_after_a_time_without_a_server_a_reminder_goes_while_it_is_of_use(
    database: Database, days: int, reminded: int
) -> None:
    with database.writing() as session:
        cast = a_cast(session)
        ask(session, WantedPeople(people=(cast.bob,)))

        assert remind(session, days=days) == reminded


def test_nobody_is_reminded_whose_address_came_to_be_stopped(database: Database) -> None:
    with database.writing() as session:
        cast = a_cast(session)
        ask(session, WantedPeople(people=(cast.bob,)))
        suppress(session, "bob@bexmoor.example", SuppressionReason.BOUNCED, source=TESTER, now=NOW)

        assert remind(session, days=7) == 0
        assert len(mails(session)) == 1


def chase(session: Session, ask_id: int, *, days: int) -> StoryAsk:
    return chasing.chase(
        session,
        ask_id,
        site=SITE,
        tokens=TOKENS,
        actor=TESTER,
        now=NOW + timedelta(days=days),
    )


def test_a_person_is_chased_by_hand_once_a_day_and_not_reminded_right_after(
    database: Database,
) -> None:
    with database.writing() as session:
        cast = a_cast(session)
        ask(session, WantedPeople(people=(cast.bob,)))
        made = only_ask(session)

        with pytest.raises(NotAllowed, match="within the last day"):
            chase(session, made.id, days=0)
        chase(session, made.id, days=6)
        with pytest.raises(NotAllowed):
            chase(session, made.id, days=6)
        assert remind(session, days=7) == 0
        answering.decline(session, made, now=NOW)
        with pytest.raises(NotAllowed, match="has answered"):
            chase(session, made.id, days=8)
        assert len(mails(session)) == 2


def test_a_mail_that_came_back_and_an_answer_that_is_late_are_said(database: Database) -> None:
    with database.writing() as session:
        cast = a_cast(session)
        request = ask(session, WantedPeople(people=(cast.alice, cast.bob)))
        first, second = session.scalars(select(StoryAsk).order_by(StoryAsk.id)).all()
        assert first.mail_id is not None
        session.add(
            SystemMailReceipt(
                notice_id=first.mail_id, kind=ReceiptKind.HARD_BOUNCED, at=NOW, key="x"
            )
        )
        session.flush()

        late = listing.asks_of(session, [request.id], today=DUE + timedelta(days=1))
        assert [each.state for each in late] == [AskState.CAME_BACK, AskState.LATE]
        refused = session.get_one(SystemMail, second.mail_id)
        refused.status = DeliveryStatus.REFUSED
        session.flush()
        (_, other) = listing.asks_of(session, [request.id], today=TODAY)
        assert other.state is AskState.CAME_BACK
        assert answering.standing(session, other.ask) is AnswerStanding.NONE
