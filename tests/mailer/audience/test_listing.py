"""The people behind each reason: as many as were counted, and as the freeze would have it."""

from datetime import timedelta

import pytest

from contacts.database import Database
from contacts.models import Subscription
from mailer.audience.counting import count
from mailer.audience.listing import PersonLeftOut, left_out
from mailer.audience.selecting import Audience, classified
from mailer.models import Exclusion
from tests.factories import NOW, a_contact, a_newsletter
from tests.mailer.audience.test_audience import a_crowd


@pytest.mark.parametrize("seed", range(3))
def test_every_reason_lists_whom_the_send_would_leave_out(database: Database, seed: int) -> None:
    newsletter_id = a_crowd(database, seed)

    with database.reading() as session:
        counted = count(session, Audience(newsletter_id), now=NOW)
        verdicts = session.execute(classified(Audience(newsletter_id), now=NOW)).all()
        listed = {
            reason: left_out(session, Audience(newsletter_id), reason, now=NOW).people
            for reason in Exclusion
        }

    assert {reason: len(people) for reason, people in listed.items() if people} == counted.excluded
    for reason, people in listed.items():
        expected = {row.contact_id for row in verdicts if row.reason == reason.value}
        assert {each.contact_id for each in people} == expected


@pytest.mark.parametrize("reason", [Exclusion.NO_EMAIL, Exclusion.SAME_ADDRESS])
def test_pages_follow_each_other_without_a_gap(database: Database, reason: Exclusion) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        for number in range(5):
            a_contact(session, f"Nowhere {number}", None, newsletter)
            a_contact(session, f"Together {number}", "office@a.example", newsletter)
        newsletter_id = newsletter.id

    with database.reading() as session:
        whole = left_out(session, Audience(newsletter_id), reason, now=NOW).people
        found: list[PersonLeftOut] = []
        after = 0
        while True:
            page = left_out(session, Audience(newsletter_id), reason, now=NOW, after=after, limit=2)
            found += page.people
            if page.following is None:
                break
            after = page.following

    assert len(whole) == (5 if reason is Exclusion.NO_EMAIL else 4)
    assert found == list(whole)


def test_somebody_whose_break_is_over_is_on_no_list(database: Database) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        someone = a_contact(session, "A", "a@a.example", newsletter)
        standing = session.get_one(Subscription, (someone.id, newsletter.id))
        standing.paused_until = (NOW + timedelta(days=3)).date()
        session.flush()

        paused = Exclusion.PAUSED
        now = left_out(session, Audience(newsletter.id), paused, now=NOW)
        later = left_out(session, Audience(newsletter.id), paused, now=NOW + timedelta(days=4))

    assert [each.address for each in now.people] == ["a@a.example"]
    assert later.people == []
