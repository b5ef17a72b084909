"""Answers to polls: one a person, as of the last time they said it, and theirs alone."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from contacts.database import Database
from contacts.models import Contact
from mailer.errors import NotAllowed, NotFound
from mailer.models import Campaign, Delivery, GivenAnswer
from mailer.receipts.answering import has_answered, poll_for
from mailer.reports.polls import results_of
from tests.factories import Cast, a_cast, a_poll
from tests.mailer.receipts.answered import LATER, answers, sent

TOGETHER = 6


@pytest.fixture
def cast(database: Database) -> Cast:
    with database.writing() as session:
        return a_cast(session)


def given(database: Database) -> list[tuple[int | None, int]]:
    """Who gave which answer."""
    with database.reading() as session:
        rows = session.execute(
            select(GivenAnswer.contact_id, GivenAnswer.number).order_by(GivenAnswer.id)
        )
        return [(contact_id, number) for contact_id, number in rows]


def counted(database: Database, issue: int) -> list[int]:
    with database.reading() as session:
        [found] = results_of(session, session.get_one(Campaign, issue))
        return [people for *_, people in found.answers]


def test_another_answer_takes_the_place_of_the_first(database: Database, cast: Cast) -> None:
    issue = sent(database, cast)

    answers(database, cast.alice, 1)
    answers(database, cast.alice, 3, now=LATER + timedelta(hours=1))

    assert given(database) == [(cast.alice, 3)]
    assert counted(database, issue) == [0, 0, 1]


def test_whoever_does_not_let_us_count_clicks_is_counted_all_the_same(
    database: Database, cast: Cast
) -> None:
    issue = sent(database, cast)

    answers(database, cast.bob, 2)

    with database.reading() as session:
        assert not session.get_one(Contact, cast.bob).tracking_allowed
    assert counted(database, issue) == [0, 1, 0]


def test_answers_sent_at_once_from_several_browsers_are_one(database: Database, cast: Cast) -> None:
    issue = sent(database, cast)
    ready = threading.Barrier(TOGETHER)

    def press(place: int) -> None:
        ready.wait(20)
        answers(database, cast.alice, place % 3 + 1)

    with ThreadPoolExecutor(TOGETHER) as browsers:
        list(browsers.map(press, range(TOGETHER)))

    assert len(given(database)) == 1
    assert sum(counted(database, issue)) == 1


def test_a_poll_that_has_closed_takes_no_answer(database: Database, cast: Cast) -> None:
    sent(database, cast)
    answers(database, cast.alice, 1)

    with pytest.raises(NotAllowed, match="has closed"):
        answers(database, cast.alice, 2, now=LATER + timedelta(days=11))

    assert given(database) == [(cast.alice, 1)]


@pytest.mark.parametrize("number", [0, 4, -1])
def test_an_answer_that_there_is_not_is_not_kept(
    database: Database, cast: Cast, number: int
) -> None:
    sent(database, cast)

    with pytest.raises(NotFound):
        answers(database, cast.alice, number)

    assert given(database) == []


def test_a_poll_for_some_members_takes_no_answer_of_others(database: Database, cast: Cast) -> None:
    sent(database, cast, visible_to=["full"])

    answers(database, cast.alice, 1)
    with pytest.raises(NotFound):
        answers(database, cast.bob, 1)
    with pytest.raises(NotFound):
        answers(database, cast.carol, 1)

    assert given(database) == [(cast.alice, 1)]


def test_whoever_is_erased_is_counted_and_no_longer_known(database: Database, cast: Cast) -> None:
    issue = sent(database, cast)
    answers(database, cast.alice, 2)
    answers(database, cast.bob, 2)

    with database.writing() as session:
        session.delete(session.get_one(Contact, cast.alice))

    assert given(database) == [(None, 2), (cast.bob, 2)]
    assert counted(database, issue) == [0, 2, 0]


def test_what_was_sent_is_asked_whatever_the_draft_says_now(database: Database, cast: Cast) -> None:
    issue = sent(database, cast)
    with database.writing() as session:
        changed = {"version": 1, "blocks": [a_poll(question="Something else?")]}
        session.get_one(Campaign, issue).document = changed
        got = session.scalars(select(Delivery).where(Delivery.contact_id == cast.alice)).one()

        assert poll_for(session, got, "school").asks == "What about?"


def test_the_copy_of_one_person_says_nothing_of_another(database: Database, cast: Cast) -> None:
    sent(database, cast)
    answers(database, cast.alice, 1)

    with database.reading() as session:
        has = {
            each.contact_id: has_answered(session, each, poll_for(session, each, "school"))
            for each in session.scalars(select(Delivery))
        }
    assert has == {cast.alice: True, cast.bob: False, cast.carol: False}
