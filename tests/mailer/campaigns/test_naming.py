"""What issues are called: proposed without a clash, refused in sentences, changed without loss."""

import pytest
from sqlalchemy.orm import Session

from contacts.database import Database
from mailer.campaigns import editing, sending
from mailer.campaigns.naming import addresses
from mailer.campaigns.naming.called import Called, propose
from mailer.campaigns.starting import making
from mailer.campaigns.starting.making import From, Start
from mailer.errors import FormError, NotAllowed
from mailer.models import Campaign, CampaignKind
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, a_campaign, a_document, a_newsletter, a_poll, many

DECEMBER = Called("December", "2026-12", "2026-12")


def rename(session: Session, issue: Campaign, called: Called) -> Campaign:
    return editing.rename(session, issue.id, called, actor=TESTER, now=NOW)


def test_two_issues_of_a_month_are_proposed_different_names_and_addresses(
    database: Database,
) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        made = []
        for _ in range(2):
            called = propose(session, newsletter, month="2026-12")
            start = Start(From.FRAME)
            made.append(
                making.make(session, newsletter, called, start, actor=TESTER, now=NOW).campaign
            )

    assert [Called.of(each) for each in made] == [
        Called("Members' Update, December 2026", "2026-12", "2026-12"),
        Called("Members' Update, December 2026, 2", "2026-12", "2026-12-2"),
    ]


@pytest.mark.parametrize(
    ("called", "field", "sentence"),
    [
        (Called(" ", "2026-12", "x"), "name", "Write a name"),
        (Called("n" * 201, "2026-12", "x"), "name", "at most 200 characters"),
        (Called("December", "2026-12", "x"), "name", "an issue called December already"),
        (Called("Other", "2026-13", "x"), "month", "such as 2026-12"),
        (Called("Other", "", "x"), "month", "such as 2026-12"),
        (Called("Other", "2026-12", ""), "address", "Write an address"),
        (Called("Other", "2026-12", "A b"), "address", "lower-case letters"),
        (Called("Other", "2026-12", "a/../b"), "address", "lower-case letters"),
        (Called("Other", "2026-12", "2026-12"), "address", "2026-12-2 is free."),
    ],
)
def test_what_an_issue_cannot_be_called_is_a_sentence_beside_its_field(
    database: Database, called: Called, field: str, sentence: str
) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        rename(session, a_campaign(session, newsletter.id), DECEMBER)

        with pytest.raises(FormError) as refused:
            making.make(session, newsletter, called, Start(From.FRAME), actor=TESTER, now=NOW)

    assert [name for name, _ in refused.value.problems] == [field]
    assert sentence in str(refused.value)


def test_newsletters_do_not_share_names_or_addresses(database: Database) -> None:
    with database.writing() as session:
        rename(session, a_campaign(session, a_newsletter(session).id), DECEMBER)
        other = a_newsletter(session, "events")

        made = making.make(
            session, other, DECEMBER, Start(From.FRAME), actor=TESTER, now=NOW
        ).campaign

    assert made.slug == "2026-12"


def test_a_draft_is_led_to_by_every_address_it_had_until_another_issue_has_that_one(
    database: Database,
) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        one, other = (a_campaign(session, newsletter.id) for _ in range(2))
        rename(session, other, Called("Other", "2026-11", "november"))
        for address in ("first", "second", "third"):
            rename(session, one, Called("One", "2026-12", address))
        before = [addresses.led_on(session, newsletter.slug, each) for each in ("first", "second")]
        rename(session, other, Called("Other", "2026-11", "first"))
        after = [addresses.led_on(session, newsletter.slug, each) for each in ("first", "second")]
        rename(session, other, Called("Other", "2026-11", "elsewhere"))
        left = addresses.led_on(session, newsletter.slug, "first")

    assert before == [one.id, one.id]
    assert after == [None, one.id]
    assert left == other.id


def test_a_proposal_takes_no_address_that_leads_to_another_issue(database: Database) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        issue = a_campaign(session, newsletter.id, slug="2026-12")
        rename(session, issue, Called("Moved", "2026-12", "winter"))

        called = propose(session, newsletter, month="2026-12")

    assert called.address == "2026-12-2"


def test_renaming_leaves_an_approval_as_it_is_and_a_sent_issue_keeps_its_address(
    database: Database,
) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        many(session, newsletter, 1)
        issue = a_campaign(session, newsletter.id)
        revision = issue.revision
        rename(session, issue, DECEMBER)
        unchanged = issue.revision == revision
        sending.launch(session, issue.id, actor=TESTER, gate=Gate.OPEN, now=NOW)

        with pytest.raises(NotAllowed, match="can’t be changed"):
            rename(session, issue, Called("December", "2026-12", "elsewhere"))

    assert unchanged
    assert issue.slug == "2026-12"


def test_a_one_off_has_no_month(database: Database) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        made = making.make(
            session,
            newsletter,
            Called("Office closed", "", "office-closed"),
            Start(From.ONE_OFF),
            actor=TESTER,
            now=NOW,
        ).campaign

    assert (made.kind, made.month) == (CampaignKind.ONE_OFF, None)


def test_a_copy_says_what_the_earlier_issue_said_to_the_same_people(database: Database) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        earlier = a_campaign(session, newsletter.id)
        start = Start(From.COPY, earlier.id)

        made = making.make(session, newsletter, DECEMBER_2, start, actor=TESTER, now=NOW).campaign

    assert made.document == a_document()
    assert (made.version, made.approved) == (1, False)


DECEMBER_2 = Called("December again", "2026-12", "2026-12-b")


def test_a_copy_leaves_out_events_that_are_over_and_lets_no_poll_be_closed(
    database: Database,
) -> None:
    events = [
        {"title": "Harvest supper", "start": "2026-11-20"},
        {"title": "Winter school", "start": "2026-12-20"},
    ]
    diary = {"id": "e", "type": "event_list", "events": events}
    with database.writing() as session:
        newsletter = a_newsletter(session)
        earlier = a_campaign(session, newsletter.id, a_document(diary, a_poll()))
        start = Start(From.COPY, earlier.id)

        made = making.make(session, newsletter, DECEMBER_2, start, actor=TESTER, now=NOW)

    blocks = {each["type"]: each for each in made.campaign.document["blocks"]}
    assert made.over == ("Harvest supper",)
    assert [each["title"] for each in blocks["event_list"]["events"]] == ["Winter school"]
    assert not blocks["poll"].get("closes")
    assert "2026-12-18" in str(earlier.document)


@pytest.mark.parametrize("copied", [None, 999, "other"])
def test_only_an_issue_of_the_same_newsletter_is_copied(
    database: Database, copied: int | str | None
) -> None:
    with database.writing() as session:
        newsletter, other = a_newsletter(session), a_newsletter(session, "events")
        theirs = a_campaign(session, other.id)
        start = Start(From.COPY, theirs.id if isinstance(copied, str) else copied)

        with pytest.raises(FormError, match="Choose an issue of Members' Update to copy"):
            making.make(session, newsletter, DECEMBER, start, actor=TESTER, now=NOW)
