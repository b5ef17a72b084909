"""Items put into issues: by one press, in their place, and followed when they change."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contacts.database import Database
from contacts.models import AuditEntry
from mailer.authoring import document as documents
from mailer.authoring.library import items
from mailer.authoring.library.items import WrittenItem
from mailer.authoring.library.listing import ItemStanding
from mailer.campaigns import editing
from mailer.campaigns.drafts import blocks, taking, undoing
from mailer.errors import NotAllowed
from mailer.models import Campaign, ItemState, LibraryUse
from tests.factories import NOW, TESTER, an_item
from tests.mailer.campaigns.drafts.taking_items import (
    FRAME,
    OTHER,
    an_issue,
    block,
    standing,
    take,
)
from tests.mailer.campaigns.drafts.test_blocks import at_once


def test_a_story_becomes_a_block_that_says_where_it_came_from(database: Database) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session, rights="Ask before reprinting.")

        made = take(session, issue, item, after="one")

        written = block(session, issue, made.id)
        assert written["headline"] == "Our wood"
        assert written["source"] == f"{item.id}.1"
        assert "rights" not in written
        assert standing(session, item) is ItemStanding.IN_ISSUE
        use = session.scalars(select(LibraryUse)).one()
        assert (use.campaign_id, use.block_id, use.revision) == (issue, made.id, 1)


def test_an_event_is_put_among_the_events_where_its_day_is(database: Database) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session, "event")

        made = take(session, issue, item)

        titles = [each["title"] for each in block(session, issue, "events")["events"]]
        assert made.id == "events"
        assert titles == ["Webinar", "Winter conference", "Summer school"]
        undoing.undo(session, issue, actor=TESTER, now=NOW)
        assert block(session, issue, "events") == FRAME["blocks"][2]
        assert standing(session, item) is ItemStanding.READY
        undoing.redo(session, issue, actor=TESTER, now=NOW)
        assert standing(session, item) is ItemStanding.IN_ISSUE


def test_each_thing_that_is_taken_is_a_step_of_its_own(database: Database) -> None:
    with database.writing() as session:
        issue = an_issue(session)
        for title in ("First", "Second"):
            take(session, issue, an_item(session, "event", title=title))

        undoing.undo(session, issue, actor=TESTER, now=NOW)

        titles = [each["title"] for each in block(session, issue, "events")["events"]]
        assert titles == ["Webinar", "First", "Summer school"]


def test_a_full_list_is_left_and_another_block_begun(database: Database) -> None:
    with database.writing() as session:
        issue = an_issue(session)
        made = [
            take(session, issue, an_item(session, "case_study", title=f"Case {number}")).id
            for number in range(5)
        ]

        assert len(set(made[:4])) == 1
        assert made[4] != made[0]
        assert len(block(session, issue, made[0])["cases"]) == 4


def test_a_list_for_some_members_only_is_not_what_everybody_reads(database: Database) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session, "event")
        document = documents.edit(
            documents.read(session.get_one(Campaign, issue).document)[0],
            "events",
            {"visible_to": ["full"]},
        )
        editing.edit(session, issue, document=documents.to_json(document), actor=TESTER, now=NOW)

        assert take(session, issue, item).id != "events"


@pytest.mark.parametrize("kind", ["story", "case_study", "event", "lab", "call", "post"])
def test_every_kind_can_be_added_and_its_issue_is_read_again(database: Database, kind: str) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session, kind)

        take(session, issue, item)

        _, problems = documents.read(session.get_one(Campaign, issue).document)
        assert problems == []
        assert standing(session, item) is ItemStanding.IN_ISSUE


def test_two_officers_who_add_the_same_item_have_it_once(database: Database) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session).id
    said: list[str] = []

    def second(session: Session) -> None:
        try:
            taking.add(session, issue, item, actor=OTHER, now=NOW)
        except NotAllowed as refusal:
            said.append(str(refusal))

    at_once(
        database, lambda session: taking.add(session, issue, item, actor=TESTER, now=NOW), second
    )

    with database.reading() as session:
        assert len(session.scalars(select(LibraryUse)).all()) == 1
    assert said == ['“Our wood” is in this issue already: Story "Our wood".']


def test_a_change_in_the_library_is_said_and_taken_only_by_a_press(database: Database) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session)
        made = take(session, issue, item)
        before = blocks.edit_block(
            session,
            issue,
            made.id,
            {"layout": "left", "visible_to": ["full"]},
            expected=blocks.revision(made),
            actor=TESTER,
            now=NOW,
        )
        written = WrittenItem({"headline": "Our wood", "text": "Ninety of us own it."})
        items.edit(session, item.id, written, expected=1, actor=OTHER, now=NOW)

        document, _ = documents.read(session.get_one(Campaign, issue).document)
        (changed,) = taking.pending_updates(session, document)[made.id].items
        assert changed.item_id == item.id
        assert blocks.block_of(session.get_one(Campaign, issue), made.id) == before

        taking.update(session, issue, made.id, actor=TESTER, now=NOW)
        after = block(session, issue, made.id)
        assert (after["text"], after["layout"]) == ("Ninety of us own it.", "left")
        assert after["visible_to"] == ["full"]
        document, _ = documents.read(session.get_one(Campaign, issue).document)
        assert taking.pending_updates(session, document) == {}
        assert session.scalars(select(LibraryUse)).one().revision == 2
        with pytest.raises(NotAllowed):
            taking.update(session, issue, made.id, actor=TESTER, now=NOW)

        undoing.undo(session, issue, actor=TESTER, now=NOW)
        assert blocks.block_of(session.get_one(Campaign, issue), made.id) == before


def test_what_readers_never_see_is_no_change(database: Database) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session)
        made = take(session, issue, item)
        written = WrittenItem({**item.fields, "rights": "By e-mail on 2 November."})
        items.edit(session, item.id, written, expected=1, actor=OTHER, now=NOW)

        document, _ = documents.read(session.get_one(Campaign, issue).document)

        assert item.revision == 2
        assert taking.pending_updates(session, document) == {}
        with pytest.raises(NotAllowed, match="already"):
            taking.update(session, issue, made.id, actor=TESTER, now=NOW)


def test_only_the_entry_that_changed_is_taken_again(database: Database) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session, "event")
        take(session, issue, item)
        written = WrittenItem({"title": "Winter conference", "start": "2027-01-19"})
        items.edit(session, item.id, written, expected=1, actor=OTHER, now=NOW)

        taking.update(session, issue, "events", actor=TESTER, now=NOW)

        events = block(session, issue, "events")["events"]
        assert [each["start"] for each in events] == [
            "2026-12-09T10:00",
            "2027-01-19",
            "2027-07-01",
        ]


def test_what_is_not_ready_or_in_the_bin_is_not_added(database: Database) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session)
        items.take_back(session, item.id, actor=TESTER, now=NOW)
        with pytest.raises(NotAllowed, match="not ready"):
            take(session, issue, item)
        items.make_ready(session, item.id, actor=TESTER, now=NOW)
        items.put_in_bin(session, item.id, actor=TESTER, now=NOW)
        with pytest.raises(NotAllowed, match="bin"):
            take(session, issue, item)


def test_what_adds_something_writes_a_line(database: Database) -> None:
    with database.writing() as session:
        issue, item = an_issue(session), an_item(session)
        take(session, issue, item)
        session.flush()

        acts = session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert acts[-1] == "library added to an issue"


def test_items_are_made_ready_only_when_nothing_is_missing(database: Database) -> None:
    with database.writing() as session:
        item = an_item(session)

        items.edit(
            session,
            item.id,
            WrittenItem({"headline": "Our wood"}),
            expected=1,
            actor=TESTER,
            now=NOW,
        )

        assert item.state is ItemState.DRAFT
        assert item.on_day is None
        assert an_item(session, "event").on_day == date(2027, 1, 12)
