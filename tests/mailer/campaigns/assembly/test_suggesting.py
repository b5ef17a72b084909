"""What comes after a draft was made is offered, never put in by itself."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from contacts.database import Database
from mailer.authoring.library import items
from mailer.authoring.library.items import WrittenItem
from mailer.campaigns import editing
from mailer.campaigns.assembly import suggesting
from mailer.campaigns.drafts import undoing
from mailer.errors import NotAllowed
from mailer.models import AssembledPart, CampaignStatus, Change, LibraryItem, PartState
from tests.factories import TESTER
from tests.mailer.campaigns.assembly.scene import (
    DRAFTED,
    MADE,
    a_schedule,
    block,
    blocks_of,
    issues,
    joined,
    ready,
    run,
)

LATER = DRAFTED + timedelta(days=3)


def _a_draft(database: Database) -> int:
    with database.writing() as session:
        a_schedule(session)
        for number in range(3):  # one more than there are blocks for
            ready(session, "story", MADE, headline=f"Story {number}")
        ready(session, "event", MADE, title="Fair", start="2026-12-15")
        ready(session, "event", MADE, title="Far", start="2027-03-01")
    run(database, DRAFTED)
    with database.reading() as session:
        return issues(session)[0].id


def _titles(session: Any, issue_id: int) -> list[list[str]]:
    found = suggesting.offers(session, editing.find(session, issue_id))
    return [[choice.title for choice in each.choices] for each in found]


def test_nothing_is_offered_that_was_there_when_the_draft_was_made(database: Database) -> None:
    issue_id = _a_draft(database)

    with database.reading() as session:
        assert _titles(session, issue_id) == []


def test_new_events_are_offered_and_come_in_as_one_step_that_can_be_undone(
    database: Database,
) -> None:
    issue_id = _a_draft(database)
    with database.writing() as session:
        keys = [
            f"item {ready(session, 'event', LATER, title=title, start=start).id}"
            for title, start in (("Talk", "2026-12-20"), ("Early", "2026-12-10"))
        ]
        ready(session, "event", LATER, title="Too late", start="2027-02-01")
    run(database, LATER)
    with database.writing() as session:
        before = editing.find(session, issue_id).document
        offered = _titles(session, issue_id)

        suggesting.accept(session, issue_id, keys, actor=TESTER, now=LATER)

        added = [each["title"] for each in block(issues(session)[0], "events")["events"]]
        after = _titles(session, issue_id)
        steps = session.scalars(select(Change)).all()
        undoing.undo(session, issue_id, actor=TESTER, now=LATER)
        undone = editing.find(session, issue_id).document
        again = _titles(session, issue_id)

    assert offered == [["Early", "Talk"]]
    assert added == ["Early", "Fair", "Talk"]
    assert (after, len(steps)) == ([], 1)
    assert undone == before
    assert again == offered


def test_an_event_that_was_moved_into_the_month_is_offered(database: Database) -> None:
    issue_id = _a_draft(database)
    with database.writing() as session:
        far = session.scalars(select(LibraryItem).where(LibraryItem.title == "Far")).one()
        written = WrittenItem({**far.fields, "start": "2026-12-30"})
        items.edit(session, far.id, written, expected=1, actor=TESTER, now=LATER)

        assert _titles(session, issue_id) == [["Far"]]


def test_a_story_fills_the_empty_block_and_a_second_one_stands_below(database: Database) -> None:
    with database.writing() as session:
        a_schedule(session)
        ready(session, "story", MADE, headline="There")
    run(database, DRAFTED)
    with database.writing() as session:
        issue_id = issues(session)[0].id
        one, two = (ready(session, "story", LATER, headline=name) for name in ("One", "Two"))
        with pytest.raises(NotAllowed, match="one by one"):
            suggesting.accept(
                session, issue_id, [f"item {one.id}", f"item {two.id}"], actor=TESTER, now=LATER
            )
        for each in (one, two):
            suggesting.accept(session, issue_id, [f"item {each.id}"], actor=TESTER, now=LATER)

        told = [each["headline"] for each in blocks_of(issues(session)[0], "story")]
        assert told == ["There", "One", "Two"]
        undoing.undo(session, issue_id, actor=TESTER, now=LATER)
        undoing.undo(session, issue_id, actor=TESTER, now=LATER)
        (_, empty) = blocks_of(issues(session)[0], "story")
        assert "headline" not in empty
        assert "source" not in empty


def test_a_new_member_is_offered_unless_somebody_has_written_it_already(
    database: Database,
) -> None:
    issue_id = _a_draft(database)
    with database.writing() as session:
        joined(session, "Aldmor Council", date(2026, 11, 19))
        typed = joined(session, "Bexmoor Council", date(2026, 11, 19))
        document = editing.find(session, issue_id).document
        for each in document["blocks"]:
            if each["id"] == "new":
                entry = {"organisation": typed.name, "category": "Full", "since": "Now"}
                each["members"] = [entry]
        editing.edit(session, issue_id, document=document, actor=TESTER, now=LATER)
        offered = _titles(session, issue_id)
        key = suggesting.offers(session, editing.find(session, issue_id))[0].choices[0].key

        suggesting.accept(session, issue_id, [key], actor=TESTER, now=LATER)

        assert offered == [["Aldmor Council"]]
        named = [each["organisation"] for each in block(issues(session)[0], "new")["members"]]
        assert named == ["Bexmoor Council", "Aldmor Council"]


def test_what_was_declined_or_taken_out_again_is_offered_no_more(database: Database) -> None:
    issue_id = _a_draft(database)
    with database.writing() as session:
        new = ready(session, "event", LATER, title="Talk", start="2026-12-20")
        suggesting.decline(session, issue_id, [f"item {new.id}"], now=LATER)
        document = editing.find(session, issue_id).document
        kept = [each for each in document["blocks"] if each["id"] != "events"]
        editing.edit(
            session, issue_id, document={**document, "blocks": kept}, actor=TESTER, now=LATER
        )

        assert _titles(session, issue_id) == []
        states = {each.title: each.state for each in session.scalars(select(AssembledPart))}
        assert states["Talk"] is PartState.DECLINED
        with pytest.raises(NotAllowed, match="not offered any more"):
            suggesting.accept(session, issue_id, [f"item {new.id}"], actor=TESTER, now=LATER)


def test_nothing_is_offered_once_it_was_submitted_and_nothing_changes_by_itself(
    database: Database,
) -> None:
    issue_id = _a_draft(database)
    with database.reading() as session:
        before = editing.find(session, issue_id)
        document, revision = before.document, before.revision
    with database.writing() as session:
        new = ready(session, "event", LATER, title="Talk", start="2026-12-20")
    for days in range(4, 14):
        run(database, DRAFTED + timedelta(days=days))
    with database.writing() as session:
        issue = editing.find(session, issue_id)
        assert (issue.document, issue.revision) == (document, revision)
        assert _titles(session, issue_id) == [["Talk"]]

        issue.status = CampaignStatus.WAITING
        session.flush()

        assert _titles(session, issue_id) == []
        with pytest.raises(NotAllowed):
            suggesting.accept(session, issue_id, [f"item {new.id}"], actor=TESTER, now=LATER)


def test_a_full_list_says_so(database: Database) -> None:
    issue_id = _a_draft(database)
    with database.writing() as session:
        made = [
            ready(session, "event", LATER, title=f"Talk {day}", start=f"2026-12-{day}")
            for day in range(10, 19)
        ]
        with pytest.raises(NotAllowed, match="its list is full"):
            suggesting.accept(
                session, issue_id, [f"item {each.id}" for each in made], actor=TESTER, now=LATER
            )
