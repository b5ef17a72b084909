"""Checks on a real database: what holds an issue back, what is left as fine, what it costs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from contacts.database import Database
from contacts.models import AuditEntry, Newsletter
from mailer.campaigns import approval, editing, schedules, sending, timing
from mailer.campaigns.checks.accepting import accept
from mailer.campaigns.checks.finding import CheckFinding, FindingState, sendable
from mailer.campaigns.checks.measuring import measure
from mailer.campaigns.checks.running import run, summary
from mailer.campaigns.freezing import freeze
from mailer.demo.content import december_issue
from mailer.errors import DocumentError, NotAllowed, NotFound
from mailer.models import Campaign, CampaignStatus
from mailer.settings.environment import Gate
from tests.factories import NOW, TESTER, a_campaign, a_contact, a_newsletter, many
from tests.mailer.campaigns.checks.issues import events, link, text

Act = Callable[[Session, int], Any]
WALL = "2026-12-15T10:00"
OPEN = Gate.OPEN


def document(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "blocks": [{"id": f"b{n}", **each} for n, each in enumerate(blocks)]}


@dataclass
class Made:
    newsletter: int
    issue: int


def made(session: Session, *blocks: dict[str, Any], people: int = 3, **more: Any) -> Made:
    newsletter = a_newsletter(session)
    many(session, newsletter, people)
    issue = a_campaign(session, newsletter.id, document(*blocks), **more)
    return Made(newsletter.id, issue.id)


def checked(session: Session, issue: int, **more: Any) -> list[CheckFinding]:
    campaign = editing.find(session, issue)
    counts = measure(session, campaign, now=NOW)
    return run(session, campaign, gate=OPEN, now=NOW, counts=counts, **more)


def codes(session: Session, issue: int) -> set[str]:
    return {each.code for each in checked(session, issue) if each.is_open}


def find_one(session: Session, issue: int, code: str) -> CheckFinding:
    return next(each for each in checked(session, issue) if each.code == code)


DOORS: dict[str, Act] = {
    "submitted": lambda s, i: approval.submit(s, i, actor=TESTER, gate=OPEN, now=NOW),
    "approved": lambda s, i: approval.approve(s, i, version=1, actor=TESTER, gate=OPEN, now=NOW),
    "launched": lambda s, i: sending.launch(s, i, actor=TESTER, gate=OPEN, now=NOW),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("sentence", "block"),
    [
        ("“TBC” found", text("TBC")),
        ("placeholder", link("the plan", "https://example.com/")),
        ("will be over", events("2026-12-01")),
    ],
)
def test_what_is_to_fix_is_refused_at_every_door(
    sqlite_url: str, door: str, sentence: str, block: dict[str, Any]
) -> None:
    database = Database(sqlite_url)
    with database.writing() as session:
        issue = made(session, block).issue
        with pytest.raises(DocumentError, match=sentence):
            DOORS[door](session, issue)

        assert session.get_one(Campaign, issue).status is CampaignStatus.DRAFT
    database.dispose()


@pytest.mark.parametrize("door", DOORS)
def test_what_is_to_look_at_is_not(database: Database, door: str) -> None:
    with database.writing() as session:
        issue = made(session, link("here")).issue
        assert codes(session, issue) >= {"LNK5", "TST1", "PRE1"}

        DOORS[door](session, issue)


def test_an_issue_for_nobody_is_refused_at_every_door(database: Database) -> None:
    with database.writing() as session:
        issue = made(session, text(), people=0).issue
        for door in DOORS.values():
            with pytest.raises(DocumentError, match="Nobody will receive this"):
                door(session, issue)


def test_an_approved_issue_is_not_scheduled_for_a_day_when_its_event_is_over(
    database: Database,
) -> None:
    with database.writing() as session:
        issue = made(session, events("2026-12-10")).issue
        DOORS["approved"](session, issue)

        with pytest.raises(DocumentError, match="will be over before this goes out"):
            timing.plan(session, issue, wall=WALL, zone="UTC", actor=TESTER, gate=OPEN, now=NOW)


def test_a_schedule_holds_an_issue_with_the_sentence(database: Database) -> None:
    with database.writing() as session:
        issue = made(session, events("2026-12-10")).issue
        DOORS["approved"](session, issue)
        campaign, later = session.get_one(Campaign, issue), NOW + timedelta(days=7)

        said = schedules.launch_or_hold(session, issue, due_at=later, gate=OPEN, now=later)

        assert "“Webinar 1” will be over" in said
        assert campaign.status is CampaignStatus.HELD
        assert "“Webinar 1” will be over" in (campaign.trouble or "")


def test_the_subject_of_the_last_issue_is_refused_and_another_is_not(database: Database) -> None:
    with database.writing() as session:
        first = made(session, link("Read the plan"), subject="Winter labs")
        sending.launch(session, first.issue, actor=TESTER, gate=OPEN, now=NOW)
        same = a_campaign(
            session, first.newsletter, document(link("Read the plan")), subject="winter  labs"
        )

        found = {each.code: each.message for each in checked(session, same.id)}
        assert found["SUB2"] == "The subject is the same as December’s."
        assert found["LNK8"] == (
            "This link was also in December’s issue at the same place. Still right?"
        )
        editing.edit(session, same.id, subject="Spring labs", actor=TESTER, now=NOW)
        assert "SUB2" not in codes(session, same.id)


def test_who_lacks_a_name_is_counted_among_those_who_get_it(database: Database) -> None:
    with database.writing() as session:
        newsletter = a_newsletter(session)
        a_contact(session, "Alice Adeyemi", "alice@aldmor.example", newsletter)
        a_contact(session, "", "office@bexmoor.example", newsletter)
        a_contact(session, "", "desk@carrdale.example")
        issue = a_campaign(session, newsletter.id, document(text("Dear {{first_name}},")))

        found = find_one(session, issue.id, "MRG1")

    assert found.message == "{First name} has no fallback words. 1 person has no first name."


def test_a_much_larger_audience_is_compared_with_those_who_got_the_last(
    database: Database,
) -> None:
    with database.writing() as session:
        first = made(session, text(), people=4, subject="Winter labs")
        sending.launch(session, first.issue, actor=TESTER, gate=OPEN, now=NOW)
    freeze(database, first.issue, clock=lambda: NOW)
    with database.writing() as session:
        newsletter = session.get_one(Newsletter, first.newsletter)
        second = a_campaign(session, first.newsletter, subject="Spring labs")
        assert "AUD2" not in codes(session, second.id)
        for number in range(2):
            a_contact(session, "New Person", f"new{number}@a.example", newsletter)

        found = find_one(session, second.id, "AUD2")

    assert found.message == "Audience is 50 % bigger than December’s."


def test_a_finding_left_as_fine_names_who_said_so_and_falls_away_with_its_words(
    database: Database,
) -> None:
    with database.writing() as session:
        issue = made(session, link("here"), text()).issue
        key = find_one(session, issue, "LNK5").key
        accept(session, issue, key, actor=TESTER, gate=OPEN, now=NOW)
        accept(session, issue, key, actor=TESTER, gate=OPEN, now=NOW + timedelta(hours=1))

        found = find_one(session, issue, "LNK5")
        assert (found.state, found.fine_at) == (FindingState.FINE, NOW)
        assert found.fine_by
        acts = session.scalars(select(AuditEntry.act)).all()
        assert acts.count("issue finding left as fine") == 1

        campaign = session.get_one(Campaign, issue)
        campaign.document = document(link("click here"), text())
        session.flush()
        assert find_one(session, issue, "LNK5").is_open
        campaign.document = document(link("here"), text("Other words."))
        session.flush()
        assert not find_one(session, issue, "LNK5").is_open
        campaign.version += 1
        session.flush()
        assert find_one(session, issue, "LNK5").is_open


def test_what_has_to_be_fixed_cannot_be_left_as_fine(database: Database) -> None:
    with database.writing() as session:
        issue = made(session, text("TBC")).issue
        key = find_one(session, issue, "TXT1").key

        with pytest.raises(NotAllowed, match="mended first"):
            accept(session, issue, key, actor=TESTER, gate=OPEN, now=NOW)
        with pytest.raises(NotFound):
            accept(session, issue, "0" * 64, actor=TESTER, gate=OPEN, now=NOW)


def test_the_rules_ask_the_same_few_questions_whatever_the_number_of_blocks(
    database: Database,
) -> None:
    asked: list[str] = []

    def note(*arguments: Any) -> None:
        asked.append(arguments[2])

    def questions(issue: int) -> int:
        with database.reading() as session:
            campaign = editing.find(session, issue)
            asked.clear()
            run(session, campaign, gate=Gate.ENFORCE, now=NOW, counts=None)
            return len(asked)

    with database.writing() as session:
        few = made(session, link("Read the plan"))
        whole = a_campaign(session, few.newsletter, december_issue("https://p.example/"))
    event.listen(database.engine, "before_cursor_execute", note)

    assert questions(few.issue) == questions(whole.id) <= 11


def test_without_counts_nobody_is_counted_and_that_has_not_passed(database: Database) -> None:
    with database.writing() as session:
        campaign = editing.find(session, made(session, text(), people=0).issue)
        found = run(session, campaign, gate=OPEN, now=NOW, counts=None)

    assert sendable(found)
    assert {each.code for each in found if each.state is FindingState.UNCHECKED} == {
        "AUD1",
        "SIZ1",
    }
    assert summary(found).endswith("2 not checked yet")
