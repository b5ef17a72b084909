"""Year in Review: the numbers of the reports, in blocks that can be sent."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import update

from contacts.database import Database
from contacts.models import Newsletter
from mailer.authoring import document as documents
from mailer.authoring.blocks.writing import Text
from mailer.authoring.text.markdown import Open, events, links
from mailer.campaigns.assembly import year, year_facts
from mailer.campaigns.freezing import freeze
from mailer.campaigns.sending import launch
from mailer.campaigns.starting import frames
from mailer.clock import now as clock
from mailer.models import Campaign, Delivery, DeliveryStatus
from mailer.reports.accounting import account
from mailer.settings.environment import Gate
from tests.factories import TESTER, a_campaign, a_cast, a_document
from tests.mailer.campaigns.assembly.scene import joined, ready

TODAY = date(2026, 12, 20)
OUT = datetime(2026, 11, 10, 10, 0, tzinfo=UTC)


def _review(session: Any, newsletter_id: int, of: int = 2026) -> dict[str, Any]:
    frame = dict(frames.template_of(session, session.get_one(Newsletter, newsletter_id)))
    return year.filled(frame, year_facts.facts_of(session, newsletter_id, of), today=TODAY)


def _texts(document: dict[str, Any]) -> dict[str, str]:
    found = documents.parse(document).blocks
    return {each.heading: each.text for each in found if isinstance(each, Text)}


def test_the_numbers_are_those_of_the_reports(database: Database) -> None:
    with database.writing() as session:
        cast = a_cast(session)
        wyeham = joined(session, "Wyeham Council", date(2026, 3, 4), "associate")
        joined(session, "Of last year", date(2025, 12, 31))
        story = ready(session, "story", OUT, of=wyeham)
        event = ready(session, "event", OUT, of=wyeham)
        ready(session, "lab", OUT, headline="Who owns the street?", stage="reporting")
        blocks: list[dict[str, Any]] = [
            {"type": "story", "headline": "H", "text": "T", "source": f"{story.id}.1"},
            {
                "type": "event_list",
                "heading": "Coming up",
                "events": [{"title": "E", "start": "2027-01-12", "source": f"{event.id}.1"}],
            },
        ]
        issue = a_campaign(session, cast.newsletter, a_document(*blocks))
        issue.name = "November"
        launch(session, issue.id, actor=TESTER, gate=Gate.OPEN, now=OUT)
        issue_id = issue.id
    freeze(database, issue_id, clock=clock)
    with database.writing() as session:
        session.execute(
            update(Delivery)
            .where(Delivery.status == DeliveryStatus.PENDING)
            .values(status=DeliveryStatus.ACCEPTED, code=250, text="OK")
        )

    with database.reading() as session:
        facts = year_facts.facts_of(session, cast.newsletter, 2026)
        document = _review(session, cast.newsletter)
        counted = account(session, session.get_one(Campaign, issue_id))
        accepted = counted.deliveries.get(DeliveryStatus.ACCEPTED, 0)

        assert accepted > 0
        assert [each.accepted for each in facts.issues] == [accepted]
        said = _texts(document)
        assert said["Who joined in 2026"] == "- Wyeham Council (Associate, March)"
        assert said["Our issues"] == (
            f"- November: received by {accepted}, opened by 0, clicked by 0"
        )
        assert said["How far it reached"].startswith(
            f"1 issue in 2026, {accepted} copies received."
        )
        assert said["Stories and events by member"] == "- Wyeham Council: 1 story, 1 event"
        assert said["Policy Labs and Prototypes"] == (
            "- Who owns the street?, led by Carrdale Council: reporting"
        )
        (figures,) = [each for each in document["blocks"] if each["type"] == "figures"]
        assert {each["label"]: each["number"] for each in figures["figures"]} == {
            each.name: str(each.number) for each in facts.members if each.number
        }
        assert figures["counted_on"] == "2026-12-20"
        assert "source" not in str(document)


def test_a_year_with_nothing_in_it_says_nothing(database: Database) -> None:
    with database.writing() as session:
        cast = a_cast(session)

        document = _review(session, cast.newsletter, 2019)

        assert [each["type"] for each in document["blocks"]] == ["masthead", "figures", "footer"]


@pytest.mark.parametrize(
    "name",
    [
        *("**B** [x](javascript:alert(1)) <b>", "{{first_name|x}} Council"),
        *("- 1. # > ~~y~~ | z", "3. A"),
    ],
)
def test_names_are_words_whatever_signs_they_have(database: Database, name: str) -> None:
    with database.writing() as session:
        cast = a_cast(session)
        joined(session, name, date(2026, 3, 4))

        said = _texts(_review(session, cast.newsletter))["Who joined in 2026"]

        found = list(events(said))
        assert list(links(said)) == []
        assert {each.tag for each in found if isinstance(each, Open)} <= {"ul", "li", "p"}
        assert name in "".join(each for each in found if isinstance(each, str))
