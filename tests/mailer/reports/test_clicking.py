"""Who clicked when, and of which category: people who let us count, each once."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.database import Database
from contacts.models import Contact
from mailer.models import Campaign, Delivery, DeliveryStatus, Receipt, ReceiptKind, Verdict
from mailer.reports import clicking, hearing
from mailer.reports.clicking import Span
from mailer.reports.engagement import engagement
from mailer.reports.hearing import Heard
from tests.factories import NOW, a_campaign, a_contact, a_newsletter

PERSON, AUTOMATIC = Verdict.PERSON, Verdict.AUTOMATIC
Clicks = Sequence[tuple[str, float, Verdict]]  # whose, hours after the start, by whom


@pytest.fixture
def issue(database: Database) -> int:
    """An issue that went to Amina and Ben (Full), Cora (Supporter), Dai (none) and Eve."""
    with database.writing() as session:
        newsletter = a_newsletter(session)
        campaign = a_campaign(session, newsletter.id)
        campaign.started_at = NOW + timedelta(minutes=20)
        people = [
            a_contact(session, "Amina", "amina@a.example", category="full", organisation="Aldmor"),
            a_contact(session, "Ben", "ben@a.example", category="full"),
            a_contact(session, "Cora", "cora@a.example", category="supporter"),
            a_contact(session, "Dai", "dai@a.example"),
            a_contact(session, "Eve", "eve@a.example", category="supporter"),
        ]
        for each in people:
            each.tracking_allowed = each.name != "Eve"
            session.add(
                Delivery(
                    campaign_id=campaign.id,
                    contact_id=each.id,
                    status=DeliveryStatus.ACCEPTED,
                    attempts=1,
                    changed_at=NOW,
                )
            )
        return campaign.id


def click(session: Session, issue: int, clicks: Clicks) -> None:
    named = select(Contact.name, Delivery.id).join(Contact, Contact.id == Delivery.contact_id)
    copies = dict(session.execute(named).all())
    for name, hours, verdict in clicks:
        session.add(
            Receipt(
                campaign_id=issue,
                delivery_id=copies[name],
                kind=ReceiptKind.CLICKED,
                verdict=verdict,
                link=1,
                at=NOW + timedelta(hours=hours),
            )
        )
    session.flush()


def test_a_person_is_counted_in_the_hour_of_their_first_click(
    database: Database, issue: int
) -> None:
    with database.writing() as session:
        click(session, issue, [("Amina", 5.5, PERSON), ("Amina", 1.2, PERSON), ("Ben", 1, PERSON)])
        found = clicking.hours(session, session.get_one(Campaign, issue))

    assert found is not None
    assert found.began_at == NOW
    assert [n for _, n in found.rows if n] == [2]
    assert found.people[1] == 2
    assert found.later == 0


def test_the_hours_and_what_came_later_add_up_to_the_people_who_clicked(
    database: Database, issue: int
) -> None:
    with database.writing() as session:
        click(session, issue, [("Amina", 0.9, PERSON), ("Ben", 24, PERSON), ("Dai", 70, PERSON)])
        found = clicking.hours(session, session.get_one(Campaign, issue))
        clicked = engagement(session, issue).clicked

    assert found is not None
    assert (len(found.people), sum(found.people), found.later) == (24, 1, 2)
    assert sum(found.people) + found.later == clicked


@pytest.mark.parametrize(("span", "parts"), [(Span.DAY, 24), (Span.TWO_DAYS, 48), (Span.WEEK, 28)])
def test_every_span_adds_up_to_the_same_people(
    database: Database, issue: int, span: Span, parts: int
) -> None:
    clicks = [("Amina", 0.9, PERSON), ("Ben", 47.5, PERSON), ("Cora", 167.9, PERSON)]
    with database.writing() as session:
        click(session, issue, [*clicks, ("Dai", 168, PERSON)])
        found = clicking.hours(session, session.get_one(Campaign, issue), span=span)

    assert found is not None
    assert len(found.people) == parts
    assert sum(found.people) == {Span.DAY: 1, Span.TWO_DAYS: 2, Span.WEEK: 3}[span]
    assert sum(found.people) + found.later == 4
    assert found.end_of(parts - 1) == NOW + timedelta(hours=span)


def test_machines_and_whoever_is_not_counted_are_in_no_hour_and_no_category(
    database: Database, issue: int
) -> None:
    with database.writing() as session:
        click(session, issue, [("Cora", 1, AUTOMATIC), ("Eve", 2, PERSON)])
        found = clicking.hours(session, session.get_one(Campaign, issue))
        categories = clicking.by_category(session, issue)
        heard = engagement(session, issue)

    assert found is not None
    assert sum(found.people) + found.later == 0
    assert [each.clicked for each in categories] == [0, 0, 0]
    assert heard.clicked == 0


def test_an_issue_that_has_not_started_has_no_hours(database: Database) -> None:
    with database.writing() as session:
        assert clicking.hours(session, a_campaign(session, a_newsletter(session).id)) is None


def test_categories_say_who_was_reached_who_lets_us_count_and_who_clicked(
    database: Database, issue: int
) -> None:
    with database.writing() as session:
        click(session, issue, [("Amina", 1, PERSON), ("Amina", 2, PERSON), ("Dai", 1, PERSON)])
        found = clicking.by_category(session, issue)
        heard = engagement(session, issue)

    assert [(each.slug, each.accepted, each.measured, each.clicked) for each in found] == [
        ("full", 2, 2, 1),
        ("supporter", 2, 1, 0),
        ("", 1, 1, 1),
    ]
    assert heard.clicked == 2


def test_the_people_of_a_category_are_as_many_as_its_number(database: Database, issue: int) -> None:
    with database.writing() as session:
        click(session, issue, [("Amina", 1, PERSON), ("Cora", 2, PERSON), ("Dai", 1, PERSON)])
        listed = {
            each.slug: [
                row.name
                for row in session.execute(hearing.people(issue, Heard.CLICKED, category=each.slug))
            ]
            for each in clicking.by_category(session, issue)
        }

    assert listed == {"full": ["Amina"], "supporter": ["Cora"], "": ["Dai"]}
