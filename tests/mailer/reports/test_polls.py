"""Results of polls: the numbers add up, and lead to people whose names may be known."""

from collections.abc import Sequence

import pytest

from contacts.database import Database
from contacts.models import Contact
from contacts.permission.subscriptions import unsubscribe
from mailer.models import Campaign
from mailer.reports.polls import answers_of, people, polls_of, results_of
from tests.factories import NOW, TESTER, Cast, a_campaign, a_cast, a_document, a_poll
from tests.mailer.receipts.answered import answers, sent


@pytest.fixture
def cast(database: Database) -> Cast:
    with database.writing() as session:
        return a_cast(session)


def names(database: Database, issue: int, number: int) -> Sequence[str | None]:
    with database.reading() as session:
        rows = session.execute(people(session.get_one(Campaign, issue), "school", number))
        return [person.name if person else None for _, person in rows]


def test_every_answer_has_its_number_and_nobody_is_counted_twice(
    database: Database, cast: Cast
) -> None:
    issue = sent(database, cast)
    answers(database, cast.alice, 1)
    answers(database, cast.bob, 3)
    answers(database, cast.bob, 1)

    with database.reading() as session:
        [found] = results_of(session, session.get_one(Campaign, issue))

    assert list(found.answers) == [(1, "Homes", 2), (2, "Care", 0), (3, "Energy", 0)]
    assert found.total == 2


def test_a_number_leads_to_as_many_people_by_name(database: Database, cast: Cast) -> None:
    issue = sent(database, cast)
    answers(database, cast.bob, 1)
    answers(database, cast.alice, 1)

    assert names(database, issue, 1) == ["Cllr Alice Adeyemi", "Bob Bell"]
    assert names(database, issue, 2) == []


def test_whoever_left_or_was_erased_counts_and_is_not_named(database: Database, cast: Cast) -> None:
    issue = sent(database, cast)
    for contact_id in (cast.alice, cast.bob, cast.carol):
        answers(database, contact_id, 1)

    with database.writing() as session:
        unsubscribe(session, cast.alice, cast.newsletter, source=TESTER, now=NOW)
        session.delete(session.get_one(Contact, cast.bob))

    assert names(database, issue, 1) == ["Carol Castell", None, None]


def test_an_issue_that_has_not_gone_out_has_no_results(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        draft = a_campaign(session, cast.newsletter, a_document(a_poll()))

        assert results_of(session, draft) == []


def test_a_poll_is_in_the_language_of_its_issue(database: Database, cast: Cast) -> None:
    issue = sent(database, cast, issue_language="cy")

    with database.reading() as session:
        [poll] = polls_of(session, session.get_one(Campaign, issue))
    assert poll.language == "cy"


def test_what_somebody_answered_is_told_in_words_until_they_have_left(
    database: Database, cast: Cast
) -> None:
    sent(database, cast)
    answers(database, cast.alice, 3)

    with database.writing() as session:
        told = [(issue.name, *words) for _, issue, *words in answers_of(session, cast.alice)]
        unsubscribe(session, cast.alice, cast.newsletter, source=TESTER, now=NOW)
        afterwards = answers_of(session, cast.alice)

    assert told == [("December", "What about?", "Energy")]
    assert afterwards == []
